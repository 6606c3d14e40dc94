internal import Core
internal import POSIX

extension Pool {
    /// What `systemctl status` shows.
    var statusLine: String {
        let parts = plans.map { plan in
            let counted = count(plan.role)
            return "\(plan.role.rawValue) \(counted.serving)/\(plan.seats)"
                + (counted.leaving > 0 ? " (\(counted.leaving) leaving)" : "")
        }
        return (supervisor.stopping ? "stopping: " : supervisor.rolling ? "rolling: " : "")
            + parts.joined(separator: ", ")
    }

    /// What `/metrics` shows.
    func metricsPage() -> String {
        let busy = busy()
        let roles = plans.map { plan in
            var shown = figures[plan.role] ?? .init()
            let counted = count(plan.role)
            (shown.starting, shown.serving, shown.leaving) = counted
            for (id, child) in running where child.role == plan.role {
                shown.requests &+= board.read(child.slot).served
                if busy[id] != nil { shown.busy += 1 }
            }
            return (plan.role, shown)
        }
        return MetricsPage(roles: roles, rolls: rolls, began: began).text
    }

    private func count(_ role: Role) -> (starting: Int, serving: Int, leaving: Int) {
        var counted = (starting: 0, serving: 0, leaving: 0)
        for child in supervisor.children.values where supervisor.roles[child.role].plan.role == role {
            switch child.state {
            case .starting: counted.starting += 1
            case .serving: counted.serving += 1
            case .leaving, .killed: counted.leaving += 1
            }
        }
        return counted
    }

    /// Counts what happened and writes it down.
    mutating func tell(_ report: Report) {
        func name(_ role: Role) -> JSON { .string(role.rawValue) }
        func process(_ id: ChildID) -> JSON { .integer(Int64(running[id]?.process ?? 0)) }
        switch report {
        case .died(let id, let role, let end, let delay):
            figures[role, default: .init()].deaths += 1
            log.warning(
                "child_died",
                [
                    "role": name(role), "child": process(id), "end": .string(end.description),
                    "restart_in_ms": .integer(delay / .millisecond),
                ])
        case .left(let id, let role, let end):
            log.info("child_left", ["role": name(role), "child": process(id), "end": .string(end.description)])
        case .crashLoop(let role, let deaths):
            figures[role, default: .init()].loops += 1
            log.alert("crash_loop", ["role": name(role), "deaths_in_a_minute": .integer(Int64(deaths))])
        case .stuck(let id, let role, let time):
            figures[role, default: .init()].stuck += 1
            tellStuck(id, role, time)
        case .overdue(let id, let role):
            log.warning("child_overdue", ["role": name(role), "child": process(id)])
        case .neverReady(let id, let role):
            log.alert("child_never_ready", ["role": name(role), "child": process(id)])
        case .recycling(let id, let role):
            figures[role, default: .init()].recycled += 1
            log.info("child_recycled", ["role": name(role), "child": process(id)])
        case .rollAbandoned(let role):
            figures[role, default: .init()].abandoned += 1
            log.alert("roll_abandoned", ["role": name(role), "reason": "a new child failed; the old ones stay"])
        case .rollBegan:
            rolls += 1
            log.info("roll_began")
        case .rollEnded: log.info("roll_ended")
        case .ready: log.info("ready", ["status": .string(statusLine)])
        case .stopping: log.info("stopping")
        }
    }

    /// The slow log: which request, and where the process stands in it, before it is killed.
    private func tellStuck(_ id: ChildID, _ role: Role, _ time: Int64) {
        guard let child = running[id] else { return }
        var whereabouts = ""
        for field in StuckReport.fields(of: child.process) {
            whereabouts += (whereabouts.isEmpty ? "" : "; ") + "\(field.name)=\(field.value.string ?? "")"
        }
        log.alert(
            "request_stuck",
            [
                "role": .string(role.rawValue), "child": .integer(Int64(child.process)),
                "milliseconds": .integer(time / .millisecond), "request": .string(board.label(child.slot)),
                "where": .string(whereabouts),
            ])
    }
}
