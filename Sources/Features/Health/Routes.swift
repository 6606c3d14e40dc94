internal import Core
public import Web

/// Looks at the parts.
public protocol HealthProbes: AnyObject {
    /// How they are now; takes a few seconds at most.
    func look() -> HealthReport
}

/// What the handlers need.
public struct Health {
    let probes: any HealthProbes
    let now: () -> Int64

    /// - Parameters:
    ///   - probes: looks at the parts.
    ///   - now: wall-clock seconds.
    public init(probes: any HealthProbes, now: @escaping () -> Int64) {
        self.probes = probes
        self.now = now
    }
}

/// The feature's routes.
public func healthRoutes() -> [Route<Health>] {
    [Route(.get, "/health", by: .anyone, about: .health, to: health)]
}

// MARK: GET /health

private func health(_ health: Health, _ request: Request) throws(Problem) -> Response {
    let report = health.probes.look()
    let status = HealthRules.status(report)
    return .json(
        [
            "status": .string(status), "timestamp": .string(UnixTime(health.now()).rfc3339),
            "checks": [
                "database": .string(report.database.rawValue), "storage": .string(report.storage.rawValue),
                "queue": .string(report.queue.rawValue), "gate": .string(report.gate.rawValue),
            ],
        ], status: status == "unhealthy" ? 503 : 200)
}
