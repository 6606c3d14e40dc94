internal import Core
internal import Media
internal import POSIX

/// A running helper and our ends of its pipes.
struct HelperChild: ~Copyable {
    let process: Int32
    private let isEnclosed: Bool
    let events: Descriptor
    let log: Descriptor
    let frames: Descriptor

    /// Starts it at the head of a group of its own, with an empty environment and six descriptors: job, events, log,
    /// segments, keys, input.
    init(_ request: HelperRequest) throws(SystemError) {
        let input = try Descriptor(reading: request.input).duplicate()
        let job = try Self.message("job", request.order.json.bytes)
        let keys = try Self.message("keys", Self.keys(request))
        let events = try Pipe.make()
        let log = try Pipe.make()
        let frames = try Pipe.make()
        let enclosure = request.enclosure
        process = try Launch(
            enclosure?.program ?? request.program, enclosure?.arguments ?? [],
            environment: ["SWIFT_BACKTRACE": "enable=no", "LC_ALL": "C"],
            descriptors: [
                (job.raw, 0), (events.writing.raw, 1), (log.writing.raw, 2), (frames.writing.raw, 3), (keys.raw, 4),
                (input.raw, 5),
            ], ownGroup: true
        ).start()
        if request.niceness > 0 { Children.setNiceness(ofGroup: process, request.niceness) }
        Children.setDiskPriority(ofGroup: process, request.disk)
        isEnclosed = enclosure != nil
        self.events = events.split { reading, _ in reading }
        self.log = log.split { reading, _ in reading }
        self.frames = frames.split { reading, _ in reading }
    }

    /// A file in memory at its beginning: the child reads it like a pipe, and nobody can block on filling it.
    private static func message(_ name: String, _ bytes: [UInt8]) throws(SystemError) -> Descriptor {
        let file = try Descriptor(inMemory: name)
        try file.write(bytes.span)
        try file.seek(to: 0)
        return file
    }

    private static func keys(_ request: HelperRequest) -> [UInt8] {
        var all: [UInt8] = []
        for number in request.order.keyNumbers {
            guard let key = request.keys[number] else { continue }
            for shift in [24, 16, 8, 0] as [UInt32] { all.append(UInt8(truncatingIfNeeded: number >> shift)) }
            all.append(contentsOf: key)
        }
        return all
    }

    /// Waits for its end until `deadline` on the monotonic clock.
    borrowing func end(by deadline: Int64) -> ChildEnd? {
        while true {
            if let end = Children.poll(process) { return isEnclosed ? Enclosure.inner(end) : end }
            if Clocks.monotonicNanoseconds() > deadline { return nil }
            Clocks.sleep(milliseconds: 2)
        }
    }

    /// Kills it and everything in its group, and waits.
    borrowing func kill() {
        Children.signal(process, 9, group: true)
        Children.signal(process, 9)
        _ = Children.wait(for: process)
    }
}
