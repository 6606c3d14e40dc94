/// What the pool counts, as Prometheus reads it (text exposition format 0.0.4).
struct MetricsPage {
    /// The figures of one role.
    struct Figures: Equatable {
        var starting = 0
        var serving = 0
        var leaving = 0
        var busy = 0
        var requests: UInt64 = 0
        var starts: UInt64 = 0
        var deaths: UInt64 = 0
        var stuck: UInt64 = 0
        var recycled: UInt64 = 0
        var loops: UInt64 = 0
        var abandoned: UInt64 = 0
    }

    var roles: [(role: Role, figures: Figures)]
    var rolls: UInt64
    /// When the pool began, in seconds since 1970.
    var began: Int64

    /// The page's text.
    var text: String {
        var page = ""
        func family(_ name: String, _ type: String, _ help: String, _ value: (Figures) -> String) {
            page += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for (role, figures) in roles { page += "\(name){role=\"\(role.rawValue)\"} \(value(figures))\n" }
        }
        page += "# HELP reelgate_pool_children Processes by what they do.\n# TYPE reelgate_pool_children gauge\n"
        for (role, figures) in roles {
            for (state, count) in [
                ("starting", figures.starting), ("serving", figures.serving), ("leaving", figures.leaving),
            ] { page += "reelgate_pool_children{role=\"\(role.rawValue)\",state=\"\(state)\"} \(count)\n" }
        }
        family("reelgate_pool_busy", "gauge", "Processes in the middle of a request.") { "\($0.busy)" }
        family("reelgate_requests_total", "counter", "Requests answered.") { "\($0.requests)" }
        family("reelgate_pool_starts_total", "counter", "Processes started.") { "\($0.starts)" }
        family("reelgate_pool_restarts_total", "counter", "Processes that ended unasked.") { "\($0.deaths)" }
        family("reelgate_pool_stuck_kills_total", "counter", "Processes killed in a request that took too long.") {
            "\($0.stuck)"
        }
        family("reelgate_pool_recycled_total", "counter", "Processes replaced after their share of requests.") {
            "\($0.recycled)"
        }
        family("reelgate_pool_crash_loops_total", "counter", "Alerts about a role whose processes keep ending.") {
            "\($0.loops)"
        }
        family("reelgate_pool_rolls_abandoned_total", "counter", "Rolls given up because a new process failed.") {
            "\($0.abandoned)"
        }
        page += """
            # HELP reelgate_pool_rolls_total Times every process was replaced on request.
            # TYPE reelgate_pool_rolls_total counter
            reelgate_pool_rolls_total \(rolls)
            # HELP reelgate_pool_start_time_seconds When the pool began, since 1970.
            # TYPE reelgate_pool_start_time_seconds gauge
            reelgate_pool_start_time_seconds \(began)

            """
        return page
    }
}
