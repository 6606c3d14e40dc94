internal import Core

/// The text of a file of captions as lines of UTF-8, whatever it was written in.
struct CueLines {
    /// Each line without its end.
    let lines: [[UInt8]]
    /// What it was written in.
    let encoding: CaptionFile.Encoding

    /// - Throws: `.format` when it is no text.
    init(_ bytes: [UInt8]) throws(CaptionFault) {
        var text: [UInt8]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            guard String(validating: bytes.dropFirst(3), as: UTF8.self) != nil else {
                throw CaptionFault(.format, line: 0, "it is not the UTF-8 it claims to be")
            }
            text = Array(bytes.dropFirst(3))
            encoding = .utf8
        } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            text = try Self.fromUTF16(bytes)
            encoding = .utf16
        } else if String(validating: bytes, as: UTF8.self) != nil {
            text = bytes
            encoding = .utf8
        } else {
            text = Self.fromWindows1252(bytes)
            encoding = .windows1252
        }
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case 13:
                if index < text.count, text[index] == 10 { index += 1 }
                lines.append([])
            case 10: lines.append([])
            case 9: lines[lines.count - 1].append(9)
            case 12: lines[lines.count - 1].append(32)
            case 0..<32, 127: throw CaptionFault(.format, line: lines.count, "it holds bytes that are no text")
            default: lines[lines.count - 1].append(byte)
            }
        }
        self.lines = lines
    }

    private static func fromUTF16(_ bytes: [UInt8]) throws(CaptionFault) -> [UInt8] {
        let isBig = bytes[0] == 0xFE
        guard bytes.count % 2 == 0 else { throw CaptionFault(.format, line: 0, "it is not the UTF-16 it claims to be") }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            let (one, two) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isBig ? one << 8 | two : two << 8 | one)
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw CaptionFault(.format, line: 0, "it is not the UTF-16 it claims to be")
        }
        return Array(text.utf8)
    }

    /// WHATWG Encoding §9, index-windows-1252; the five bytes without a letter become U+FFFD.
    private static func fromWindows1252(_ bytes: [UInt8]) -> [UInt8] {
        let high: [UInt32] = [
            0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
            0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
            0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
        ]
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                text.append(byte)
            } else {
                let value = byte < 0xA0 ? high[Int(byte - 0x80)] : UInt32(byte)
                if let scalar = Unicode.Scalar(value) { text.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
            }
        }
        return text
    }

    // MARK: Looking at lines

    static func skipBlanks(_ line: [UInt8], from start: Int) -> Int {
        var at = start
        while at < line.count, line[at] == 32 || line[at] == 9 { at += 1 }
        return at
    }

    static func isBlank(_ line: [UInt8]) -> Bool { skipBlanks(line, from: 0) == line.count }

    /// Where `-->` stands.
    static func arrow(in line: [UInt8]) -> Int? {
        var index = 0
        while index + 2 < line.count {
            if line[index] == 45, line[index + 1] == 45, line[index + 2] == 62 { return index }
            index += 1
        }
        return nil
    }

    /// Digits and nothing else but blanks around them.
    static func isNumber(_ line: [UInt8]) -> Bool {
        let from = skipBlanks(line, from: 0)
        var to = line.count
        while to > from, line[to - 1] == 32 || line[to - 1] == 9 { to -= 1 }
        return to > from && line[from..<to].allSatisfy { (48...57).contains($0) }
    }

    /// Whether a line is `word` alone, or `word` and a blank before more.
    static func begins(_ line: [UInt8], with word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard line.span.starts(with: word) else { return false }
        return line.count == length || line[length] == 32 || line[length] == 9
    }
}
