internal import Foundation

/// `reelgate nginx check`: nginx's own test and our rules over everything nginx would read.
enum NginxCheckCommand {
    static let usage = """
        reelgate nginx check [FILE | --dump FILE]
        FILE is the main configuration file (nginx's own otherwise); --dump reads what `nginx -T` printed elsewhere.
        Ends with 0: nothing found, 1: something is wrong, 2: the configuration can't be read.
        """

    static func run(_ words: [String]) throws -> Int32 {
        let options = try Options(words, names: ["--dump"], usage: usage)
        guard options.rest.count <= (options["--dump"] == nil ? 1 : 0) else {
            throw WrongWords(description: "one file\nusage: \(usage)")
        }
        let dump: [UInt8]
        do {
            if let file = options["--dump"] {
                guard let text = FileManager.default.contents(atPath: file) else {
                    throw Failure("\(file) can't be read")
                }
                dump = Array(text)
            } else {
                dump = try NginxProgram.dump(options.rest.first.map { URL(fileURLWithPath: $0).path })
            }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            return 2
        }
        let found = NginxLint.findings(in: NginxReader.tree(of: dump))
        for finding in found { print(finding.line) }
        let count = found.isEmpty ? "nothing" : "\(found.count)"
        print("nginx check: \(count) found" + (found.isEmpty && options["--dump"] == nil ? ", nginx -t ok" : ""))
        return found.isEmpty ? 0 : 1
    }
}
