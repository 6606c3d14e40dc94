public import Core
internal import Jobs
internal import Media
public import Postgres
public import Storage
internal import Web

/// What `POST /api/admin/transcode` asks for.
struct TranscodeRequest {
    /// The video's id or its rel.
    let video: String
    /// What is to be done differently from the settings.
    let wishes: JSON

    /// Reads the body.
    ///
    /// - Throws: 400 with the field that makes no sense.
    init(_ body: JSON) throws(Problem) {
        guard let video = body["video_id"]?.string, !video.isEmpty else {
            throw Problem(.fieldMissing, detail: "video_id is required.")
        }
        self.video = video
        var wishes: [(String, JSON)] = []
        func given(_ name: String) -> JSON? {
            guard let value = body[name], value != .null else { return nil }
            return value
        }
        if let ladder = given("ladder") { wishes.append(("steps", try Self.steps(ladder))) }
        for (name, own) in [("per_title", "per_title"), ("halve_frame_rate", "halves_frame_rate")] {
            guard let value = given(name) else { continue }
            guard case .bool = value else { throw Problem(.badRequest, detail: "\(name) must be true or false.") }
            wishes.append((own, value))
        }
        if let packaging = given("packaging") {
            guard let known = packaging.string.flatMap({ Packaging(rawValue: $0) }) else {
                throw Problem(.badRequest, detail: "packaging must be ts or cmaf.")
            }
            wishes.append(("packaging", .string(known.rawValue)))
        }
        if let loudness = given("loudness") {
            guard let level = loudness.integer, (-31 ... -5).contains(level) else {
                throw Problem(.badRequest, detail: "loudness must be LUFS from -31 to -5.")
            }
            wishes.append(("loudness", .integer(level)))
        }
        let whole = JSON.object(wishes.map { JSON.Member($0.0, $0.1) })
        do throws(MediaMessageError) { _ = try EncodingChoices(json: whole, over: EncodingChoices()) } catch {
            throw Problem(.badRequest, detail: "ladder is not valid.", inside: "\(error)")
        }
        self.wishes = whole
    }

    /// A ladder as the settings write it (`1080:5000,720:3000`, kbit/s), or a list of `{height, bitrate}` in bits a
    /// second; sizes falling.
    private static func steps(_ ladder: JSON) throws(Problem) -> JSON {
        let wrong = Problem(
            .badRequest, detail: "ladder must name sizes from 4320 to 144 lines, falling, each with its rate.")
        var steps: [(short: Int64, rate: Int64)] = []
        if let text = ladder.string {
            for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
                let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2, let short = Digits.parse(String(parts[0])),
                    let rate = Digits.parse(String(parts[1])), rate <= 100_000
                else { throw wrong }
                steps.append((short, rate * 1000))
            }
        } else {
            for entry in ladder.array ?? [] {
                guard let short = entry["height"]?.integer, let rate = entry["bitrate"]?.integer else { throw wrong }
                steps.append((short, rate))
            }
        }
        guard (1...16).contains(steps.count), zip(steps, steps.dropFirst()).allSatisfy({ $0.short > $1.short }),
            steps.allSatisfy({ (144...4320).contains($0.short) && (50_000...100_000_000).contains($0.rate) })
        else { throw wrong }
        return .array(steps.map { ["short": .integer($0.short), "rate": .integer($0.rate)] })
    }
}

/// What became of the wish to encode a video anew.
public enum TranscodeOutcome: Sendable, Equatable {
    /// It has a task.
    case accepted(task: UUID, rel: RelPath)
    /// There is no such video, or its original is gone.
    case unknown
    /// A task of it is under way.
    case busy
}

extension PostgresTaskStore {
    /// See `TaskStore`.
    public func transcode(
        _ video: String, wishes: String, isKept: (RelPath, FileExtension) -> Bool
    ) throws(DatabaseError) -> TranscodeOutcome {
        try connection.transaction { () throws(DatabaseError) in
            let id = UUID(video)?.description
            let rows = try connection.query(
                """
                select id, rel, original_path, coalesce(file_size, 0) as size from videos
                where (id = \(id)::uuid or rel = \(video)) and deleted_at is null for update
                """)
            guard let row = rows.first, let rel = RelPath(stored: try row.value("rel")),
                let path = try row.optional("original_path", as: String.self),
                let kind = FileExtension.allCases.first(where: { path.hasSuffix(".\($0)") }), isKept(rel, kind)
            else { return .unknown }
            let own: String = try row.value("id")
            let going = try connection.query(
                "select from tasks where video_id = \(own)::uuid and state in ('queued', 'running')")
            if going.count > 0 { return .busy }
            let task = UUID()
            try connection.query(
                """
                insert into tasks (id, video_id, kind, extension, original_name, file_size, wishes)
                values (\(task.description)::uuid, \(own)::uuid, 'transcode', \(kind.rawValue),
                        coalesce((select original_name from tasks where video_id = \(own)::uuid
                                  order by created_at desc limit 1), ''),
                        \(try row.value("size", as: Int64.self))::bigint, \(wishes)::jsonb)
                """)
            try connection.query(
                """
                update videos set task_id = \(task.description)::uuid, updated_at = now() where id = \(own)::uuid
                """)
            try Queue.enqueue(.prepare(task: task, owner: rel.trainer.description), on: connection)
            return .accepted(task: task, rel: rel)
        }
    }
}
