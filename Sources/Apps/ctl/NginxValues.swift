internal import Core

/// What stands for each name in the files of `nginx/`: paths, limits, origins, and the list of refusals as nginx's maps
/// and bodies.
struct NginxValues {
    /// Where the rendered set lies; includes name it.
    let directory: String
    /// Where nginx writes its logs.
    let logDirectory: String
    /// Where the pages lie.
    let pagesDirectory: String
    /// The host's name and certificate, for the example.
    let serverName: String
    let certificate: String
    let certificateKey: String
    /// The demo's port.
    let port: Int
    /// Whom the demo's nginx runs as; `nil` when it is not started by root.
    let user: String?
    /// Whether this host has IPv6; nginx does not start on an address family that is switched off.
    let hasIPv6: Bool

    /// Containers an upload may come in, as `presentation.<ext>` is named.
    static let extensions = ["mp4", "mov", "m4v", "mkv", "webm", "avi", "wmv", "flv", "mpg", "ts"]
    /// What a multipart body may hold beside the file: fields, part headers, boundaries.
    static let framing: Int64 = 1 << 20

    /// Names and values.
    ///
    /// - Throws: when a value would be read as something else by nginx.
    func table(_ settings: Settings) throws(NginxTemplate.Mistake) -> [String: String] {
        var table = [
            "DIR": directory, "DATA_DIR": settings.dataDirectory, "RUN_DIR": settings.runDirectory,
            "LOG_DIR": logDirectory, "WWW_DIR": pagesDirectory, "SERVER_NAME": serverName,
            "TLS_CERTIFICATE": certificate, "TLS_KEY": certificateKey,
        ]
        for (name, value) in table where !Self.isPlain(value) {
            throw NginxTemplate.Mistake(description: "\(name) holds characters that nginx reads as its own: \(value)")
        }
        table["PORT"] = String(port)
        table["SIX"] = hasIPv6 ? "" : "# no IPv6 here: "
        table["USER"] = user.map { "user \($0);" } ?? "# started without root: it runs as whoever started it"
        table["LEGACY_STATUS"] = settings.legacyStatus == 403 ? "403" : "401"
        let (body, over) = settings.maxContentLength.addingReportingOverflow(Self.framing)
        table["MAX_BODY"] = String(over ? Int64.max : body)
        table["EXTENSIONS"] = Self.extensions.joined(separator: "|")
        table["COURSE_FILES"] = Self.extensions.map { " /courses/$rg_c/presentation.\($0)" }.joined()
        table["MODULE_FILES"] = Self.extensions.map { " /modules/$rg_c/$rg_m/presentation.\($0)" }.joined()
        table["ORIGINS"] = settings.allowedOrigins
            .map { "    \"\($0.description)\" \"\($0.description)\";" }.joined(separator: "\n")
        var codes: [String] = []
        var sentences: [String] = []
        for refusal in Refusal.allCases {
            let detail = try NginxTemplate.quoted(NginxTemplate.json(refusal.sentence), in: "\"")
            codes.append("    \(refusal.code) \(refusal.code);")
            sentences.append("    \(refusal.code) \"\(detail)\";")
            table["SENTENCE_\(refusal.code)"] = detail
            table["PROBLEM_\(refusal.code)"] = try Self.problem(refusal)
        }
        table["CODES"] = codes.joined(separator: "\n")
        table["SENTENCES"] = sentences.joined(separator: "\n")
        return table
    }

    /// A problem body as the argument of nginx's `return`, in single quotes; nginx fills in `$request_id`.
    static func problem(_ refusal: Refusal) throws(NginxTemplate.Mistake) -> String {
        let text = NginxTemplate.json(refusal.sentence)
        let body =
            "{\"type\":\"about:blank\",\"title\":\"\(refusal.title)\",\"status\":\(refusal.status),\"detail\":\"\(text)\","
            + "\"code\":\"\(refusal.code)\",\"message\":\"\(text)\",\"error\":\"\(text)\",\"request_id\":\""
        return try NginxTemplate.quoted(body, in: "'") + "$request_id\"}\\n"
    }

    /// Whether a word needs no quotes anywhere in nginx's configuration.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 45 && $0 <= 57) || $0 == 95 || $0 == 43
            }
    }
}
