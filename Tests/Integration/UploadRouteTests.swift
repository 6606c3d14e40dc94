import Core
import Foundation
import POSIX
import Postgres
import TestSupport
import Testing
import Tokens
import Web

@testable import Composition

/// Hands out a body, and may pretend that its sender went away.
private final class Sender: BodySource {
    private var rest: ArraySlice<UInt8>
    let wasCut: Bool
    var pause: (() -> Void)?

    init(_ bytes: [UInt8], wasCut: Bool = false) {
        rest = bytes[...]
        self.wasCut = wasCut
    }

    func read(into target: inout MutableSpan<UInt8>, from offset: Int) -> Int {
        pause?()
        let count = min(target.count - offset, rest.count)
        for index in 0..<count { target[offset + index] = rest[rest.startIndex + index] }
        rest = rest.dropFirst(count)
        return count
    }
}

@Suite("The upload routes") struct UploadRouteTests {
    let directory: String
    let connection: Connection
    let router: Router

    init() throws {
        let address = try PrivatePostgres.shared.database()
        directory = NSTemporaryDirectory() + "rgup-\(Core.UUID())"
        connection = Connection(address, application: "tests")
        let settings = try Settings(
            [
                "DATABASE_URL": address, "DATA_DIR": directory, "RUN_DIR": directory + "/run",
                "PUBLIC_BASE_URL": "https://videos.example", "MAX_CONTENT_LENGTH": "100000",
                "SECRET_KEY": "uN9ePqRz4mWxV7bLkJ2hGfD5sTyA8cQ1", "JWT_SECRET": "oI3uYtR6eWqA9sDfGhJ2kLzX5cVbN8mQ",
            ], need: [.database, .tokens, .accounts, .web], readFile: { _ in nil })
        // No helper lies there: inspection stays undecided and the task would decide.
        let contexts = try Contexts(settings, programs: "/nonexistent", log: Log("tests"))
        router = Router(routeTable().map { $0.bound(to: contexts) })
        try Files.makeDirectories(directory)
    }

    static let service = Caller.key(id: "abcdefghijkl", scopes: [.upload])

    static func part(_ name: String, _ value: String, file: String? = nil) -> String {
        let extra = file.map { "; filename=\"\($0)\"" } ?? ""
        return "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\(extra)\r\n\r\n\(value)\r\n"
    }

    static let ids =
        part("trainer_id", "t1") + part("course_id", "c1") + part("module_id", "m1") + part("lesson_id", "l1")
    static let film = part("video", "\u{0}\u{0}\u{0}\u{20}ftypisom", file: "a.mp4")

    private func send(
        _ form: String, to path: String = "/upload/lesson", by caller: Caller = service, cut: Bool = false,
        type: String = "multipart/form-data; boundary=XX", pause: (() -> Void)? = nil
    ) -> (status: Int, code: String, json: JSON) {
        let bytes = Array((form + "--XX--\r\n").utf8)
        let sender = Sender(bytes, wasCut: cut)
        sender.pause = pause
        do throws(Problem) {
            let request = Request(
                method: .post, path: try Path(path.utf8), query: try Query("".utf8),
                headers: Headers([("content-type", type)]),
                body: Body(sender, declared: Int64(bytes.count), limit: Int64.max),
                address: "192.0.2.1", id: "1", caller: caller)
            let match = try router.find(request.method, request.path)
            try match.route.access.check(caller)
            let answer = try match.answer(request)
            return (answer.status, "", (try? JSON(parsing: answer.body)) ?? .null)
        } catch {
            return (error.refusal.status, error.refusal.code, .null)
        }
    }

    private func files() -> [String] {
        let all = FileManager.default.enumerator(atPath: directory)?.allObjects.compactMap { $0 as? String } ?? []
        return all.filter {
            // The gates' tables are opened by the process, not by a request.
            !Files.isDirectory("\(directory)/\($0)") && !$0.hasPrefix("run/") && !$0.hasPrefix("gate/")
                && !$0.hasSuffix(".turn")
        }.sorted()
    }

    private func tasks() throws -> Int {
        try #require(try connection.query("select count(*) as n from tasks").first).value("n")
    }

    @Test("fields may stand before and after the file; the answer says where the task is") func accepted() throws {
        for form in [
            Self.ids + Self.film, Self.film + Self.ids,
            Self.part("course_id", "c1") + Self.film + Self.part("trainer_id", "t1") + Self.part("lesson_id", "l1")
                + Self.part("module_id", "m1"),
        ] {
            let answer = send(form)
            #expect(answer.status == 202, "\(answer)")
            let task = try #require(answer.json["task_id"]?.string)
            #expect(answer.json["hls_path"]?.string == "/hls2/t1/c1/m1/l1/output.m3u8")
            #expect(answer.json["status_url"]?.string == "https://videos.example/api/tasks/\(task)")
            #expect(files().contains("uploads/t1/c1/m1/l1/\(task).mp4"))
            #expect(files().contains("hls/t1/c1/m1/l1/.pending"))
        }
        #expect(try tasks() == 3)
        #expect(!files().contains { $0.contains(".incoming") })
        try? Files.removeTree(directory)
    }

    static let refused: [(String, Int, String)] = [
        (ids, 400, "file_missing"), (film, 400, "field_missing"),
        (ids + part("video", "", file: ""), 400, "file_missing"), (ids + part("video", "x"), 400, "file_missing"),
        (ids + part("video", "", file: "a.mp4"), 400, "not_media"),
        (ids + part("video", "x", file: "a.php"), 400, "file_type"),
        (ids + part("video", "x", file: "a.mp4.m3u8"), 400, "file_type"), (ids + film + film, 400, "bad_request"),
        (ids + part("trainer_id", "t2") + film, 400, "bad_request"),
        (ids.replacing("t1", with: "..") + film, 400, "bad_request"),
        (ids.replacing("t1", with: "a/b") + film, 400, "bad_request"),
        (ids.replacing("t1", with: "library") + film, 400, "bad_request"),
        (ids.replacing("t1", with: "\u{212A}") + film, 400, "bad_request"),
        (ids + part("video", String(repeating: "x", count: 100_001), file: "a.mp4"), 413, "too_large"),
        (ids + part("title", String(repeating: "x", count: 9000)) + film, 400, "bad_request"),
    ]

    @Test("G03 G06 G07 G08 what is refused leaves neither file nor row", arguments: refused)
    func refusals(form: String, status: Int, code: String) throws {
        let answer = send(form)
        #expect(answer.status == status && answer.code == code, "\(answer)")
        #expect(files() == [])
        #expect(try tasks() == 0)
        try? Files.removeTree(directory)
    }

    @Test("C15 G09 G10 a body that was cut off, or is no form, leaves nothing") func cut() throws {
        #expect(send(Self.ids + Self.film, cut: true).code == "bad_request")
        #expect(send(Self.ids + Self.film, type: "multipart/form-data").status == 415)
        #expect(send(Self.ids + Self.film, type: "text/plain").status == 415)
        #expect(files() == [])
        #expect(try tasks() == 0)
        try? Files.removeTree(directory)
    }

    @Test("J12 J13 an instructor uploads as himself only") func owners() throws {
        #expect(send(Self.ids + Self.film, by: .user(id: "t1", role: .instructor)).status == 202)
        #expect(send(Self.ids + Self.film, by: .user(id: "t2", role: .instructor)).code == "not_found")
        #expect(send(Self.ids + Self.film, by: .user(id: "t1", role: .viewer)).code == "scope")
        #expect(send(Self.ids + Self.film, by: .key(id: "abcdefghijkl", scopes: [.tokens])).code == "scope")
        #expect(send(Self.ids + Self.film, by: .anyone).code == "credentials_missing")
        #expect(try tasks() == 1)
        try? Files.removeTree(directory)
    }

    @Test("G04 G23 a caller has four bodies open, another one its own four") func openBodies() throws {
        var fifth: [String] = []
        var other = 0
        func nest(_ depth: Int) {
            guard depth < 4 else {
                fifth.append(send(Self.ids + Self.film).code)
                other = send(Self.ids + Self.film, by: .key(id: "bbbbbbbbbbbb", scopes: [.upload])).status
                return
            }
            var done = false
            let answer = send(Self.ids + Self.film) {
                if !done {
                    done = true
                    nest(depth + 1)
                }
            }
            #expect(answer.status == 202)
        }
        nest(0)
        #expect(fifth == ["too_many"])
        #expect(other == 202)
        #expect(send(Self.ids + Self.film).status == 202)
        try? Files.removeTree(directory)
    }

    @Test("a video without a place in a course keeps its file's name, and takes no other's") func older() throws {
        func send(_ user: String, _ file: String, by caller: Caller = Self.service) -> (status: Int, json: JSON) {
            let form = Self.part("user_id", user) + Self.part("video", "\u{0}\u{0}\u{0}\u{20}ftypisom", file: file)
            let answer = self.send(form, to: "/upload", by: caller)
            return (answer.status, answer.json)
        }
        for (file, name) in [
            ("Mon film.MP4", "Mon_film"), ("..mp4", "video"), ("../x/\u{e9}t\u{e9}.final.mov", "t___final"),
        ] {
            let answer = send("u1", file)
            #expect(answer.status == 202, "\(answer)")
            let kind = file.hasSuffix("mov") ? "mov" : "mp4"
            #expect(answer.json["video_id"]?.string == name)
            #expect(answer.json["filename"]?.string == "\(name).\(kind)")
            #expect(answer.json["hls_path"]?.string == "/hls/u1/\(name)/output.m3u8")
            #expect(files().contains("uploads/u1/\(name).\(kind)"))
        }
        let again = send("u1", "Mon film.mp4")
        let second = try #require(again.json["video_id"]?.string)
        #expect(again.status == 202 && second.hasPrefix("Mon_film-") && second.utf8.count == 17)
        #expect(send("u2", "Mon film.mp4").json["video_id"]?.string == "Mon_film")
        // What an older server left keeps its name, too; and a row may outlive its files.
        try Files.makeDirectories("\(directory)/originals/u1")
        try Files.replace("\(directory)/originals/u1/left.mov", with: [1].span)
        #expect(send("u1", "left.mp4").json["video_id"]?.string?.hasPrefix("left-") == true)
        try connection.query("insert into videos (rel, owner, deleted_at) values ('u1/gone', 'u1', now())")
        #expect(send("u1", "gone.mp4").json["video_id"]?.string?.hasPrefix("gone-") == true)
        #expect(send("library", "a.mp4").status == 400)
        #expect(send("u/1", "a.mp4").status == 400)
        #expect(send("t1", "a.mp4", by: .user(id: "t2", role: .instructor)).status == 404)
        #expect(send("t1", "a.mp4", by: .user(id: "t1", role: .instructor)).status == 202)
        #expect(try tasks() == 8)
        #expect(!files().contains { $0.contains(".incoming") })
        try? Files.removeTree(directory)
    }

    @Test("a presentation of nothing in particular keeps its name, and takes no other's") func olderPresentation() {
        let first = send(Self.film, to: "/upload_presentation")
        #expect(first.status == 201)
        #expect(first.json["file_path"]?.string == "presentation_videos/a.mp4")
        let second = send(Self.film, to: "/upload_presentation").json["file_path"]?.string ?? ""
        #expect(second.hasPrefix("presentation_videos/a-") && second.hasSuffix(".mp4"))
        #expect(files().filter { $0.hasPrefix("presentation_videos/") }.count == 2)
        try? Files.removeTree(directory)
    }

    @Test("a presentation replaces the one before, whatever its type") func presentations() throws {
        let first = send(Self.film, to: "/upload_presentation/course/c1")
        #expect(first.status == 201)
        #expect(first.json["file_path"]?.string == "presentation_videos/courses/c1/presentation.mp4")
        #expect(send(Self.part("video", "x", file: "b.webm"), to: "/upload_presentation/course/c1").status == 201)
        #expect(files() == ["presentation_videos/courses/c1/presentation.webm"])
        #expect(send(Self.film, to: "/upload_presentation/module/c1/m1").status == 201)
        #expect(files().contains("presentation_videos/modules/c1/m1/presentation.mp4"))
        #expect(send(Self.film, to: "/upload_presentation/course/..").status == 404)
        #expect(
            send(Self.film, to: "/upload_presentation/course/c1", by: .user(id: "t1", role: .instructor)).status == 404)
        #expect(send(Self.ids + Self.film).status == 202)
        #expect(
            send(Self.film, to: "/upload_presentation/course/c1", by: .user(id: "t1", role: .instructor)).status == 201)
        #expect(
            send(Self.film, to: "/upload_presentation/course/c1", by: .user(id: "t2", role: .instructor)).status == 404)
        try? Files.removeTree(directory)
    }
}
