public import Core

/// An answer: its status, its fields and its whole body.
public struct Response: Sendable, Equatable {
    /// The status.
    public var status: Int
    /// The fields but for `Status` and `Content-Length`, which the writer adds.
    public var fields: [Field]
    /// The body.
    public var body: [UInt8]

    /// A header field of an answer.
    public struct Field: Sendable, Equatable {
        /// The name, known when compiling.
        public let name: String
        /// The value; the writer refuses control bytes.
        public let value: String

        /// - Parameters: as the properties.
        public init(_ name: StaticString, _ value: String) {
            self.name = "\(name)"
            self.value = value
        }
    }

    /// - Parameters: as the properties.
    public init(status: Int, fields: [Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A JSON answer.
    public static func json(_ value: JSON, status: Int = 200, fields: [Field] = []) -> Response {
        Response(
            status: status, fields: [Field("Content-Type", "application/json; charset=utf-8")] + fields,
            body: value.bytes)
    }
}
