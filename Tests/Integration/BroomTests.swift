import Core
import Foundation
import POSIX
import Postgres
import Storage
import TestSupport
import Testing

@testable import keeper

@Suite("What the keeper sweeps, and what it leaves") struct BroomTests {
    let connection: Connection
    let tree: DataTree
    let broom: Broom
    let rel: RelPath
    let root: String
    let now = Clocks.wallSeconds()

    init() throws {
        connection = Connection(try PrivatePostgres.shared.database(), application: "tests")
        root = "/tmp/rgbroom-\(Core.UUID())"
        tree = DataTree(root)
        broom = Broom(tree: tree, connection: connection, log: Log("test"))
        rel = try #require(RelPath("t1/c1/m1/l1"))
        for path in [tree.incoming, tree.uploads(rel), tree.lesson(rel), tree.work] { try Files.makeDirectories(path) }
    }

    /// Makes a file or directory that was last changed so many seconds ago.
    private func old(_ path: String, by seconds: Int64, directory: Bool = false) throws -> String {
        if directory { try Files.makeDirectories(path) } else { _ = try Descriptor(creating: path) }
        let date = Date(timeIntervalSince1970: TimeInterval(now - seconds))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        return path
    }

    private func lesson(_ state: String, publication: String? = nil, at rel: RelPath? = nil) throws -> Core.UUID {
        let rel = rel ?? self.rel
        let video = Core.UUID(), task = Core.UUID()
        try connection.query(
            """
            insert into videos (id, rel, owner, publication)
            values (\(video.description)::uuid, \(rel.description), 't1', \(publication))
            """)
        try connection.query(
            """
            insert into tasks (id, video_id, state, extension, file_size)
            values (\(task.description)::uuid, \(video.description)::uuid, \(state), 'mp4', 1)
            """)
        return task
    }

    @Test("G25 R02 what is left behind goes after a day, what is young stays") func received() throws {
        defer { try? Files.removeTree(root) }
        let left = try old("\(tree.incoming)/\(Core.UUID())", by: 90_000)
        let young = try old("\(tree.incoming)/\(Core.UUID())", by: 3600)
        broom.sweep(now: now)
        #expect(!Files.exists(left) && Files.exists(young))
    }

    @Test(arguments: [("running", true), ("queued", true), ("done", false), ("cancelled", false)])
    func whatATaskNeedsStays(state: String, kept: Bool) throws {
        defer { try? Files.removeTree(root) }
        let task = try lesson(state)
        let upload = try old("\(tree.uploads(rel))/\(task).mp4", by: 90_000)
        let work = try old(tree.work(task), by: 90_000, directory: true)
        let mark = try old(tree.pending(rel), by: 3600)
        broom.sweep(now: now)
        #expect(Files.exists(upload) == kept)
        #expect(Files.exists(work) == kept)
        #expect(Files.exists(mark) == kept)
    }

    @Test("the same of videos of the older routes", arguments: [("running", true), ("queued", true), ("done", false)])
    func older(state: String, kept: Bool) throws {
        defer { try? Files.removeTree(root) }
        let rel = try #require(RelPath(stored: "u1/film"))
        let name = PublicationName(keyVersion: 1, targetMilliseconds: 6000)
        try Files.makeDirectories(tree.uploads(rel))
        try Files.makeDirectories(tree.lesson(rel))
        let task = try lesson(state, publication: name.description, at: rel)
        let upload = try old(tree.upload(rel, task: task, .mp4), by: 90_000)
        let left = try old("\(tree.uploads(rel))/left.mp4", by: 90_000)
        let young = try old("\(tree.uploads(rel))/young.mp4", by: 3600)
        let mark = try old(tree.pending(rel), by: 3600)
        let unknown = PublicationName(keyVersion: 1, targetMilliseconds: 6000)
        for one in [name, unknown] { _ = try old(tree.publication(rel, one), by: 90_000, directory: true) }
        broom.sweep(now: now)
        #expect(Files.exists(upload) == kept && Files.exists(mark) == kept)
        #expect(!Files.exists(left) && Files.exists(young))
        #expect(Files.isDirectory(tree.publication(rel, name)) && !Files.isDirectory(tree.publication(rel, unknown)))
    }

    @Test("a mark without a row is taken away, a fresh one is not") func marks() throws {
        defer { try? Files.removeTree(root) }
        let mark = try old(tree.pending(rel), by: 60)
        broom.sweep(now: now)
        #expect(Files.exists(mark))
        broom.sweep(now: now + 600)
        #expect(!Files.exists(mark))
    }

    @Test("R20 only publications that nobody plays go") func publications() throws {
        defer { try? Files.removeTree(root) }
        let names = (0..<4).map { _ in PublicationName(keyVersion: 1, targetMilliseconds: 6000) }
        for name in names { _ = try old(tree.publication(rel, name), by: 90_000, directory: true) }
        _ = try lesson("done", publication: names[0].description)
        try connection.query(
            """
            insert into retired_publications (rel, name, remove_after) values
                (\(rel.description), \(names[1].description), now() - interval '1 second'),
                (\(rel.description), \(names[2].description), now() + interval '1 hour')
            """)
        broom.sweep(now: now)
        let there = names.map { Files.isDirectory(tree.publication(rel, $0)) }
        #expect(there == [true, false, true, false])
        let rows = try connection.query("select name from retired_publications")
        #expect(rows.count == 1)
    }

    @Test("captions that were replaced go an hour after no master lists them any more") func captions() throws {
        defer { try? Files.removeTree(root) }
        let name = PublicationName(keyVersion: 1, targetMilliseconds: 6000)
        _ = try lesson("done", publication: name.description)
        let versions = ["000000000001", "000000000002", "000000000003"]
        for (version, ago) in zip(versions, [3700, 60, 0]) {
            let directory = try #require(RenditionName.captions("pt-BR", version))
            _ = try old(tree.rendition(rel, name, directory), by: 60, directory: true)
            try connection.query(
                """
                insert into captions (version, video_id, language, label, cues, body, removed_at, unlisted_at)
                select \(version), id, 'pt-BR', 'x', 1, 'WEBVTT',
                       case when \(ago)::integer > 0 then now() end,
                       case when \(ago)::integer > 0 then now() - make_interval(secs => \(ago)::integer) end
                from videos where rel = \(rel.description)
                """)
        }
        let left = try old("\(tree.captions)/000000000009-1-1", by: 90_000, directory: true)
        broom.sweep(now: now)
        let there = try versions.map { version in
            Files.isDirectory(tree.rendition(rel, name, try #require(RenditionName.captions("pt-BR", version))))
        }
        #expect(there == [false, true, true] && !Files.exists(left))
        #expect(try connection.query("select from captions").count == 2)
    }
}
