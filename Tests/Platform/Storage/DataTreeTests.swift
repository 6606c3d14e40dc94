import Core
import POSIX
import Storage
import Testing

@Suite struct DataTreeTests {
    private let tree = DataTree("/data")

    @Test("paths are the tree the guide shows")
    func paths() throws {
        let rel = try #require(RelPath("t/c/m/l"))
        let task = try #require(UUID("00000000-0000-4000-8000-000000000001"))
        let name = try #require(PublicationName("_0123456789ab-k1-d6000"))
        let rendition = try #require(RenditionName("720p"))
        #expect(tree.upload(rel, task: task, .mp4) == "/data/uploads/t/c/m/l/\(task).mp4")
        #expect(tree.original(rel, .mkv) == "/data/originals/t/c/m/l/l_lesson.mkv")
        #expect(tree.master(rel) == "/data/hls/t/c/m/l/output.m3u8")
        #expect(tree.rendition(rel, name, rendition) == "/data/hls/t/c/m/l/_0123456789ab-k1-d6000/720p")
        let older = RelPath(user: try #require(Slug("u")), video: try #require(Slug("film")))
        #expect(tree.upload(older, task: task, .mp4) == "/data/uploads/u/film.mp4")
        #expect(tree.original(older, .mkv) == "/data/originals/u/film.mkv")
        #expect(tree.originals(older) == "/data/originals/u")
        #expect(tree.master(older) == "/data/hls/u/film/output.m3u8")
        #expect(tree.slice(task, rendition, 3, attempt: 2) == "/data/work/\(task)/720p/3-2")
    }

    @Test(
        "the older routes' names say which video they are",
        arguments: [
            ("film.mp4", "film"), ("film-1.MP4", nil), ("a.b.mp4", nil), (".mp4", nil), ("film.php", nil),
            ("film", nil), ("_film.mp4", nil),
        ] as [(String, String?)])
    func olderNames(text: String, video: String?) { #expect(OlderName(text)?.video.description == video) }

    @Test("a rendition's name can't leave its place", arguments: ["", "..", "a/b", "720P", "-a", "key", "a.b", "x\0"])
    func names(text: String) { #expect(RenditionName(text) == nil) }
}

@Suite struct PublishingTests {
    private func directory() throws -> String {
        let path = "/tmp/reelgate-storage-\(UUID())"
        try Files.makeDirectories(path)
        return path
    }

    @Test("H44 a link where a segment belongs is refused")
    func link() throws {
        let place = try directory()
        defer { try? Files.removeTree(place) }
        try Files.replace("\(place)/secret", with: [1, 2, 3].span)
        try Files.makeDirectories("\(place)/out")
        try Files.rename("\(place)/secret", to: "\(place)/out/0.ts")
        #expect(throws: SystemError.self) { _ = try Publishing.create("\(place)/out/0.ts").raw }
    }

    @Test("R20 every step may be done again, and a published segment is never replaced")
    func again() throws {
        let place = try directory()
        defer { try? Files.removeTree(place) }
        try Files.makeDirectories("\(place)/work")
        try Files.replace("\(place)/work/0.ts", with: [1].span)
        try Publishing.install([("\(place)/work/0.ts", "0.ts")], in: "\(place)/out")
        try Publishing.install([("\(place)/work/0.ts", "0.ts")], in: "\(place)/out")
        try Files.replace("\(place)/work/0.ts", with: [2].span)
        try Publishing.install([("\(place)/work/0.ts", "0.ts")], in: "\(place)/out")
        #expect(try Descriptor(reading: "\(place)/out/0.ts").readAll(limit: 9) == [1])
        #expect(throws: SystemError.self) {
            try Publishing.install([("\(place)/work/7.ts", "7.ts")], in: "\(place)/out")
        }
        try Publishing.enter("\(place)/out", as: "\(place)/hls/x")
        try Publishing.enter("\(place)/out", as: "\(place)/hls/x")
        #expect(try Files.list("\(place)/hls/x") == ["0.ts"])
        try Publishing.write("a", to: "\(place)/hls/list")
        try Publishing.write("ab", to: "\(place)/hls/list")
        try Publishing.write("ab", to: "\(place)/hls/list")
        #expect(try Descriptor(reading: "\(place)/hls/list").readAll(limit: 9) == [97, 98])
    }
}
