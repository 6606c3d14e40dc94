import Core
import Foundation
import Postgres
import Storage
import Testing
import Transcoding

/// From an accepted file to a lesson, with the real worker and the real helper.
@Suite(.serialized, .timeLimit(.minutes(4))) struct PipelineTests {
    private let bench: PipelineBench

    init() throws { bench = try PipelineBench() }

    private func onlyThePublicationIsLeft() throws {
        let rel = try #require(bench.rel)
        #expect(try bench.publications().count == 1)
        #expect(!bench.exists(bench.tree.pending(rel)))
        #expect(bench.names(bench.tree.work).filter { !$0.hasPrefix(".") } == [])
        #expect(bench.names(bench.tree.uploads(rel)) == [])
        #expect(bench.names(bench.tree.originals(rel)).count == 1)
    }

    @Test("R20 a file that can be copied: playable first, then every rung, frame for frame") func copied() throws {
        bench.processes = 2
        try bench.addWorker()
        try bench.addWorker()
        let task = try bench.upload(.plain)
        try bench.waitUntil { bench.exists(bench.tree.master(try #require(bench.rel))) }
        // The mark goes right after.
        try bench.waitUntil { !bench.exists(bench.tree.pending(try #require(bench.rel))) }
        try bench.waitUntilOver(task)
        #expect(try bench.state(task) == "done")
        #expect(try bench.walk() == ["480p": 500, "360p": 500, "audio": 0])
        try onlyThePublicationIsLeft()
        #expect(
            try bench.value(
                "select string_agg(progress::text, ',') as v from renditions where kind in ('video', 'audio')")
                == "1,1,1")
    }

    @Test("R20 a file that can't be copied grows, and ends complete") func foreign() throws {
        bench.processes = 2
        try bench.addWorker()
        try bench.addWorker()
        let task = try bench.upload(.foreign)
        var last = 0.0
        try bench.waitUntil(90) {
            let made =
                Double(
                    try bench.value("select made_seconds::text as v from tasks where id = \(task.description)::uuid")
                        ?? "") ?? 0
            #expect(made >= last, "progress never falls")
            last = made
            return try bench.state(task) == "done"
        }
        #expect(try bench.walk() == ["480p": 600, "360p": 600, "audio": 0])
        try bench.waitUntilOver(task)
        try onlyThePublicationIsLeft()
    }

    @Test("H32 what is no video fails with a code, and the lesson that played plays on") func garbage() throws {
        try bench.addWorker()
        let rel = try #require(bench.rel)
        let bad = try bench.upload(.garbage)
        try bench.waitUntilOver(bad)
        #expect(try bench.state(bad) == "failed")
        #expect(try bench.value("select error_code as v from tasks") == Refusal.notMedia.code)
        #expect(!bench.exists(bench.tree.pending(rel)) && !bench.exists(bench.tree.master(rel)))
        let good = try bench.upload(.plain)
        try bench.waitUntilOver(good)
        let worse = try bench.upload(.garbage)
        try bench.waitUntilOver(worse)
        #expect(try bench.state(worse) == "failed")
        #expect(try bench.walk().count == 3)
        #expect(bench.exists(bench.tree.original(rel, .mp4)))
    }

    @Test("cancelled before anything plays: nothing is left") func cancelledEarly() throws {
        let rel = try #require(bench.rel)
        let task = try bench.upload(.foreign)
        try bench.addWorker()
        try bench.waitUntil { try bench.state(task) == "running" }
        #expect(try bench.store().cancel(task) == .running)
        try bench.waitUntilOver(task)
        #expect(try bench.state(task) == "cancelled")
        #expect(try bench.store().cancel(task) == .cancelled)
        if try bench.value("select playable::text as v from tasks") == "false" {
            #expect(try bench.publications() == [] && !bench.exists(bench.tree.pending(rel)))
            #expect(bench.names(bench.tree.originals(rel)) == [] && bench.names(bench.tree.uploads(rel)) == [])
        }
        #expect(bench.names(bench.tree.work).filter { !$0.hasPrefix(".") } == [])
        #expect(bench.helpers() == [])
    }

    @Test("cancelled while it plays: what plays stays and is closed") func cancelledLate() throws {
        try bench.addWorker()
        let task = try bench.upload(.foreign)
        try bench.waitUntil { bench.exists(bench.tree.master(try #require(bench.rel))) }
        #expect(try bench.store().cancel(task) == .running)
        try bench.waitUntilOver(task)
        let found = try bench.walk()
        #expect(found["audio"] != nil && (found["360p"] ?? 0) >= 3 * 48, "\(found)")
        #expect(try bench.publications().count == 1)
    }

    @Test("H43 a newer upload takes the older one's place; what it replaced goes when nobody can watch it")
    func superseded() throws {
        let rel = try #require(bench.rel)
        try bench.addWorker()
        let old = try bench.upload(.foreign)
        try bench.waitUntil { bench.exists(bench.tree.master(rel)) }
        let new = try bench.upload(.plain)
        #expect(bench.exists(bench.tree.master(rel)))
        try bench.waitUntilOver(new)
        #expect(try bench.state(old) == "cancelled" && bench.state(new) == "done")
        #expect(
            try bench.value("select error_code as v from tasks where id = \(old.description)::uuid") == "superseded")
        #expect(try bench.walk() == ["480p": 500, "360p": 500, "audio": 0])
        #expect(try bench.publications().count == 2, "the old one may still be watched")
        #expect(bench.names(bench.tree.originals(rel)) == ["l_lesson.mp4"])
        try bench.connection.query("update retired_publications set remove_after = now()")
        try bench.startKeeper()
        try bench.waitUntil { try bench.publications().count == 1 }
        #expect(try bench.walk().count == 3)
    }

    @Test("R02 workers and helpers killed at random moments: one task done, one publication, every frame once")
    func killed() throws {
        bench.processes = 2
        try bench.addWorker()
        try bench.addWorker()
        let task = try bench.upload(.foreign)
        for round in 0..<10 where try bench.state(task) != "done" {
            Thread.sleep(forTimeInterval: Double.random(in: 0.05..<0.8))
            if round % 2 == 0 {
                try bench.killWorker(round / 2 % 2)
            } else if let helper = bench.helpers().randomElement() {
                kill(helper, 9)
            }
        }
        try bench.waitUntilOver(task, seconds: 150)
        #expect(try bench.state(task) == "done")
        #expect(try bench.walk() == ["480p": 600, "360p": 600, "audio": 0])
        try onlyThePublicationIsLeft()
        #expect(try bench.value("select count(*)::text as v from jobs where state not in ('done', 'cancelled')") == "0")
    }

    @Test("what can't be copied after all is encoded; what was published of the copy plays until then")
    func copyingFails() throws {
        bench.wrapper = #"grep -q '"op":"remux"' /proc/self/fd/0 && exec /bin/sh -c 'kill -SEGV $$'; exec $helper"#
        try bench.addWorker()
        let task = try bench.upload(.plain)
        try bench.waitUntilOver(task)
        #expect(try bench.state(task) == "done")
        #expect(try bench.walk() == ["480p": 500, "360p": 500, "audio": 0])
        let obstacle = try bench.value("select facts->'video'->>'obstacle' as v from tasks")
        #expect(obstacle == "tried")
        #expect(try bench.value("select count(*)::text as v from renditions where copied") == "0")
        #expect(try bench.value("select faults::text as v from jobs where state = 'dead'") == "3")
    }

    @Test("encoded anew: what plays goes on playing until the new one is complete, then takes its place at once")
    func transcode() throws {
        let rel = try #require(bench.rel)
        try bench.addWorker()
        #expect(try bench.transcode(["ladder": "240:200"]) == .unknown)
        let task = try bench.upload(.foreign)
        #expect(try bench.transcode([:]) == .unknown)
        try bench.waitUntil { bench.exists(bench.tree.master(rel)) }
        #expect(try bench.transcode([:]) == .busy)
        try bench.waitUntilOver(task)
        let before = try String(contentsOfFile: bench.tree.master(rel), encoding: .utf8)
        guard case .accepted(let second, rel) = try bench.transcode(["ladder": "240:200"]) else {
            Issue.record("not accepted")
            return
        }
        try bench.waitUntil(90) {
            let master = try String(contentsOfFile: bench.tree.master(rel), encoding: .utf8)
            if master == before { return false }
            // From then on the new one plays, whole.
            #expect(try bench.walk() == ["240p": 600, "audio": 0])
            return true
        }
        try bench.waitUntilOver(second)
        #expect(try bench.state(second) == "done")
        #expect(try bench.value("select count(*)::text as v from retired_publications") == "1")
        guard case .accepted(let third, _) = try bench.transcode([:]) else {
            Issue.record("not accepted")
            return
        }
        #expect(try bench.store().cancel(third) != .done)
        try bench.waitUntilOver(third)
        #expect(try bench.walk() == ["240p": 600, "audio": 0])
        #expect(bench.names(bench.tree.originals(rel)).count == 1)
        #expect(bench.names(bench.tree.work).filter { !$0.hasPrefix(".") } == [])
    }

    @Test(
        "H40 R26 a helper that dies by the file's fault is tried three times; one that others end goes on",
        arguments: [("SEGV", "failed"), ("XCPU", "failed"), ("XFSZ", "failed"), ("ABRT", "failed"), ("KILL", "done")])
    func helperDies(signal: String, end: String) throws {
        // Six times for the first slice of encoding, more often than a fault is forgiven.
        bench.wrapper = """
            grep -q '"op":"audio"' /proc/self/fd/0 || exec $helper
            echo >>\(bench.tree.root)/deaths
            [ $(wc -l <\(bench.tree.root)/deaths) -gt 4 ] && exec $helper
            kill -\(signal) $$
            """
        try bench.addWorker()
        let task = try bench.upload(.foreign)
        try bench.waitUntilOver(task, seconds: 150)
        #expect(try bench.state(task) == end)
        let code = try bench.value("select error_code as v from tasks")
        #expect(code == (end == "failed" ? Refusal.helperFailed.code : nil))
        if end == "failed" {
            #expect(try bench.value("select max(faults)::text as v from jobs where state = 'dead'") == "3")
        }
    }

    @Test("R08 without room a task waits and says so, and goes on by itself when there is room") func noRoom() throws {
        bench.settings = ["DISK_RESERVE": "512T"]
        try bench.addWorker()
        let task = try bench.upload(.plain)
        try bench.waitUntil { try bench.value("select stage as v from tasks") == "no_room" }
        #expect(try bench.notice(task) == "no_room")
        #expect(try bench.publications() == [])
        #expect(bench.drainWorker(0) == 0)
        bench.settings = [:]
        try bench.addWorker()
        try bench.waitUntilOver(task)
        #expect(try bench.state(task) == "done")
        #expect(try bench.walk() == ["480p": 500, "360p": 500, "audio": 0])
        #expect(try bench.notice(task) == nil)
    }

    @Test("a worker that is told to leave gives its job back, and another goes on at once") func drained() throws {
        try bench.addWorker()
        let task = try bench.upload(.foreign)
        try bench.waitUntil { !bench.helpers().isEmpty }
        #expect(bench.drainWorker(0) == 0)
        #expect(bench.helpers() == [])
        #expect(try bench.value("select count(*)::text as v from jobs where state = 'running'") == "0")
        try bench.addWorker()
        try bench.waitUntilOver(task)
        #expect(try bench.state(task) == "done")
    }
}
