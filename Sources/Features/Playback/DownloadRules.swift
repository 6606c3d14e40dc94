public import Core
internal import Tokens
public import Web

/// What is decided about downloads, and about tokens of the older routes.
public enum DownloadRules {
    /// Reads what `/api/get-download-token/v2` is asked for.
    ///
    /// - Parameter needsName: whether every token names its file.
    /// - Throws: 400 for a parameter that is missing, stands twice or has another form.
    public static func wish(_ query: Query, _ caller: Caller, needsName: Bool) throws(Problem) -> DownloadWish {
        let subject: DownloadSubject
        switch try query.one("type") ?? "lesson" {
        case "lesson":
            guard let rel = RelPath(try query.required("rel")) else {
                throw Problem(.badRequest, detail: "rel must be trainer_id/course_id/module_id/lesson_id.")
            }
            // Below /download2 these two are presentations.
            guard !["course", "module"].contains(rel.trainer.description) else { throw Problem(.notFound) }
            subject = .lesson(rel)
        case "course": subject = .course(try slug(query, "course_id"))
        case "module":
            subject = .module(course: try slug(query, "course_id"), module: try slug(query, "module_id"))
        default: throw Problem(.badRequest, detail: "type must be lesson, course or module.")
        }
        let filename = try query.one("filename").map { (text) throws(Problem) in try name(text) }
        if needsName, filename == nil { throw Problem(.fieldMissing, detail: "filename is required.") }
        return DownloadWish(
            user: try PlaybackRules.user(query, caller), subject: subject, filename: filename,
            ttl: try PlaybackRules.seconds(query.one("ttl")))
    }

    /// A file's name.
    ///
    /// - Throws: 400 for one that no file of ours has.
    public static func name(_ text: String) throws(Problem) -> FileName {
        guard let name = FileName(text) else { throw Problem(.badRequest, detail: "filename is not valid.") }
        return name
    }

    private static func slug(_ query: Query, _ name: String) throws(Problem) -> Slug {
        guard let slug = Slug(try query.required(name)) else {
            throw Problem(.badRequest, detail: "\(name) is not valid.")
        }
        return slug
    }

    /// Whether the caller may have a token: a service has decided for its site; a person for himself if he is an admin or
    /// teaches what the original is of. Presentations are public.
    ///
    /// - Throws: 403.
    public static func mayDownload(_ wish: DownloadWish, _ caller: Caller) throws(Problem) {
        guard case .user(let id, let role) = caller, role != .admin else {
            if case .anyone = caller { throw Problem(.notEntitled) }
            return
        }
        let teacher: String
        switch wish.subject {
        case .lesson(let rel): teacher = rel.trainer.description
        case .older(let user): teacher = user.description
        case .course, .module: teacher = id
        }
        guard id.utf8.elementsEqual(wish.user.utf8),
            wish.isPublic || (role == .instructor && id.utf8.elementsEqual(teacher.utf8))
        else { throw Problem(.notEntitled) }
    }

    /// What a person calls a file, as a token carries it: percent-encoded, in whole characters, at most 384 bytes.
    public static func escaped(_ title: String) -> String {
        var out = ""
        for character in title {
            let next = Percent.encode(String(character))
            if out.utf8.count + next.utf8.count > 384 { break }
            out += next
        }
        return out
    }
}

extension DownloadWish {
    /// Whether everybody may have it anyway.
    var isPublic: Bool {
        switch subject {
        case .course, .module: true
        case .lesson, .older: false
        }
    }
}
