internal import Core

/// What was found, by cause, for people and for programs.
struct SiteReport {
    /// One thing to mend.
    struct Finding {
        let id: String
        let severity: Severity
        let remedy: String
        /// The probes that failed because of it, or the rule that is broken.
        var probes: [String] = []
        /// What was sent and what came; never a token.
        var evidence: [String] = []
    }

    let base: String
    let outcomes: [Diagnosis.Outcome]
    var findings: [Finding] = []
    /// What could not be tried, and why.
    var notes: [String] = []

    init(base: String, outcomes: [Diagnosis.Outcome]) {
        self.base = base
        self.outcomes = outcomes
        for outcome in outcomes {
            for complaint in outcome.complaints {
                let target = SiteTokens.hidden(outcome.probe.request.target)
                add(
                    complaint.cause, probe: outcome.probe.id,
                    evidence: "\(outcome.probe.title): \(outcome.probe.request.method) \(target) → \(complaint.text)")
            }
        }
    }

    mutating func add(_ cause: Cause, probe: String, evidence: String) {
        add(
            Finding(id: cause.rawValue, severity: cause.severity, remedy: cause.remedy), probe: probe,
            evidence: evidence)
    }

    /// Adds to the finding of that id, which is made where there is none.
    mutating func add(_ new: Finding, probe: String, evidence: String) {
        let place = findings.firstIndex { $0.id == new.id } ?? findings.count
        if place == findings.count { findings.append(new) }
        if !findings[place].probes.contains(probe) { findings[place].probes.append(probe) }
        findings[place].evidence.append(Self.printable(evidence))
    }

    /// The rules of nginx's configuration that are broken, one finding a rule.
    mutating func add(_ lint: [NginxLint.Finding]) {
        for found in lint {
            let finding = Finding(id: "nginx.\(found.rule)", severity: .high, remedy: "\(found.sentence).")
            add(finding, probe: "nginx.\(found.rule)", evidence: "\(found.place): \(found.sentence)")
        }
    }

    /// The worst first.
    private var sorted: [Finding] {
        let order = Severity.allCases
        return findings.sorted {
            (order.firstIndex(of: $0.severity) ?? 0, $0.id) < (order.firstIndex(of: $1.severity) ?? 0, $1.id)
        }
    }

    /// What came from the network shows no control byte on the operator's terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 32 || (127...159).contains($0.value) ? "?" : $0 }))
    }

    /// For people.
    var text: String {
        var lines = ["\(base)"]
        var groups: [(name: String, count: Int, failed: Int)] = []
        for outcome in outcomes {
            let name = outcome.probe.group
            let place = groups.firstIndex { $0.name == name } ?? groups.count
            if place == groups.count { groups.append((name, 0, 0)) }
            groups[place].count += 1
            if !outcome.complaints.isEmpty { groups[place].failed += 1 }
        }
        for group in groups {
            let failed = group.failed == 0 ? "" : ", \(group.failed) not as they must be"
            lines.append("  \(Self.pad(group.name, 12))\(group.count - group.failed) of \(group.count) ok\(failed)")
        }
        for note in notes { lines.append("  note        \(note)") }
        for finding in sorted {
            lines.append("")
            lines.append("\(finding.severity.rawValue)  \(finding.id)  (\(finding.probes.count) probes)")
            lines.append("  mend: \(finding.remedy)")
            for evidence in finding.evidence.prefix(4) { lines.append("  - \(evidence)") }
            if finding.evidence.count > 4 { lines.append("  - and \(finding.evidence.count - 4) more") }
        }
        let failed = outcomes.count { !$0.complaints.isEmpty }
        lines.append("")
        lines.append("\(outcomes.count) probes, \(outcomes.count - failed) ok, \(findings.count) findings")
        return lines.joined(separator: "\n")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    /// For programs: `{base, probes:[…], findings:[…], notes:[…]}`.
    var json: JSON {
        let probes = outcomes.map { outcome in
            JSON.object([
                .init("id", .string(outcome.probe.id)), .init("group", .string(outcome.probe.group)),
                .init("title", .string(outcome.probe.title)), .init("expected", .string(outcome.probe.expected)),
                .init("severity", .string(outcome.probe.cause.severity.rawValue)),
                .init("status", .integer(Int64(outcome.answer.status))), .init("ok", .bool(outcome.complaints.isEmpty)),
            ])
        }
        let found = sorted.map { finding in
            JSON.object([
                .init("id", .string(finding.id)), .init("severity", .string(finding.severity.rawValue)),
                .init("remedy", .string(finding.remedy)), .init("probes", .array(finding.probes.map { .string($0) })),
                .init("evidence", .array(finding.evidence.prefix(20).map { .string($0) })),
            ])
        }
        return .object([
            .init("base", .string(base)), .init("probes", .array(probes)), .init("findings", .array(found)),
            .init("notes", .array(notes.map { .string($0) })),
        ])
    }
}
