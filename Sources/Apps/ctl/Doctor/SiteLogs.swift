internal import Foundation

/// The log files that nginx's configuration names, read after the probes: none of the tokens just sent may stand there.
struct SiteLogs {
    private let before: [(path: String, size: UInt64)]
    private static let most = 64 << 20

    /// Notes how long each log is now.
    init(_ configuration: NginxDirective) {
        var paths: [String] = []
        for log in configuration.all("access_log") + configuration.all("error_log")
        where log.first.hasPrefix("/") && !log.first.contains("$") && !paths.contains(log.first) {
            paths.append(log.first)
        }
        before = paths.compactMap { path in
            FileManager.default.isReadableFile(atPath: path) ? (path, Self.size(path)) : nil
        }
    }

    /// How many logs can be read.
    var count: Int { before.count }

    /// The logs that hold anything like a token in what was written since.
    func withTokens() -> [String] {
        before.filter { log in
            guard let file = FileHandle(forReadingAtPath: log.path) else { return false }
            let start = Self.size(log.path) >= log.size ? log.size : 0
            guard (try? file.seek(toOffset: start)) != nil, let data = try? file.read(upToCount: Self.most) else {
                return false
            }
            return data.range(of: Data("eyJ".utf8)) != nil
        }.map { $0.path }
    }

    private static func size(_ path: String) -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }
}
