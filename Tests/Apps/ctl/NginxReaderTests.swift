import Testing

@testable import ctl

@Suite("what nginx would read")
struct NginxReaderTests {
    @Test(
        "words are nginx's words",
        arguments: [
            ("a b;", ["a", "b", ";"]), ("a \"b c\" 'd;e';", ["a", "b c", "d;e", ";"]), ("# x;\na;", ["a", ";"]),
            (#"a "b\"c" 'd\'e' "\d" ;"#, ["a", "b\"c", "d'e", #"\d"#, ";"]), ("a{b;}", ["a", "{", "b", ";", "}"]),
            (#"r ^/(?:a|b){2}\z x;"#, ["r", "^/(?:a|b)", "{", "2", "}", #"\z"#, "x", ";"]),
            ("s ${a}b$c;", ["s", "${a}b$c", ";"]),
            ("a\r\nb;", ["a", "b", ";"]), ("'unended", ["unended"]), ("a\\ b;", ["a\\ b", ";"]),
        ])
    func words(text: String, expected: [String]) {
        let words = NginxReader.words(Array(text.utf8)).map { word in
            switch word {
            case .text(let text, _): text
            case .mark(let mark, _): String(UnicodeScalar(mark))
            }
        }
        #expect(words == expected)
    }

    @Test(
        "an include's pattern",
        arguments: [
            ("/etc/nginx/a.conf", "/etc/nginx/*.conf", true), ("/etc/nginx/b/a.conf", "/etc/nginx/*.conf", false),
            ("/etc/nginx/b/a.conf", "/etc/nginx/*/a.conf", true), ("/etc/nginx/a1", "/etc/nginx/a?", true),
            ("/etc/nginx/a", "/etc/nginx/a?", false), ("/etc/nginx/a1", "/etc/nginx/a[0-9]", true),
            ("/etc/nginx/ab", "/etc/nginx/a[0-9]", false), ("/etc/nginx/a", "/etc/nginx/a", true), ("/x", "/[", false),
        ])
    func patterns(path: String, pattern: String, fits: Bool) {
        #expect(NginxReader.fits(Array(path.utf8)[...], Array(pattern.utf8)[...]) == fits)
    }

    static let dump = """
        # configuration file /etc/nginx/nginx.conf:
        events { }
        http {
            root /a;
            include sites/*;
        }

        # configuration file /etc/nginx/sites/one:
        server {
            listen 80;
            location ^~ /x/ { location ~ "y{2}" { root /b; } }
        }
        """

    @Test("a tree with includes in their places, lines and what holds where")
    func tree() {
        let root = NginxReader.tree(of: Array(Self.dump.utf8))
        #expect(root.all("server").count == 1)
        let inner = root.all("location").last
        #expect(inner?.arguments == ["~", "y{2}"] && inner?.place == "/etc/nginx/sites/one:3")
        #expect(inner?.value("root") == "/b" && inner?.parent?.value("root") == "/a")
        #expect(inner?.parent?.kind == "^~" && inner?.enclosing("server")?.name == "server")
        #expect(NginxReader.tree(of: []).block?.isEmpty == true)
        #expect(
            NginxReader.tree(of: Array("# configuration file /x:\na } } ; b {".utf8)).all().map { $0.name } == ["b"])
    }

    @Test("what is no host of ours is said, and addresses have one spelling")
    func rules() {
        let root = NginxReader.tree(of: Array(Self.dump.utf8))
        #expect(NginxLint.findings(in: root).map { $0.rule }.contains("A67"))
        let spelt = [
            ("80", "*:80"), ("127.0.0.1", "127.0.0.1:80"), ("[::1]:81", "[::1]:81"), ("[::1]", "[::1]:80"),
            ("*:80", "*:80"),
        ]
        for (word, address) in spelt {
            #expect(NginxLint.address(NginxDirective(["listen", word], place: "", parent: nil)) == address)
        }
        #expect(NginxLint.plain("/a//b/../c/./d/") == "/a/c/d" && NginxLint.plain("") == "/")
    }

    @Test(
        "formats that hold URLs",
        arguments: [
            ("$remote_addr $request", true), ("$request_time $request_id", false), ("${request_uri}", true),
            ("$arg_token", true),
            ("$uri", true), ("$rg_log_uri", false), ("$http_referer", true), ("", false),
        ])
    func formats(format: String, holds: Bool) { #expect(NginxLint.holdsURL(format) == holds) }
}
