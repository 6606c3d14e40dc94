import Foundation
import Testing

@Suite struct RuleTests {
    private let tree: SourceTree

    init() throws { tree = try SourceTree() }

    @Test func unsafeCodeStaysInSystem() {
        for file in tree.files where file.folder != "System" {
            for line in SourceTree.code(file.text) {
                let words = line.split { !$0.isLetter && $0 != "_" }
                #expect(!words.contains("unsafe"), "\(file.path): \(line)")
            }
        }
    }

    @Test("D18 nothing on an input path can kill the process")
    func noTraps() {
        for file in tree.files where file.folder != "System" || file.target != "CModules" {
            for line in SourceTree.code(file.text) {
                for word in [
                    "try!", "as!", "fatalError(", "preconditionFailure(", "precondition(", "assertionFailure(",
                ] {
                    #expect(!line.contains(word), "\(file.path): \(line)")
                }
            }
        }
    }

    @Test("G06 C37 nothing goes through a shell")
    func noShell() {
        for file in tree.files {
            for line in SourceTree.code(file.text) {
                // Whoever sees the C library could call them.
                guard file.imports.contains("Glibc") || file.imports.contains("Foundation") else { continue }
                let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "(" }
                #expect(!words.contains { $0.hasPrefix("system(") || $0.hasPrefix("popen(") }, "\(file.path): \(line)")
            }
            #expect(!file.text.contains("\"/bin/sh\"") && !file.text.contains("\"/bin/bash\""), "\(file.path)")
        }
    }

    @Test("J06 statements are literals: SQL is made nowhere but from text known when compiling")
    func statementsAreLiterals() {
        for file in tree.files where file.folder != "System" {
            #expect(!file.text.contains("SQL(stringLiteral:"), "\(file.path)")
            for line in SourceTree.code(file.text) where line.contains("run(script:") {
                #expect(file.path.lowercased().contains("migrat"), "\(file.path): \(line)")
            }
        }
    }

    @Test func filesStayReadable() {
        let counts = tree.files.map { $0.text.split(separator: "\n", omittingEmptySubsequences: false).count }.sorted()
        #expect((counts.last ?? 0) <= 420)
        #expect(counts[counts.count / 2] <= 180)
    }

    @Test func migrationsAreNamedAndHaveNoHoles() throws {
        let directory = SourceTree.root.appending(path: "migrations").path()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        for (index, name) in names.enumerated() {
            let number = String(index + 1)
            #expect(
                name.hasPrefix(String(repeating: "0", count: 4 - number.count) + number + "_") && name.hasSuffix(".sql")
            )
        }
    }

    @Test func scriptsSayWhatTheyAreFor() throws {
        let directory = SourceTree.root.appending(path: "scripts")
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path()) where !name.hasPrefix(".") {
            let url = directory.appending(path: name)
            guard let text = try? String(contentsOf: url, encoding: .utf8), text.hasPrefix("#!") else { continue }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(!name.contains("."), "\(name)")
            #expect(
                lines.count > 1 && (lines[1].hasPrefix("# ") || lines[1].hasPrefix("\"\"\"")),
                "\(name) does not say what it is for")
        }
    }
}
