public import Core
public import Fetch
public import Jobs
internal import POSIX
public import Postgres

/// Delivers callbacks.
public struct CallbackJobs {
    /// The kinds of jobs this feature handles.
    public static let kinds = ["callback"]

    private let connection: Connection
    private let store: any CallbackStore
    private let secret: Secret<[UInt8]>
    private let bearer: Secret<String>?
    private let allowPrivate: Bool
    private let log: Log
    private let resolve: (String) -> [IPAddress]
    private let send: (Post) -> Result<Int, FetchFailure>

    /// - Parameters:
    ///   - connection: the worker's.
    ///   - store: where tasks are.
    ///   - secret: what bodies are signed with.
    ///   - bearer: a credential for the receiver.
    ///   - allowPrivate: lets callbacks go to private addresses and over plain http.
    ///   - resolve: gives a host's addresses.
    ///   - send: sends a request, answers the status.
    public init(
        connection: Connection, store: any CallbackStore, secret: Secret<[UInt8]>, bearer: Secret<String>?,
        allowPrivate: Bool, log: Log, resolve: @escaping (String) -> [IPAddress] = { Resolver.addresses(of: $0) },
        send: @escaping (Post) -> Result<Int, FetchFailure> = { post in
            do throws(FetchFailure) { return .success(try post.send()) } catch { return .failure(error) }
        }
    ) {
        self.connection = connection
        self.store = store
        self.secret = secret
        self.bearer = bearer
        self.allowPrivate = allowPrivate
        self.log = log
        self.resolve = resolve
        self.send = send
    }

    /// Runs one claimed job.
    public func run(_ job: Job) throws(DatabaseError) {
        guard let task = job.task, let id = job.payload["delivery"]?.string,
            var delivery = try store.delivery(for: task)
        else {
            _ = try Queue.finish(job.lease, on: connection)
            return
        }
        delivery.id = id
        if job.isExhausted { return try end(job, task, .failed, .callbackFailed) }
        switch attempt(delivery) {
        case .success: try end(job, task, .delivered, nil)
        case .failure(.callbackFailed):
            if delivery.age > DeliveryRule.longest || job.failures + 1 >= job.maxAttempts {
                return try end(job, task, .failed, .callbackFailed)
            }
            let wait = DeliveryRule.wait(failures: job.failures + 1, chance: Double.random(in: 0..<1))
            _ = try Queue.fail(
                job.lease, code: Refusal.callbackFailed.code, detail: "not accepted", wait: wait, on: connection)
        case .failure(let why): try end(job, task, .refused, why)
        }
    }

    private func end(_ job: Job, _ task: UUID, _ state: CallbackState, _ code: Refusal?) throws(DatabaseError) {
        try connection.transaction { () throws(DatabaseError) in
            guard try Queue.finish(job.lease, on: connection) else { return }
            try store.note(state, code: code, of: task)
        }
        log.info(
            "callback",
            ["task": .string(task.description), "state": .string(state.rawValue), "code": JSON(code?.code)])
    }

    /// Sends a delivery once.
    ///
    /// - Returns: a refusal other than `callbackFailed` is final.
    func attempt(_ delivery: Delivery) -> Result<Void, Refusal> {
        guard let url = CallbackURL(delivery.url), url.isSecure || allowPrivate else { return .failure(.callbackUrl) }
        let addresses = IPAddress(url.host).map { [$0] } ?? resolve(url.host)
        let address: IPAddress
        switch AddressRule.choose(addresses, allowPrivate: allowPrivate) {
        case .success(let chosen): address = chosen
        case .failure(let why): return .failure(why)
        }
        let body = delivery.body.bytes
        let signature = secret.reveal {
            CallbackSignature.header(body, secret: $0, at: UnixTime(Clocks.wallSeconds()))
        }
        var fields = [
            "Content-Type: application/json", "Accept: */*", "Reelgate-Delivery: \(delivery.id)",
            "Reelgate-Signature: \(signature)",
        ]
        bearer?.reveal { fields.append("Authorization: Bearer \($0)") }
        let post = Post(url: url.text, host: url.host, port: url.port, address: address, fields: fields, body: body)
        switch send(post) {
        case .success(let status):
            if DeliveryRule.isAccepted(status) { return .success(()) }
            log.warning("callback not accepted", ["delivery": .string(delivery.id), "status": .integer(Int64(status))])
        case .failure(let failure):
            log.warning(
                "callback not delivered", ["delivery": .string(delivery.id), "reason": .string(failure.description)])
        }
        return .failure(.callbackFailed)
    }
}
