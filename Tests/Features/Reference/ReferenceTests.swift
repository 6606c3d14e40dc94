import Core
import Foundation
import Testing
import Web

@testable import Reference

@Suite("The API's page") struct ReferenceTests {
    private final class Installed: ReferenceStore {
        let document: [UInt8] = Array("{}".utf8)
        let files: Set<PageFile>

        init(_ files: Set<PageFile>) { self.files = files }

        func file(_ file: PageFile) -> [UInt8]? { files.contains(file) ? Array(file.rawValue.utf8) : nil }
    }

    private static func answer(_ path: String, _ installed: Set<PageFile>) -> Response {
        let reference = Reference(store: Installed(installed))
        let router = Router(referenceRoutes().map { $0.bound(to: reference) })
        do throws(Problem) {
            let path = try Path(path.utf8)
            let request = Request(
                method: .get, path: path, query: try Query("".utf8), headers: Headers(),
                body: Body(nil, declared: nil), address: "", id: "")
            return try router.find(.get, path).answer(request)
        } catch {
            return error.response(requestID: "")
        }
    }

    static let cases: [(String, Set<PageFile>, Int)] = [
        ("/api-docs", [.styles, .program], 200), ("/api-docs", [.styles], 404), ("/api-docs", [], 404),
        ("/api-docs/openapi.json", [], 200), ("/api-docs/start.js", [], 200),
        ("/api-docs/swagger-ui.css", [.styles, .program], 200), ("/api-docs/swagger-ui.css", [], 404),
        ("/api-docs/swagger-ui-bundle.js.map", [.styles, .program], 404), ("/api-docs/..%2Fsecret", [.styles], 404),
    ]

    @Test("only the page's own files are served, and only where Swagger UI is installed", arguments: cases)
    func served(path: String, installed: Set<PageFile>, status: Int) {
        #expect(Self.answer(path, installed).status == status)
    }

    @Test("the page holds no script of its own and may load none from elsewhere") func policy() {
        let answer = Self.answer("/api-docs", [.styles, .program])
        let policy = answer.fields.first { $0.name == "Content-Security-Policy" }?.value ?? ""
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"))
        for tag in ReferenceRules.page.split(separator: "<").filter({ $0.hasPrefix("script") }) {
            #expect(tag.hasPrefix("script src=\"/api-docs/") && tag.hasSuffix("\">"), "\(tag)")
        }
    }
}

@Suite("Swagger UI's files") struct ReferenceFileTests {
    @Test("a file of Swagger UI's size is served whole; what is no file is not there") func whole() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: Foundation.UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let bytes = Data(repeating: 0x20, count: 2 << 20)
        try bytes.write(to: directory.appending(path: PageFile.program.rawValue))
        let store = FileReferenceStore(directory: directory.path()) { [] }
        #expect(store.file(.program)?.count == bytes.count)
        #expect(store.file(.styles) == nil)
        #expect(FileReferenceStore(directory: nil) { [] }.file(.program) == nil)
    }
}
