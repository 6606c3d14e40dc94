internal import AV
internal import Core
internal import Crypto
internal import Media
internal import POSIX
internal import Sandbox

@main
enum Program {
    static func main() { Host.exit(Helper.run()) }
}

/// Why a step ends without its result.
struct StepFailure: Error {
    let code: MediaFailure
    let detail: String

    init(_ code: MediaFailure, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }

    /// The same for what a library threw.
    init(_ error: any Error) {
        switch error {
        case let failure as StepFailure: self = failure
        case let failure as AVFailure:
            self.init(failure.isMemory ? .memory : .library, failure.description)
        case let failure as SystemError: self.init(.output, failure.description)
        default: self.init(.library, "\(error)")
        }
    }
}

/// The helper from its first breath to its exit code.
enum Helper {
    static let input: Int32 = 5

    static func run() -> Int32 {
        Host.harden()
        _ = Children.dieWithParent()
        do {
            let order = try readOrder()
            let keys = try readKeys(for: order)
            try closeJail(order.job)
            try perform(order, keys)
            return 0
        } catch {
            let failure = StepFailure(error)
            let detail = String(failure.detail.unicodeScalars.prefix(1000).map { Character($0) })
            say(.failed(failure.code, detail: detail))
            return 1
        }
    }

    static func say(_ event: MediaEvent) { Host.print(event.json.description) }

    private static func readOrder() throws -> MediaOrder {
        let input = Descriptor(adopting: 0)
        do {
            return try MediaOrder(parsing: try input.readAll(limit: 16 << 20))
        } catch {
            throw StepFailure(.badJob, "\(error)")
        }
    }

    private static func readKeys(for order: MediaOrder) throws -> KeyStore {
        var store = KeyStore()
        if order.keyNumbers.isEmpty { return store }
        let pipe = Descriptor(adopting: 4)
        do {
            try store.read(try pipe.readAll(limit: 4 << 20))
        } catch let error as SystemError {
            throw StepFailure(.keyMissing, error.description)
        }
        for number in order.keyNumbers where !store.has(number) { throw StepFailure(.keyMissing, "\(number)") }
        return store
    }

    /// Everything that opens a file or asks for a lock of its own has happened before this.
    private static func closeJail(_ job: MediaJob) throws {
        let limits = job.limits
        AVLibrary.prepare()
        CryptoLibrary.warmUp()
        if job.needsFilters, !PictureFilter.prepare() { throw StepFailure(.library, "libavfilter is not installed") }
        _ = try AES128CBC.encrypt(
            [0].span, key: [UInt8](repeating: 0, count: 16).span, iv: [UInt8](repeating: 0, count: 16).span)
        do {
            let report = try Jail.close(memory: limits.memory, processorSeconds: limits.processorSeconds)
            say(
                .jail(
                    JailReport(
                        limits: report.limits, noNewPrivileges: report.noNewPrivileges, landlock: report.landlock,
                        seccomp: report.seccomp)))
        } catch {
            throw StepFailure(.jail, error.call)
        }
    }

    private static func perform(_ order: MediaOrder, _ keys: KeyStore) throws {
        let limit = order.job.limits.outputBytes
        let output = SegmentOutput(keys: keys, packaging: order.packaging, limit: limit)
        switch order.job {
        case .inspect(let name, let limits):
            say(.facts(try Inspection(extension: name, limits: limits).run()))
        case .loudness(let source, let limits):
            say(.facts(try LoudnessPass(try openAgain(limits), source, limits).run()))
        case .probe(let source, let places, let rungs, let limits):
            let demuxer = try openAgain(limits)
            try Probe(source: source, places: places, rungs: rungs, limits: limits, demuxer: demuxer).run()
        case .remux(let source, let from, let to, let video, let audio, let limits):
            let demuxer = try openAgain(limits)
            try Remux(demuxer, source, from..<to, video: video, audio: audio, output).run()
        case .encode(let source, let from, let to, let rungs, let limits):
            let demuxer = try openAgain(limits)
            try Encode(demuxer, source, from..<to, rungs, limits, output).run()
        case .audio(let source, let from, let to, let ordinal, let limits):
            let demuxer = try openAgain(limits)
            try SoundSlices(demuxer, source, from..<to, ordinal, limits, output).run()
        case .captions(let source, let tracks, let limits):
            let demuxer = try openAgain(limits)
            try CaptionTexts(demuxer, source, tracks, output).run()
        case .stills(let source, let wanted, let limits):
            let demuxer = try openAgain(limits)
            try Stills(demuxer, source, wanted, limits, output).run()
        }
    }

    private static func openAgain(_ limits: MediaLimits) throws -> Demuxer {
        do {
            return try Demuxer.open(descriptor: input, maximalStreams: limits.streams)
        } catch {
            throw StepFailure(error.isMemory ? .memory : .changed, error.description)
        }
    }
}
