/// What is decided about health.
public enum HealthRules {
    /// Seconds that a job which could run may wait before the queue counts as late.
    public static let longestWait = 300.0
    /// Bytes free below which the storage counts as late.
    public static let leastRoom: Int64 = 1 << 30
    /// Bytes free below which uploads are refused and the storage counts as failed.
    public static let noRoom: Int64 = 32 << 20

    /// One word for the whole.
    public static func status(_ report: HealthReport) -> String {
        let needed = [report.database, report.storage, report.gate]
        if needed.contains(.failed) { return "unhealthy" }
        return (needed + [report.queue]).allSatisfy { $0 == .ok } ? "healthy" : "degraded"
    }

    /// How the storage is with so many bytes free.
    public static func storage(free: Int64) -> PartState { free < noRoom ? .failed : free < leastRoom ? .late : .ok }

    /// How the queue is when its oldest job has waited for so many seconds.
    public static func queue(oldest seconds: Double) -> PartState { seconds > longestWait ? .late : .ok }
}
