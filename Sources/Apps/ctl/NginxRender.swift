internal import Core
internal import Foundation

/// `reelgate nginx render`: writes the configuration that depends on settings, whole or not at all.
struct NginxRender {
    /// Where it is written.
    var out = ""
    /// The checkout's or package's `nginx/`; found beside the program when empty.
    var from = ""
    /// Where nginx logs; the demo's own directory or Debian's by default.
    var logs = ""
    /// Where the pages lie; `www` beside the files by default.
    var pages = ""
    /// The example's certificate and key.
    var certificate = "/etc/ssl/reelgate/fullchain.pem"
    var certificateKey = "/etc/ssl/reelgate/privkey.pem"
    /// The demo's port; that of `PUBLIC_BASE_URL` when 0.
    var port = 0
    /// Whether the demo's vhost is meant, which is checked whole.
    var demo = false
    /// Whether `nginx -t` runs.
    var check = true

    /// What is printed for wrong arguments.
    static let usage = """
        usage: reelgate nginx render --out DIR [--demo [--port N]] [--www DIR] [--logs DIR] [--from DIR]
                                     [--certificate FILE --key FILE] [--no-check]
        Writes nginx's configuration for the settings in the environment (DATA_DIR, RUN_DIR, PUBLIC_BASE_URL,
        ALLOWED_ORIGINS, MAX_CONTENT_LENGTH, LEGACY_STATUS) into DIR and lets nginx check it; what was there stays when
        nginx refuses.
        """

    /// Runs `reelgate nginx render`.
    static func command(_ words: [String]) throws -> Int32 {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let render = try NginxRender(arguments: words)
        print(try render.run(environment: ProcessInfo.processInfo.environment, program: program))
        return 0
    }

    /// Reads the arguments behind `nginx render`.
    init(arguments: [String]) throws(NginxTemplate.Mistake) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--demo": demo = true
            case "--no-check": check = false
            case "--out", "--from", "--logs", "--www", "--certificate", "--key", "--port":
                guard let value = rest.popFirst() else { throw .init(description: "\(name) needs a value") }
                switch name {
                case "--out": out = value
                case "--from": from = value
                case "--logs": logs = value
                case "--www": pages = value
                case "--certificate": certificate = value
                case "--key": certificateKey = value
                default:
                    guard let number = Digits.parse(value), number >= 1, number <= 65_535 else {
                        throw .init(description: "--port must be a port")
                    }
                    port = Int(number)
                }
            default: throw .init(description: "what is \(name)?\n\(Self.usage)")
            }
        }
        guard out.hasPrefix("/") else { throw .init(description: "--out must be an absolute path\n\(Self.usage)") }
        while out.hasSuffix("/") { out.removeLast() }
    }

    /// Renders, checks, and puts the set in its place.
    ///
    /// - Parameters:
    ///   - environment: names and values.
    ///   - program: the path of this program, to find `nginx/` from.
    /// - Returns: what to tell the operator.
    func run(environment: [String: String], program: String) throws -> String {
        let settings = try Settings(environment, need: [.web])
        let source = try from.isEmpty ? Self.find(from: program) : from
        let logDirectory = !logs.isEmpty ? logs : demo ? settings.dataDirectory + "/log" : "/var/log/nginx"
        let host = Self.host(of: settings.publicBaseURL)
        let values = NginxValues(
            directory: out, logDirectory: logDirectory, pagesDirectory: pages.isEmpty ? source + "/www" : pages,
            serverName: host.name, certificate: certificate, certificateKey: certificateKey,
            port: port == 0 ? host.port : port, user: demo && getuid() == 0 ? owner(of: settings.dataDirectory) : nil,
            hasIPv6: Self.hasIPv6((try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)) ?? ""))
        let files = try Self.render(source, values.table(settings))
        if demo {
            for made in [logDirectory, settings.dataDirectory + "/tmp", settings.runDirectory] {
                try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: true)
            }
        }
        let old = try place(files)
        let told = "\(files.count) files in \(out)"
        guard check else { return told }
        do {
            guard let verdict = try NginxCheck(directory: out, settings: settings, demo: demo).run() else {
                return told + "; not checked: there is no nginx here, or no \(settings.dataDirectory) yet"
            }
            if let old { try FileManager.default.removeItem(atPath: old) }
            return told + "; " + verdict
        } catch {
            try FileManager.default.removeItem(atPath: out)
            if let old { try FileManager.default.moveItem(atPath: old, toPath: out) }
            throw error
        }
    }

    /// Every file of the set, by its path below the directory.
    static func render(_ source: String, _ table: [String: String]) throws -> [String: String] {
        var files: [String: String] = [:]
        guard let all = FileManager.default.enumerator(atPath: source) else {
            throw NginxTemplate.Mistake(description: "\(source) can't be read")
        }
        while let path = all.nextObject() as? String {
            guard path.hasSuffix(".conf"), !path.hasPrefix("www/") else { continue }
            let text = try String(contentsOfFile: source + "/" + path, encoding: .utf8)
            do {
                files[path] = try NginxTemplate.expand(text, table)
            } catch {
                throw NginxTemplate.Mistake(description: "\(path): \(error.description)")
            }
        }
        guard files["http.conf"] != nil else {
            throw NginxTemplate.Mistake(description: "\(source) holds no configuration of ours")
        }
        return files
    }

    /// Writes the set beside its place and exchanges the two.
    ///
    /// - Returns: where the set that was there lies now.
    private func place(_ files: [String: String]) throws -> String? {
        let manager = FileManager.default
        let (new, old) = (out + ".new", out + ".old")
        for leftover in [new, old] where manager.fileExists(atPath: leftover) {
            try manager.removeItem(atPath: leftover)
        }
        if manager.fileExists(atPath: out) {
            let here = try manager.contentsOfDirectory(atPath: out)
            guard here.isEmpty || here.contains("http.conf") else {
                throw NginxTemplate.Mistake(description: "\(out) holds something else")
            }
        }
        for (path, text) in files {
            let file = new + "/" + path
            try manager.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try text.write(toFile: file, atomically: false, encoding: .utf8)
        }
        guard manager.fileExists(atPath: out) else {
            try manager.moveItem(atPath: new, toPath: out)
            return nil
        }
        try manager.moveItem(atPath: out, toPath: old)
        try manager.moveItem(atPath: new, toPath: out)
        return old
    }

    /// `nginx/` beside the program, where a package puts it, or the checkout that the program was built in.
    static func find(from program: String) throws -> String {
        var directory = (program as NSString).deletingLastPathComponent
        var places = [
            directory + "/nginx", (directory as NSString).deletingLastPathComponent + "/share/reelgate/nginx",
            "/usr/share/reelgate/nginx",
        ]
        while directory.count > 1 {
            directory = (directory as NSString).deletingLastPathComponent
            places.append((directory == "/" ? "" : directory) + "/nginx")
        }
        for place in places where FileManager.default.fileExists(atPath: place + "/http.conf") { return place }
        throw NginxTemplate.Mistake(description: "nginx's files were not found: say --from DIR")
    }

    /// Name and port of `http(s)://name[:port]`.
    static func host(of base: String) -> (name: String, port: Int) {
        let secure = base.hasPrefix("https:")
        let rest = base.split(separator: "/").last ?? "localhost"
        let parts = rest.split(separator: ":")
        let port = parts.count > 1 ? Digits.parse(String(parts[1])) : nil
        return (String(parts.first ?? "localhost"), Int(port ?? (secure ? 443 : 80)))
    }

    /// Whether the loopback address of IPv6 is in the kernel's list (`/proc/net/if_inet6`).
    static func hasIPv6(_ addresses: String) -> Bool {
        addresses.split(separator: "\n").contains { $0.hasPrefix("00000000000000000000000000000001 ") }
    }

    /// Who owns a directory: the demo's nginx must read and connect to what the pool made.
    private func owner(of path: String) -> String? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.ownerAccountName] as? String ?? "root"
    }
}
