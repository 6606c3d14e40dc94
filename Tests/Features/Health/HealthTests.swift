import Health
import Testing

@Suite("Health") struct HealthTests {
    @Test(
        "what fails decides",
        arguments: [
            (HealthReport(database: .ok, storage: .ok, queue: .ok, gate: .ok), "healthy"),
            (HealthReport(database: .ok, storage: .late, queue: .ok, gate: .ok), "degraded"),
            (HealthReport(database: .ok, storage: .ok, queue: .late, gate: .ok), "degraded"),
            (HealthReport(database: .ok, storage: .ok, queue: .failed, gate: .ok), "degraded"),
            (HealthReport(database: .failed, storage: .ok, queue: .ok, gate: .ok), "unhealthy"),
            (HealthReport(database: .ok, storage: .failed, queue: .ok, gate: .ok), "unhealthy"),
            (HealthReport(database: .ok, storage: .ok, queue: .ok, gate: .failed), "unhealthy"),
        ])
    func statuses(report: HealthReport, status: String) { #expect(HealthRules.status(report) == status) }
}
