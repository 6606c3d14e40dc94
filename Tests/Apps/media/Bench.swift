import Crypto
import Foundation
import Helper
import Media
import POSIX
import Testing

/// Makes clips with ffmpeg and runs the real helper on them.
struct Bench: ~Copyable {
    let directory: String

    init() {
        directory = NSTemporaryDirectory() + "reelgate-media-" + Foundation.UUID().uuidString.prefix(8)
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Runs a tool; its output, and whether it was content.
    @discardableResult
    static func tool(_ name: String, _ arguments: [String]) throws -> (text: String, errors: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let output = NSTemporaryDirectory() + Foundation.UUID().uuidString
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        _ = FileManager.default.createFile(atPath: output + ".e", contents: nil)
        defer {
            try? FileManager.default.removeItem(atPath: output)
            try? FileManager.default.removeItem(atPath: output + ".e")
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: output + ".e")
        try process.run()
        process.waitUntilExit()
        let text = FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let errors =
            FileManager.default.contents(atPath: output + ".e").map { String(decoding: $0, as: UTF8.self) } ?? ""
        return (text, errors, process.terminationStatus)
    }

    /// A clip that ffmpeg makes: `picture` and `sound` are lavfi sources, `options` what follows.
    func clip(_ name: String, picture: String? = nil, sound: String? = nil, _ options: String) throws -> String {
        var arguments = ["-v", "error", "-y"]
        if let picture { arguments += ["-f", "lavfi", "-i", picture] }
        if let sound { arguments += ["-f", "lavfi", "-i", sound] }
        let path = "\(directory)/\(name)"
        let words = options.split(separator: " ").map { $0.replacingOccurrences(of: "DIR", with: directory) }
        let made = try Self.tool("ffmpeg", arguments + words + [path])
        if made.code != 0 { Issue.record("ffmpeg: \(made.errors)") }
        return path
    }

    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let path = "\(directory)/\(name)"
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        return path
    }

    static func key(_ number: UInt32) -> [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: Int(number) &* 31 &+ $0) } }

    func run(
        _ job: MediaJob, _ input: String, into folder: String = "out", packaging: Packaging = .ts
    ) throws -> HelperResult {
        var keys: [UInt32: [UInt8]] = [:]
        for number in MediaOrder(job, packaging: packaging).keyNumbers { keys[number] = Self.key(number) }
        var directories: [UInt16: String] = [:]
        for ordinal in Set(job.keyNumbers.map { UInt16($0 >> 16) }) {
            directories[ordinal] = "\(directory)/\(folder)/\(ordinal)"
        }
        if case .stills(_, let wanted, _) = job {
            for ordinal in [wanted.images, wanted.poster] {
                directories[ordinal] = "\(directory)/\(folder)/\(ordinal)"
            }
        }
        let program = "\(try Host.programDirectory())/reelgate-media"
        return try Helper.run(
            HelperRequest(
                program: program, job: job, input: input, keys: keys, directories: directories,
                packaging: packaging, seconds: 300)
        ) { _ in .goOn }
    }

    func inspect(_ input: String, as name: String? = nil, limits: MediaLimits = MediaLimits()) throws -> SourceFacts {
        let suffix = name ?? String(input.split(separator: ".").last ?? "")
        return try #require(try run(.inspect(extension: suffix, limits: limits), input).facts)
    }

    /// Why `inspect` refuses a file; `nil` when it does not.
    func refusal(_ input: String, as name: String? = nil, limits: MediaLimits = MediaLimits()) throws -> MediaFailure? {
        do {
            _ = try inspect(input, as: name, limits: limits)
            return nil
        } catch HelperFailure.refused(let code, _) {
            return code
        }
    }

    /// Makes everything a worker would make of a source, in slices of one and two segments.
    func makeAll(
        _ input: String, _ source: SourceFacts, folder: String = "out", packaging: Packaging = .ts
    ) throws -> Made {
        let limits = MediaLimits()
        var made = Made(directory: "\(directory)/\(folder)", source: source, packaging: packaging)
        let rungs = source.video.map { Ladder.rungs(for: $0) } ?? []
        let copied: UInt16? = rungs.first?.isCopied == true ? 0 : nil
        let sound: UInt16? = source.audio.isEmpty ? nil : UInt16(rungs.count)
        let copiesSound = source.audio.first?.copy.isCopy ?? false
        var from = 0
        while copied != nil || copiesSound, from < source.plan.count {
            let to = min(source.plan.count, from + (from == 0 ? 1 : 2))
            try made.add(
                run(
                    .remux(
                        source: source, from: from, to: to, video: copied, audio: copiesSound ? sound : nil,
                        limits: limits), input, into: folder, packaging: packaging))
            from = to
        }
        let encoded = rungs.filter { !$0.isCopied }
        from = 0
        while !encoded.isEmpty, from < source.plan.videoSegments {
            let to = min(source.plan.videoSegments, from + (from == 0 ? 1 : 2))
            let result = try run(
                .encode(
                    source: source, from: from, to: to,
                    rungs: encoded.compactMap { rung in source.video.map { rung.job(for: $0) } }, limits: limits),
                input, into: folder, packaging: packaging)
            made.frames += result.frames
            try made.add(result)
            from = to
        }
        from = 0
        while let sound, !copiesSound, from < source.plan.count {
            let to = min(source.plan.count, from + 2)
            try made.add(
                run(
                    .audio(source: source, from: from, to: to, ordinal: sound, limits: limits), input, into: folder,
                    packaging: packaging))
            from = to
        }
        try made.join()
        return made
    }
}

/// What was made of a source.
struct Made {
    let directory: String
    let source: SourceFacts
    var frames = 0
    var segments: [UInt16: [MadeSegment]] = [:]
    var renditions: [UInt16: RenditionFacts] = [:]
    let packaging: Packaging
    /// What came before the first segment, of each slice, decrypted.
    var initialisations: [UInt16: [[UInt8]]] = [:]

    init(directory: String, source: SourceFacts, packaging: Packaging) {
        self.directory = directory
        self.source = source
        self.packaging = packaging
    }

    mutating func add(_ result: HelperResult) throws {
        for segment in result.segments {
            guard segment.kind == .initialisation else {
                segments[segment.ordinal, default: []].append(segment)
                continue
            }
            // The next slice makes its own.
            let path = "\(directory)/\(segment.ordinal)/init.mp4"
            let bytes = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
            try FileManager.default.moveItem(
                atPath: path, toPath: "\(path).\(initialisations[segment.ordinal]?.count ?? 0)")
            let vector = KeyPlan.vector(ordinal: segment.ordinal, segment: KeyPlan.initialisation)
            let key = Bench.key(KeyPlan.number(ordinal: segment.ordinal, segment: 0))
            initialisations[segment.ordinal, default: []].append(
                try AES128CBC.decrypt(bytes.span, key: key.span, iv: vector.span))
        }
        for facts in result.renditions { renditions[facts.ordinal] = facts }
    }

    func joined(_ ordinal: UInt16) -> String { "\(directory)/\(ordinal).\(packaging == .ts ? "ts" : "mp4")" }

    /// Decrypts every rendition into one file, and writes playlist and keys for players.
    mutating func join() throws {
        for (ordinal, list) in segments {
            let ordered = list.sorted { $0.number < $1.number }
            segments[ordinal] = ordered
            var whole = initialisations[ordinal]?.first ?? []
            if packaging == .cmaf {
                try FileManager.default.moveItem(
                    atPath: "\(directory)/\(ordinal)/init.mp4.0", toPath: "\(directory)/\(ordinal)/init.mp4")
            }
            try FileManager.default.createDirectory(atPath: "\(directory)/key", withIntermediateDirectories: true)
            for segment in ordered {
                let number = UInt32(segment.number)
                let key = Bench.key(KeyPlan.number(ordinal: ordinal, segment: number))
                let bytes =
                    FileManager.default.contents(
                        atPath: "\(directory)/\(ordinal)/\(FrameKind.picture.fileName(segment.number, packaging))"
                    ).map { [UInt8]($0) }
                    ?? []
                whole += try AES128CBC.decrypt(
                    bytes.span, key: key.span, iv: KeyPlan.vector(ordinal: ordinal, segment: number).span)
                _ = FileManager.default.createFile(
                    atPath: "\(directory)/key/\(KeyPlan.number(ordinal: ordinal, segment: number))", contents: Data(key)
                )
            }
            _ = FileManager.default.createFile(atPath: joined(ordinal), contents: Data(whole))
            let facts = ordered.map { SegmentFacts(number: $0.number, duration: $0.duration, bytes: $0.bytes) }
            let text = MediaPlaylist.write(facts, ordinal: ordinal, isComplete: true, packaging: packaging)
            _ = FileManager.default.createFile(atPath: "\(directory)/\(ordinal)/index.m3u8", contents: Data(text.utf8))
        }
    }

    /// Hashes of the decoded frames; an empty list when ffmpeg complains.
    static func frames(_ path: String, _ stream: String = "0:v") throws -> [Substring] {
        let done = try Bench.tool(
            "ffmpeg",
            ["-v", "error", "-xerror"] + (path.hasSuffix("m3u8") ? ["-allowed_extensions", "ALL"] : [])
                + ["-vsync", "passthrough", "-i", path, "-map", stream, "-f", "framemd5", "-"])
        if done.code != 0 || !done.errors.isEmpty {
            Issue.record("\(path): \(done.errors)")
            return []
        }
        return done.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: ",").last
        }
    }

    /// A packet of a joined rendition, times on the lesson's clock.
    struct PacketTimes {
        let shown: Ticks
        let decoded: Ticks
        let isKey: Bool
    }

    func packets(_ ordinal: UInt16) throws -> [PacketTimes] {
        let text = try Bench.tool(
            "ffprobe",
            ["-v", "error", "-show_entries", "packet=pts_time,dts_time,flags", "-of", "csv=p=0", joined(ordinal)]
        ).text
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ",")
            guard parts.count >= 3, let shown = Double(parts[0]), let decoded = Double(parts[1]) else { return nil }
            return PacketTimes(
                shown: Ticks((shown * 90_000).rounded()) - Ticks.streamOffset,
                decoded: Ticks((decoded * 90_000).rounded()) - Ticks.streamOffset, isKey: parts[2].contains("K"))
        }
    }

    /// Breaks in the continuity counters of the joined stream, over all PIDs.
    func continuityBreaks(_ ordinal: UInt16) -> Int {
        if packaging != .ts { return 0 }
        let bytes = FileManager.default.contents(atPath: joined(ordinal)).map { [UInt8]($0) } ?? []
        var last: [Int: Int] = [:]
        var breaks = bytes.count % 188 == 0 ? 0 : 1
        for start in stride(from: 0, to: bytes.count - 187, by: 188) {
            let pid = Int(bytes[start + 1] & 0x1F) << 8 | Int(bytes[start + 2])
            let counter = Int(bytes[start + 3] & 15)
            let hasPayload = bytes[start + 3] & 0x10 != 0
            if let before = last[pid], counter != (before + (hasPayload ? 1 : 0)) % 16 { breaks += 1 }
            last[pid] = counter
        }
        return breaks
    }
}
