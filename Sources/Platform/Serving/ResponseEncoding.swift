internal import Core
internal import Web

/// Writes the head of an answer, and refuses what would be read as something else.
enum ResponseEncoding {
    /// Bytes a head may have: nginx reads it into one buffer of 4 KiB.
    static let longest = 4000

    /// The head's lines, each ending in CRLF.
    ///
    /// - Returns: `nil` when a field holds a byte that is not printable (a CR or LF would begin another field), a name
    ///   is none or stands twice, or the head is too long.
    static func head(of response: Response) -> [UInt8]? {
        var out = Array("Status: \(response.status) \(reason(response.status))\r\n".utf8)
        var names: Set<String> = []
        var fields = response.fields
        if response.status != 204 { fields.append(.init("Content-Length", "\(response.body.count)")) }
        for field in fields {
            let name = Array(field.name.utf8)
            let value = Array(field.value.utf8)
            guard !name.isEmpty, name.allSatisfy({ ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || $0 == 45 }),
                name.first != 45, field.name.lowercased() != "status", names.insert(field.name.lowercased()).inserted,
                value.allSatisfy({ $0 >= 32 && $0 != 127 })
            else { return nil }
            out += name + [58, 32] + value + [13, 10]
        }
        for (name, value) in standing where !names.contains(name.lowercased()) {
            out += Array("\(name): \(value)\r\n".utf8)
        }
        return out.count <= longest ? out : nil
    }

    /// What every answer carries unless it says otherwise.
    private static let standing = [
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("X-Frame-Options", "DENY"),
    ]

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        default: Refusal.title(of: status)
        }
    }
}
