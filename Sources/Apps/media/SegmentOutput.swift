internal import AV
internal import Core
internal import Crypto
internal import Media
internal import POSIX
internal import Synchronization

/// The keys of a step, by number.
struct KeyStore: Sendable {
    private var keys: [UInt32: Secret<[UInt8]>] = [:]

    /// Reads what the pipe held: each key its number in four bytes, then its sixteen.
    mutating func read(_ bytes: [UInt8]) throws {
        guard bytes.count % 20 == 0 else { throw StepFailure(.keyMissing, "length") }
        for start in stride(from: 0, to: bytes.count, by: 20) {
            let number = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            keys[number] = Secret(Array(bytes[start + 4..<start + 20]))
        }
    }

    func has(_ number: UInt32) -> Bool { keys[number] != nil }

    subscript(_ number: UInt32) -> Secret<[UInt8]>? { keys[number] }
}

/// Encrypts segments and hands them out on descriptor 3; from several threads, one segment after the other.
final class SegmentOutput: Sendable {
    private struct Tally {
        var written: Int64 = 0
        var count = 0
    }

    /// How segments are wrapped.
    let packaging: Packaging
    private let keys: KeyStore
    private let limit: Int64
    private let pipe = Descriptor(adopting: 3)
    private let tally = Mutex(Tally())

    /// Segments handed out.
    var count: Int { tally.withLock { $0.count } }

    init(keys: KeyStore, packaging: Packaging, limit: Int64) {
        self.packaging = packaging
        self.keys = keys
        self.limit = limit
    }

    /// Hands out a segment.
    func emit(
        ordinal: UInt16, _ kind: FrameKind, segment: Int, start: Ticks, duration: Ticks, _ plain: [UInt8]
    ) throws {
        let number = UInt32(clamping: segment)
        let isFirst = kind == .initialisation
        let keyNumber = KeyPlan.number(ordinal: ordinal, segment: isFirst ? 0 : number)
        guard let key = keys[keyNumber] else { throw StepFailure(.keyMissing, "\(keyNumber)") }
        let vector = KeyPlan.vector(ordinal: ordinal, segment: isFirst ? KeyPlan.initialisation : number)
        let cipher = try key.reveal { (key) throws(CryptoFailure) in
            try AES128CBC.encrypt(plain.span, key: key.span, iv: vector.span)
        }
        let header = FrameHeader(
            ordinal: ordinal, kind: kind, segment: number, duration: UInt32(clamping: duration), start: start,
            length: UInt64(cipher.count))
        try write(header, cipher)
    }

    /// Hands out an image as it is.
    func emit(image: [UInt8], ordinal: UInt16, number: Int, start: Ticks, duration: Ticks) throws {
        let header = FrameHeader(
            ordinal: ordinal, kind: .image, segment: UInt32(clamping: number), duration: UInt32(clamping: duration),
            start: start, length: UInt64(image.count))
        try write(header, image)
    }

    private func write(_ header: FrameHeader, _ body: [UInt8]) throws {
        try tally.withLock { tally in
            tally.written += Int64(body.count)
            if tally.written > limit { throw StepFailure(.tooMuchOutput, "\(limit)") }
            try pipe.write(header.bytes.span)
            try pipe.write(body.span)
            tally.count += 1
        }
    }

    /// Hands out a text as it is: one a rendition, numbered 0.
    func emit(text: [UInt8], ordinal: UInt16, duration: Ticks) throws {
        let header = FrameHeader(
            ordinal: ordinal, kind: .text, segment: 0, duration: UInt32(clamping: duration), start: 0,
            length: UInt64(text.count))
        try tally.withLock { tally in
            tally.written += Int64(text.count)
            if tally.written > limit { throw StepFailure(.tooMuchOutput, "\(limit)") }
            try pipe.write(header.bytes.span)
            try pipe.write(text.span)
            tally.count += 1
        }
    }
}
