public import Core

/// A failure on its way to the client (RFC 9457): what it reads, and apart from that what the log says.
///
/// This is the only place where errors become answers.
public struct Problem: Error, Sendable, Equatable {
    /// Why.
    public let refusal: Refusal
    /// One sentence for whoever asked; says nothing about our insides.
    public let detail: String
    /// Seconds after which it may work, for `Retry-After`.
    public let retryAfter: Int?
    /// What `Allow` says, with a 405.
    public let allow: String?
    /// For the log alone.
    public let inside: String?

    /// - Parameters:
    ///   - refusal: the code, and with it the status.
    ///   - detail: a better sentence than the code's own.
    ///   - retryAfter: seconds.
    ///   - allow: methods, comma separated.
    ///   - inside: for the log.
    public init(
        _ refusal: Refusal, detail: String? = nil, retryAfter: Int? = nil, allow: String? = nil, inside: String? = nil
    ) {
        self.refusal = refusal
        self.detail = detail ?? refusal.sentence
        self.retryAfter = retryAfter
        self.allow = allow
        self.inside = inside
    }

    /// The answer.
    ///
    /// - Parameter requestID: names the request in it.
    public func response(requestID: String) -> Response {
        var fields = [
            Response.Field("Content-Type", "application/problem+json"),
            Response.Field("X-Reelgate-Reason", refusal.code), Response.Field("Cache-Control", "no-store"),
        ]
        if refusal.status == 401 { fields.append(.init("WWW-Authenticate", "Bearer")) }
        if let retryAfter { fields.append(.init("Retry-After", "\(retryAfter)")) }
        if let allow { fields.append(.init("Allow", allow)) }
        return Response(status: refusal.status, fields: fields, body: json(requestID: requestID).bytes)
    }

    /// The answer's body.
    func json(requestID: String) -> JSON {
        [
            "type": "about:blank", "title": .string(refusal.title), "status": .integer(Int64(refusal.status)),
            "detail": .string(detail), "code": .string(refusal.code), "message": .string(detail),
            "error": .string(detail), "request_id": .string(requestID),
        ]
    }
}

/// Turns a leaf's error into an answer: `let file = try orRefuse(.noRoom) { () throws(SystemError) in … }`.
public func orRefuse<T: ~Copyable, E: Error>(
    _ refusal: Refusal, detail: String? = nil, _ body: () throws(E) -> T
) throws(Problem) -> T {
    do throws(E) {
        return try body()
    } catch {
        throw Problem(refusal, detail: detail, inside: "\(error)")
    }
}
