internal import Fetch

/// One thing that is tried on the site.
struct Probe {
    /// Stable: what scripts know it by.
    let id: String
    /// What is tried, for people.
    let title: String
    /// What must come of it.
    let expected: String
    /// What its failure is evidence of, as far as is known before all have run.
    let cause: Cause
    /// What is sent.
    let request: SiteRequest
    /// Which file of the lesson it is after, by which transport.
    var aim: Aim?
    /// A connection other than the site's own.
    var wire: Wire?
    /// What is wrong with an answer.
    let judge: (SiteAnswer, Findings) -> [Complaint]

    /// A file by a transport.
    struct Aim: Hashable {
        let transport: SiteTransport
        let kind: SiteLesson.Kind
    }

    /// Its section of the report: the id's first word.
    var group: String { String(id.prefix { $0 != "." }) }
}

/// Something wrong with an answer.
struct Complaint: Equatable {
    let cause: Cause
    let text: String
}

/// What judges know: the lessons, and what a path that can't exist is answered with.
struct Findings {
    let lessons: [SiteLesson]
    let control: SiteAnswer

    /// Whether bytes of a lesson's file stand in an answer.
    func leaks(_ answer: SiteAnswer) -> Bool { lessons.contains { $0.owns(answer.body) } }

    /// Whether the site says this to everything it does not know.
    func isUsual(_ answer: SiteAnswer) -> Bool {
        answer.status == control.status && answer.body.prefix(512) == control.body.prefix(512)
    }
}

/// The usual judges.
enum Judge {
    /// A refusal of ours, complete: closed, a problem body, not to be kept.
    static func refused(_ cause: Cause, codes: Set<String> = []) -> (SiteAnswer, Findings) -> [Complaint] {
        { answer, findings in
            if answer.status == -1 { return [Complaint(cause: .noAnswer, text: answer.summary)] }
            if answer.isServed || findings.leaks(answer) { return [Complaint(cause: cause, text: answer.summary)] }
            // Without a word is as good.
            if answer.status == 0 && answer.body.isEmpty { return [] }
            var found = shape(answer)
            if !codes.isEmpty, found.isEmpty, !codes.contains(answer.reason) {
                found.append(Complaint(cause: cause, text: answer.summary))
            }
            return found
        }
    }

    /// What is wrong with the form of a refusal.
    static func shape(_ answer: SiteAnswer) -> [Complaint] {
        if answer.isHTML { return [Complaint(cause: .refusalHTML, text: answer.summary)] }
        guard answer.status >= 400, answer.field("content-type") == "application/problem+json", !answer.reason.isEmpty
        else { return [Complaint(cause: .refusalShape, text: answer.summary)] }
        var found: [Complaint] = []
        if !answer.fields("cache-control").contains(where: { $0.contains("no-store") }) {
            found.append(Complaint(cause: .refusalCacheable, text: answer.summary))
        }
        if !answer.isOurs || answer.field("x-frame-options") == nil, answer.status != 416 {
            found.append(Complaint(cause: .headersMissing, text: answer.summary))
        }
        return found
    }

    /// Anything but bytes of a lesson.
    static func noLesson(_ cause: Cause) -> (SiteAnswer, Findings) -> [Complaint] {
        { answer, findings in findings.leaks(answer) ? [Complaint(cause: cause, text: answer.summary)] : [] }
    }

    /// No file at all: neither a lesson's nor one that the site does not say to everything.
    static func noFile(_ cause: Cause) -> (SiteAnswer, Findings) -> [Complaint] {
        { answer, findings in
            let odd = (answer.status == 200 || answer.status == 206) && !answer.isHTML && !findings.isUsual(answer)
            return findings.leaks(answer) || odd && !answer.body.isEmpty
                ? [Complaint(cause: cause, text: answer.summary)] : []
        }
    }

    /// No success.
    static func noSuccess(_ cause: Cause) -> (SiteAnswer, Findings) -> [Complaint] {
        { answer, _ in (200...299).contains(answer.status) ? [Complaint(cause: cause, text: answer.summary)] : [] }
    }

    /// What a good client gets: the file, with the headers it needs.
    static func served(_ kind: SiteLesson.Kind, of lesson: SiteLesson) -> (SiteAnswer, Findings) -> [Complaint] {
        { answer, _ in
            guard answer.status == 200 || answer.status == 206 else {
                // A redirect to one of the store's signed addresses is a way of serving, too.
                let cause: Cause =
                    answer.status == -1 ? .noAnswer : answer.reason == "path" ? .pathCaptureMissing : .notPlayable
                return [Complaint(cause: cause, text: answer.summary)]
            }
            var found: [Complaint] = []
            if let known = lesson.known[kind], !kind.isPlaylist, !answer.body.isEmpty, answer.status == 200,
                !answer.body.starts(with: known.prefix(answer.body.count))
            {
                found.append(Complaint(cause: .notPlayable, text: "other bytes than the file's: \(answer.summary)"))
            }
            if !answer.isOurs { found.append(Complaint(cause: .headersMissing, text: answer.summary)) }
            let kept = answer.fields("cache-control").joined(separator: ", ")
            let strict = kind.isKey || kind.isPlaylist
            if strict ? !kept.contains("no-store") : !(kept.contains("private") || kept.contains("no-store")) {
                found.append(Complaint(cause: .mediaCacheable, text: "Cache-Control: \(kept.isEmpty ? "none" : kept)"))
            }
            return found
        }
    }
}
