internal import Core

/// What stands in front of one part of a form.
public struct PartHead: Sendable, Equatable {
    /// The field's name.
    public let name: String
    /// The file's name as the client wrote it, if this is a file: for people only, never part of a path.
    public let filename: String?

    /// - Parameters: as the properties.
    public init(name: String, filename: String?) {
        self.name = name
        self.filename = filename
    }

    /// Reads the lines; `nil` when they are no valid head of a form's field.
    init?(_ bytes: Span<UInt8>) {
        var disposition: String?
        var lines = 0
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 13 { end += 1 }
            if end < bytes.count { guard end + 1 < bytes.count, bytes[end + 1] == 10 else { return nil } }
            let line = bytes.extracting(start..<end)
            lines += 1
            guard lines <= 16, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            for index in 0..<colon { guard HeaderReader.isTokenByte(line[index]) else { return nil } }
            for index in colon..<line.count {
                guard line[index] >= 32 || line[index] == 9, line[index] != 127 else { return nil }
            }
            guard let text = line.text else { return nil }
            let name = String(text.utf8.prefix(colon)) ?? ""
            let value = (String(text.utf8.dropFirst(colon + 1)) ?? "").trimmingBlanks
            switch name.lowercased() {
            case "content-disposition":
                guard disposition == nil else { return nil }
                disposition = value
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else { return nil }
            default: break
            }
            start = end + 2
        }
        guard let disposition else { return nil }
        var reader = HeaderReader(Array(disposition.utf8))
        guard let kind = reader.token(), kind.lowercased() == "form-data", let parameters = reader.parameters() else {
            return nil
        }
        var field: String?
        var plain: String?
        var extended: String?
        for (key, value) in parameters {
            switch key {
            case "name":
                guard field == nil else { return nil }
                field = value
            case "filename":
                guard plain == nil else { return nil }
                plain = value
            case "filename*":
                guard extended == nil, let text = Self.decodeExtended(value) else { return nil }
                extended = text
            default: break
            }
        }
        guard let field, !field.isEmpty, field.utf8.count <= 128 else { return nil }
        name = field
        filename = extended ?? plain
    }

    /// `UTF-8''caf%C3%A9` (RFC 8187).
    private static func decodeExtended(_ value: String) -> String? {
        let parts = value.utf8.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, (String(parts[0]) ?? "").lowercased() == "utf-8" else { return nil }
        return Percent.decode(Array(parts[2]).span)
    }
}

extension String {
    /// Without blanks and tabs at both ends.
    var trimmingBlanks: String {
        let bytes = utf8.drop { $0 == 32 || $0 == 9 }
        guard let last = bytes.lastIndex(where: { $0 != 32 && $0 != 9 }) else { return "" }
        return String(bytes[...last]) ?? ""
    }
}
