internal import Fetch

/// Builds the list of probes for a site: the files `SiteProbes+….swift` add one section each.
struct SiteProbes {
    let site: Site
    let lesson: SiteLesson
    let other: SiteLesson?
    let old: SiteLesson?
    let tokens: SiteTokens
    /// `DATA_DIR`, for the names it may be served by.
    let dataDirectory: String
    /// Where plain http would be served, when the site is https.
    var plainPort = 80
    private(set) var all: [Probe] = []

    init(
        site: Site, lesson: SiteLesson, other: SiteLesson?, old: SiteLesson?, tokens: SiteTokens, dataDirectory: String
    ) {
        self.site = site
        self.lesson = lesson
        self.other = other
        self.old = old
        self.tokens = tokens
        self.dataDirectory = dataDirectory
    }

    mutating func add(
        _ id: String, _ title: String, _ request: SiteRequest, expect expected: String, _ cause: Cause,
        aim: Probe.Aim? = nil, over wire: Wire? = nil, judge: ((SiteAnswer, Findings) -> [Complaint])? = nil
    ) {
        all.append(
            Probe(
                id: id, title: title, expected: expected, cause: cause, request: request, aim: aim, wire: wire,
                judge: judge ?? Judge.refused(cause)))
    }

    /// The lesson's protected files, and those of an older server's tree.
    var targets: [(kind: SiteLesson.Kind, lesson: SiteLesson, path: String)] {
        SiteLesson.Kind.allCases.compactMap { kind in
            guard let owner = [lesson, old].compactMap({ $0 }).first(where: { $0.files[kind] != nil }),
                let path = owner.path(kind)
            else { return nil }
            return (kind, owner, path)
        }
    }

    /// The whole list, in the order in which it must run: what nobody asked for with a token yet comes first.
    mutating func build() {
        unasked()
        goodClient()
        afterwards()
        badTokens()
        paths()
        referrersAndTransports()
        hostsAndHeaders()
        methods()
        origins()
        otherWays()
        connection()
    }
}
