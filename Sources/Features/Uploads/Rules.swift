internal import Core
internal import Media
public import Storage
internal import Tokens
public import Web

/// What is decided about uploads.
public enum UploadRules {
    /// The type that a file's name claims; `nil` when it is not on the list.
    public static func kind(ofFileNamed name: String) -> FileExtension? {
        let bytes = Array(name.utf8)
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), bytes.count - dot <= 5 else { return nil }
        let lower = bytes[(dot + 1)...].map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        return FileExtension.allCases.first { lower.elementsEqual($0.rawValue.utf8) }
    }

    /// A client's name for a file, fit to be shown: its last part, without control and direction characters, at most
    /// 200 bytes. Never part of a path.
    public static func shownName(_ name: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar.value {
            case 0x2F, 0x5C: scalars = String.UnicodeScalarView()
            case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: break
            default: scalars.append(scalar)
            }
        }
        return shortened(String(scalars), to: 200)
    }

    /// The text without control characters, at most `count` bytes of whole characters.
    public static func shortened(_ text: String, to count: Int) -> String {
        var out = ""
        for character in text {
            if character.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) { continue }
            guard out.utf8.count + character.utf8.count <= count else { break }
            out.append(character)
        }
        return out
    }

    /// Whether the caller may replace a course's presentation: an instructor may when every lesson of the course is his.
    ///
    /// - Parameter trainers: whose lessons the course has.
    /// - Throws: 404.
    public static func mayPresent(trainers: [String], _ caller: Caller) throws(Problem) {
        switch caller {
        case .key, .user(_, role: .admin): return
        case .user(let id, role: .instructor)
        where trainers.count == 1 && trainers.allSatisfy({ $0.utf8.elementsEqual(id.utf8) }):
            return
        case .user, .anyone: throw Problem(.notFound)
        }
    }

    /// Whether there is room for a body, and for the service to live on.
    ///
    /// - Parameters:
    ///   - length: what was announced.
    ///   - free: bytes that may still be written.
    ///   - reserve: bytes of them that stay free.
    /// - Throws: 507.
    public static func hasRoom(length: Int64?, free: Int64, reserve: Int64) throws(Problem) {
        guard free - reserve >= length ?? 0 else { throw Problem(.noRoom, inside: "\(free) bytes are free") }
    }

    /// Which of the callbacks' addresses are used. One that can't be never fails an upload.
    public static func callbacks(success: String?, error: String?, allowPrivate: Bool) -> Callbacks {
        let refusals = [success, error].map { $0.flatMap { refusal(ofCallback: $0, allowPrivate: allowPrivate) } }
        return Callbacks(
            success: refusals[0] == nil ? success : nil, error: refusals[1] == nil ? error : nil,
            refused: refusals[0] ?? refusals[1])
    }

    /// Why a callback's address can't be used, as far as its text says; what its name stands for is looked at when it
    /// is called.
    static func refusal(ofCallback url: String, allowPrivate: Bool) -> Refusal? {
        let bytes = Array(url.utf8)
        var buffer = InlineArray<320, UInt8>(repeating: 0)
        var span = buffer.mutableSpan
        guard bytes.count <= 2048, let count = Origin.normalise(bytes.span, wholeOrigin: false, into: &span) else {
            return .callbackUrl
        }
        if allowPrivate { return nil }
        let origin = String(decoding: (0..<count).map { buffer[$0] }, as: UTF8.self)
        guard origin.hasPrefix("https://") else { return .callbackUrl }
        let host = origin.utf8.dropFirst(8).prefix { $0 != UInt8(ascii: ":") }
        let parts = host.split(separator: UInt8(ascii: "."))
        if host.elementsEqual("localhost".utf8) || parts.last.map({ $0.elementsEqual("localhost".utf8) }) == true {
            return .callbackAddress
        }
        // A last label of digits is an address, in whatever notation: names never end so.
        if let last = parts.last, last.allSatisfy({ $0 >= 48 && $0 <= 57 }) || last.starts(with: "0x".utf8) {
            return isPublic(parts.map { Digits.parse(Array($0).span) }) ? nil : .callbackAddress
        }
        return nil
    }

    /// Whether four decimal numbers are an address of the public network (RFC 6890).
    private static func isPublic(_ parts: [Int64?]) -> Bool {
        let known = parts.compactMap { $0 }
        guard parts.count == 4, known.count == 4, known.allSatisfy({ $0 <= 255 }) else { return false }
        switch (known[0], known[1], known[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (100, 64...127, _),
            (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113), (224..., _, _):
            return false
        default: return true
        }
    }

    /// Whether a file begins as one of its kind does: what can't be opened and does not is of another type, not damaged.
    ///
    /// - Parameter front: its first bytes, 12 if there are so many.
    public static func begins(_ front: Span<UInt8>, as kind: FileExtension) -> Bool {
        switch kind {
        case .mp4, .mov, .m4v:
            guard front.count >= 8 else { return false }
            let box = front.extracting(4..<8)
            return box.equals("ftyp") || box.equals("moov") || box.equals("mdat") || box.equals("free")
                || box.equals("skip") || box.equals("wide")
        case .mkv, .webm: return front.equals([0x1A, 0x45, 0xDF, 0xA3], first: 4)
        case .avi: return front.count >= 12 && front.starts(with: "RIFF") && front.extracting(8..<12).equals("AVI ")
        case .wmv: return front.equals([0x30, 0x26, 0xB2, 0x75], first: 4)
        case .flv: return front.starts(with: "FLV")
        case .mpg: return front.equals([0, 0, 1], first: 3)
        case .ts: return front.equals([0x47], first: 1)
        }
    }
}

extension Span<UInt8> {
    fileprivate func equals(_ bytes: [UInt8], first length: Int) -> Bool {
        count >= length && extracting(0..<length).equals(bytes.span)
    }
}

extension UploadRules {
    /// The names that a file without a place in a course may have, in the order of liking: its own, as far as an id can
    /// hold it, and that with eight digits behind.
    ///
    /// - Parameter chance: where the digits come from.
    static func videoNames(ofFileNamed name: String, chance: UUID) -> [Slug] {
        let shown = Array(shownName(name).utf8)
        let stem = shown[..<(shown.lastIndex(of: UInt8(ascii: ".")) ?? shown.endIndex)]
        let plain = stem.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 95: byte
            default: UInt8(ascii: "_")
            }
        }.drop { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }.prefix(48)
        let text = plain.isEmpty ? "video" : String(decoding: plain, as: UTF8.self)
        return [Slug(text), Slug("\(text)-\(chance.description.prefix(8))")].compactMap { $0 }
    }
}
