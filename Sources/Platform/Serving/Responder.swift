public import Core
public import FastCGI
internal import POSIX
public import Web

/// Answers one exchange after another.
public struct Responder {
    private let router: Router
    private let authentication: Authentication
    private let limits: RateLimits
    private let life: ChildLife
    private let log: Log

    /// - Parameters:
    ///   - router: the whole table.
    ///   - authentication: finds out who asks.
    ///   - limits: how often somebody may.
    ///   - life: is told which route runs.
    ///   - log: takes a line a request.
    public init(router: Router, authentication: Authentication, limits: RateLimits, life: ChildLife, log: Log) {
        self.router = router
        self.authentication = authentication
        self.limits = limits
        self.life = life
        self.log = log
    }

    /// Reads the request, runs its route, and answers.
    public func answer(_ exchange: consuming Exchange) {
        let began = Clocks.monotonicNanoseconds()
        let parameters = exchange.parameters()
        var record = Record(id: RequestDecoding.requestID(parameters))
        var response = respond(parameters, exchange.body(), &record)
        var head = ResponseEncoding.head(of: response)
        if head == nil {
            log.alert("answer_refused", ["request_id": .string(record.id), "route": .string(record.route)])
            let problem = Problem(.internalError)
            record.code = problem.refusal.code
            response = problem.response(requestID: record.id)
            head = ResponseEncoding.head(of: response)
        }
        let lines = head ?? []
        let body = response.body
        let sent = exchange.respond(head: lines.span, body: body.span)
        write(record, response, sent: sent, nanoseconds: Clocks.monotonicNanoseconds() - began)
    }

    private func respond(
        _ parameters: [(name: String, value: String?)], _ body: ExchangeBody, _ record: inout Record
    ) -> Response {
        do throws(Problem) {
            var request = try RequestDecoding.request(parameters, body: body, id: record.id)
            record.method = request.method.rawValue
            let match = try router.find(request.method, request.path)
            record.route = match.route.pattern
            life.note(RequestLabel(record.method + " " + record.route))
            request.caller = try admit(request, match.route)
            record.caller = request.caller.description
            try match.route.access.check(request.caller)
            switch match.route.body {
            case .none, .stream: request.body.limit = match.route.body == .none ? 0 : Int64.max
            case .json(let limit): request.body.limit = limit
            }
            defer { record.received = request.body.received }
            return try match.answer(request)
        } catch {
            record.code = error.refusal.code
            record.inside = error.inside
            return error.response(requestID: record.id)
        }
    }

    /// Finds out who asks and counts it: a known caller for himself, everybody else for the address.
    private func admit(_ request: Request, _ route: Route<Void>) throws(Problem) -> Caller {
        let now = Clocks.monotonicNanoseconds() / 1_000_000_000
        var caller = Caller.anyone
        do throws(Problem) {
            if !route.access.isOpen || route.access.notices {
                caller = try authentication.caller(request.headers, now: Clocks.wallSeconds())
            }
        } catch {
            if route.access.isOpen, error.refusal == .credentialsInvalid {
                try limits.admit(.anyone, address: request.address, rate: route.rate, now: now)
                return .anyone
            }
            try limits.admit(.anyone, address: request.address, rate: .usual, now: now)
            throw error
        }
        try limits.admit(caller, address: request.address, rate: route.rate, now: now)
        return caller
    }

    /// What the log says of a request: its route's pattern, never its path or query.
    private struct Record {
        let id: String
        var method = ""
        var route = ""
        var caller = ""
        var code = ""
        var inside: String?
        var received: Int64 = 0
    }

    private func write(_ record: Record, _ response: Response, sent: Bool, nanoseconds: Int64) {
        let fields: KeyValuePairs<String, JSON> = [
            "method": .string(record.method), "route": .string(record.route),
            "status": .integer(Int64(response.status)),
            "code": .string(record.code), "caller": .string(record.caller), "received": .integer(record.received),
            "bytes": .integer(Int64(response.body.count)), "microseconds": .integer(nanoseconds / 1000),
            "sent": .bool(sent), "request_id": .string(record.id), "reason": JSON(record.inside),
        ]
        if response.status >= 500 { log.warning("request", fields) } else { log.info("request", fields) }
    }
}
