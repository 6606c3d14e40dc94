import Foundation
import Testing

@Suite struct ImportTests {
    private let tree: SourceTree

    init() throws { tree = try SourceTree() }

    @Test func theFoldersAreFive() throws {
        let found = try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appending(path: "Sources").path())
        #expect(found.filter { !$0.hasPrefix(".") }.sorted() == SourceTree.folders)
        #expect(tree.files.count > 40)
    }

    @Test func arrowsPointDown() {
        var home: [String: String] = [:]
        for file in tree.files where file.folder != "Apps" { home[file.target] = file.folder }
        for file in tree.files {
            guard let from = SourceTree.folders.firstIndex(of: file.folder) else { continue }
            for name in file.imports {
                guard let folder = home[name], let to = SourceTree.folders.firstIndex(of: folder) else { continue }
                #expect(to >= from, "\(file.path) imports \(name), which is above it")
                if file.folder == "Features" && name != file.target {
                    #expect(folder != "Features", "\(file.path) imports the feature \(name)")
                }
            }
        }
    }

    @Test func onlySystemSeesC() {
        for file in tree.files where file.folder != "System" {
            for name in file.imports {
                let isC = name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true
                let isOurs = ["Core", "Crypto", "Callbacks", "Composition", "Catalog", "Courses"].contains(name)
                #expect(name != "Glibc" && (!isC || isOurs), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func foundationStaysWhereItMay() {
        let whole = ["Apps/ctl", "Apps/Composition"]
        let essentials = ["Features", "Platform/Web", "Platform/Serving", "Apps"]
        for file in tree.files {
            let place = file.folder + "/" + file.target
            if file.imports.contains("Foundation") {
                #expect(whole.contains(place), "\(file.path) imports Foundation")
            }
            if file.imports.contains("FoundationEssentials") {
                #expect(essentials.contains { place.hasPrefix($0) }, "\(file.path) imports FoundationEssentials")
            }
        }
    }

    @Test func everyTargetHasItsPage() {
        for file in tree.files where file.target != "CModules" {
            let parts = file.folder == "Gate" ? "Sources/Gate" : "Sources/\(file.folder)/\(file.target)"
            let page = SourceTree.root.appending(path: parts + "/README.md")
            let size = (try? Data(contentsOf: page).count) ?? 0
            #expect(size > 80, "\(parts) has no page of its own")
        }
    }
}
