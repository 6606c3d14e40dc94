/// From many failed probes to few causes: what one mistake brings with it is told under that mistake.
struct Diagnosis {
    /// A probe and what came of it.
    struct Outcome {
        let probe: Probe
        let answer: SiteAnswer
        var complaints: [Complaint]
    }

    private let outcomes: [Outcome]
    /// Files that come out without a token, and whether our own location handed them out.
    private var leaks: [Probe.Aim: Bool] = [:]
    /// Those of them that did not before somebody with a token had asked.
    private var warmed: Set<Probe.Aim> = []

    /// Complaints that a file nobody guards brings with it.
    private static let implied: Set<Cause> = [
        .filesUnguarded, .tokenUnverified, .tokenExpired, .otherLesson, .headerTrusted, .transportOpen, .referrerLoose,
        .referrerNotAsked, .pathConfusion, .doubleSlash, .refusalShape, .corsMissing, .dataServed,
    ]

    /// What an answer looks like that does not come from a location of ours.
    private static let strange: Set<Cause> = [
        .headersMissing, .mediaCacheable, .methodOpen, .refusalHTML, .refusalShape, .corsMissing, .notPlayable,
    ]

    /// The outcomes with their causes as they are known in the end.
    static func refine(_ outcomes: [Outcome]) -> [Outcome] {
        let diagnosis = Diagnosis(outcomes)
        return outcomes.map { outcome in
            var refined = outcome
            refined.complaints = outcome.complaints.map { diagnosis.refine($0, outcome) }
            return refined
        }
    }

    private init(_ outcomes: [Outcome]) {
        self.outcomes = outcomes
        var cold: Set<Probe.Aim> = []
        for outcome in outcomes {
            guard let aim = outcome.probe.aim else { continue }
            let leaked = outcome.complaints.contains { $0.cause == .filesUnguarded }
            if outcome.probe.id.hasPrefix("token.none.") {
                if leaked { leaks[aim] = outcome.answer.isOurs } else { cold.insert(aim) }
            } else if outcome.probe.id.hasPrefix("token.none-after-good."), leaked {
                if cold.contains(aim) { warmed.insert(aim) }
                leaks[aim] = leaks[aim] ?? outcome.answer.isOurs
            }
        }
    }

    private func refine(_ complaint: Complaint, _ outcome: Outcome) -> Complaint {
        func become(_ cause: Cause) -> Complaint { Complaint(cause: cause, text: complaint.text) }
        if complaint.cause == .pathCaptureMissing, isFine("good.hls2.segment") { return become(.pathCaptureRaw) }
        let way = Self.transport(of: outcome)
        if !outcome.answer.isOurs, Self.strange.contains(complaint.cause),
            leaks.keys.contains(where: { $0.transport == way && unguarded($0) == .siteLocationWins })
        {
            return become(.siteLocationWins)
        }
        guard Self.implied.contains(complaint.cause), outcome.answer.isServed || outcome.answer.status == 0 else {
            return complaint
        }
        // Bytes from somewhere else are another mistake.
        if complaint.cause == .dataServed, !outcome.answer.isOurs { return complaint }
        let aims = [outcome.probe.aim, Probe.Aim(transport: way, kind: .segment)]
        for case .some(let aim) in aims where leaks[aim] != nil { return become(unguarded(aim)) }
        return complaint
    }

    /// By which transport a probe went.
    private static func transport(of outcome: Outcome) -> SiteTransport {
        let target = outcome.probe.request.target
        return target.contains("/mobile/") ? .mobile : target.contains("/play/") ? .play : .hls2
    }

    private func isFine(_ id: String) -> Bool {
        outcomes.contains { $0.probe.id == id && $0.answer.status == 200 }
    }

    /// Why a file comes out without a token.
    private func unguarded(_ aim: Probe.Aim) -> Cause {
        if warmed.contains(aim) { return .gateAnswerCached }
        if leaks[aim] == false {
            // Not our location's headers: somebody else's answer, always or only for a refusal.
            let good = outcomes.first { $0.probe.id == "good.\(aim.transport).\(aim.kind.rawValue)" }?.answer
            return good?.isOurs == true && good?.status == 200 ? .refusalServesFile : .siteLocationWins
        }
        if aim.kind.isKey { return .keysUnguarded }
        if aim.kind.isAnswered { return .playlistsUnguarded }
        let kinds: [SiteLesson.Kind] = [.segment, .image, .captions].filter { kind in
            outcomes.contains { $0.probe.aim?.kind == kind }
        }
        func isOpen(_ transport: SiteTransport) -> Bool {
            kinds.allSatisfy { leaks[Probe.Aim(transport: transport, kind: $0)] != nil }
        }
        let open = SiteTransport.allCases.filter { isOpen($0) }
        let touched = Set(leaks.keys.map { $0.transport })
        if open.count == SiteTransport.allCases.count { return .guardOff }
        if touched == [.mobile] { return .mobileUnguarded }
        if touched == [.play] { return .playUnguarded }
        return .filesUnguarded
    }
}
