import Core
import Foundation
import Testing

@testable import ctl

@Suite("nginx render")
struct NginxRenderTests {
    static let environment = [
        "PUBLIC_BASE_URL": "https://media.example.org", "ALLOWED_ORIGINS": "https://Learn.Example.org,http://a.test:81",
        "DATA_DIR": "/srv/rg", "RUN_DIR": "/run/rg",
    ]

    static func settings(_ more: [String: String] = [:]) throws -> Settings {
        try Settings(environment.merging(more) { $1 }, need: [.web]) { _ in nil }
    }

    static func values() -> NginxValues {
        NginxValues(
            directory: "/etc/nginx/reelgate", logDirectory: "/var/log/nginx", pagesDirectory: "/srv/www",
            serverName: "media.example.org", certificate: "/c.pem", certificateKey: "/k.pem", port: 8410, user: nil,
            hasIPv6: true)
    }

    static func files(_ more: [String: String] = [:]) throws -> [String: String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        return try NginxRender.render(root + "/nginx", values().table(settings(more)))
    }

    @Test(
        "gaps are filled, nginx's own names are left",
        arguments: [
            ("root @DATA_DIR@/hls;", "root /srv/rg/hls;"), ("error_page 404 = @rg_404;", "error_page 404 = @rg_404;"),
            ("@rg_@LEGACY_STATUS@;", "@rg_401;"), ("a@b @", "a@b @"),
        ])
    func expands(text: String, expected: String) throws {
        #expect(try NginxTemplate.expand(text, Self.values().table(Self.settings())) == expected)
    }

    @Test("an unknown gap is a mistake")
    func unknown() {
        #expect(throws: NginxTemplate.Mistake.self) { try NginxTemplate.expand("@NO_SUCH@", [:]) }
    }

    @Test("quotes and backslashes stay text, a variable is refused")
    func quoting() throws {
        #expect(try NginxTemplate.quoted(NginxTemplate.json("a\"b'c\\d"), in: "'") == "a\\\\\"b\\'c\\\\\\\\d")
        #expect(throws: NginxTemplate.Mistake.self) { try NginxTemplate.quoted("$x", in: "'") }
        #expect(throws: NginxTemplate.Mistake.self) { try NginxTemplate.quoted("a\nb", in: "'") }
    }

    @Test("B22 origins are literal on both sides, and nothing else is")
    func origins() throws {
        let cors = try #require(try Self.files()["http/cors.conf"])
        for origin in ["https://media.example.org", "https://learn.example.org", "http://a.test:81"] {
            #expect(cors.contains("    \"\(origin)\" \"\(origin)\";"))
        }
        #expect(!cors.contains("$http_origin;"))
    }

    @Test("every refusal of the product has its code, sentence and body in nginx's words")
    func refusals() throws {
        let files = try Self.files()
        let codes = try #require(files["http/codes.conf"])
        for refusal in Refusal.allCases {
            #expect(codes.contains("\n    \(refusal.code) \(refusal.code);"))
            #expect(codes.contains("\n    \(refusal.code) \""))
            let quoted = try NginxValues.problem(refusal)
            let body = quoted.replacing("\\n", with: "").replacing("\\'", with: "'").replacing("\\\\", with: "\\")
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
            #expect(object["code"] as? String == refusal.code)
            #expect(object["status"] as? Int == refusal.status)
            #expect(object["title"] as? String == refusal.title)
            for name in ["detail", "message", "error"] { #expect(object[name] as? String == refusal.sentence) }
            #expect(object["request_id"] as? String == "$request_id")
        }
    }

    @Test("settings reach the files")
    func settings() throws {
        let files = try Self.files(["MAX_CONTENT_LENGTH": "1000", "LEGACY_STATUS": "403"])
        #expect(files["parts/upload.conf"]?.contains("client_max_body_size \(1000 + (1 << 20));") == true)
        #expect(files["http/reasons.conf"]?.contains("default @rg_403;") == true)
        #expect(files["http/upstreams.conf"]?.contains("server unix:/run/rg/gate.sock max_fails=0;") == true)
        #expect(files["locations/hls2.conf"]?.contains("alias /srv/rg/hls/;") == true)
        for (path, text) in files { #expect(!text.contains(/@[A-Z][A-Z_]*@/), "\(path)") }
    }

    @Test(
        "a path that nginx would read as something else is refused", arguments: ["/a;b", "/a b", "/a$b", "/a\"b", "{"])
    func hostilePaths(path: String) {
        let values = NginxValues(
            directory: path, logDirectory: "/l", pagesDirectory: "/w", serverName: "s", certificate: "/c",
            certificateKey: "/k", port: 1, user: nil, hasIPv6: false)
        #expect(throws: NginxTemplate.Mistake.self) { try values.table(Self.settings()) }
    }

    @Test("each file opens with who reads it and what breaks without it")
    func comments() throws {
        for (path, text) in try Self.files() {
            let head = text.split(separator: "\n").prefix { $0.hasPrefix("#") }.joined(separator: " ")
            #expect(head.contains("Read by:"), "\(path)")
            #expect(head.contains("Without it:"), "\(path)")
        }
    }

    @Test(
        "arguments that mean nothing are refused",
        arguments: [[], ["--out", "x"], ["--what"], ["--out"], ["--port", "0"]])
    func arguments(words: [String]) {
        #expect(throws: NginxTemplate.Mistake.self) { try NginxRender(arguments: words) }
    }

    @Test("nginx listens on IPv6 where there is any")
    func addressFamilies() throws {
        #expect(try Self.files()["vhosts/demo.conf"]?.contains("\n        listen [::1]:8410;") == true)
        #expect(NginxRender.hasIPv6("00000000000000000000000000000001 01 80 10 80       lo\n"))
        #expect(!NginxRender.hasIPv6("fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"))
        #expect(!NginxRender.hasIPv6(""))
        let line = try NginxTemplate.expand("    @SIX@listen [::1]:1;", ["SIX": "# no IPv6 here: "])
        #expect(line == "    # no IPv6 here: listen [::1]:1;")
    }

    @Test(
        "name and port of the base",
        arguments: [
            ("https://a.test", "a.test", 443), ("http://127.0.0.1:8410", "127.0.0.1", 8410),
            ("http://a.test", "a.test", 80),
        ])
    func hosts(base: String, name: String, port: Int) {
        let host = NginxRender.host(of: base)
        #expect(host.name == name)
        #expect(host.port == port)
    }
}
