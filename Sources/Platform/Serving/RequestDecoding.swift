internal import Core
public import FastCGI
public import Web

/// Turns what nginx sent into a request.
enum RequestDecoding {
    /// The id nginx gave the request, or a new one: it names the request in answers and logs.
    static func requestID(_ parameters: [(name: String, value: String?)]) -> String {
        for parameter in parameters where parameter.name == "REQUEST_ID" {
            guard let id = parameter.value, (8...64).contains(id.utf8.count),
                id.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) || $0 == 45 })
            else { break }
            return id
        }
        return UUID().description
    }

    /// The request.
    ///
    /// - Throws: 400 for a target or a length that is not valid, 405 for a method nobody knows.
    static func request(
        _ parameters: [(name: String, value: String?)], body: (any BodySource)?, id: String
    ) throws(Problem) -> Request {
        var own: [String: String] = [:]
        var fields: [(name: String, value: String?)] = []
        for (name, value) in parameters {
            if name.hasPrefix("HTTP_") {
                // nginx gives Content-Type and Content-Length names of their own; a client can't give them twice.
                if name == "HTTP_CONTENT_TYPE" || name == "HTTP_CONTENT_LENGTH" { continue }
                fields.append((fieldName(name.utf8.dropFirst(5)), value))
            } else if let value {
                own[name] = value
            } else if name == "REQUEST_URI" {
                throw Problem(.badRequest, detail: "The path is not valid.")
            }
        }
        if let type = own["CONTENT_TYPE"], !type.isEmpty { fields.append(("content-type", type)) }
        guard let method = Method(rawValue: own["REQUEST_METHOD"] ?? "") else { throw Problem(.method) }
        let target = Array((own["REQUEST_URI"] ?? "").utf8)
        let mark = target.firstIndex(of: UInt8(ascii: "?"))
        let path = try Path(target[..<(mark ?? target.count)])
        let query = try Query(mark.map { target[($0 + 1)...] } ?? [])
        var declared: Int64?
        if let length = own["CONTENT_LENGTH"], !length.isEmpty {
            guard let value = Digits.parse(length) else {
                throw Problem(.badRequest, detail: "The length is not valid.")
            }
            declared = value
        }
        return Request(
            method: method, path: path, query: query, headers: Headers(fields), body: Body(body, declared: declared),
            address: own["REMOTE_ADDR"] ?? "", id: id)
    }

    private static func fieldName(_ name: some Sequence<UInt8>) -> String {
        String(
            decoding: name.map { byte in
                byte == UInt8(ascii: "_") ? UInt8(ascii: "-") : byte >= 65 && byte <= 90 ? byte + 32 : byte
            }, as: UTF8.self)
    }
}

extension ExchangeBody: BodySource {}
