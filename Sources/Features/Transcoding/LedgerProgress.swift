internal import Core
internal import Media
internal import Postgres

extension Ledger {
    // MARK: Progress

    /// Recomputes the task's progress and pace; nothing ever falls.
    ///
    /// - Parameter running: the slice the caller works on itself, and how much of it is there.
    func updateProgress(_ task: LessonTask, running: (slice: Int, fraction: Double)?) throws(DatabaseError) {
        guard let facts = task.facts else { return }
        let renditions = try renditions(task.id)
        let parts = try connection.query(
            """
            select s.number, s.kind, s.ordinals, s.first_segment, s.end_segment,
                   case when s.attempt is not null then 1 else coalesce(j.progress, 0) end::double precision as progress
            from slices s left join jobs j on j.id = s.job_id and j.state = 'running'
            where s.task_id = \(task.id.description)::uuid order by s.number
            """
        ).map { (row) throws(DatabaseError) in
            guard let kind = Slice.Kind(rawValue: try row.value("kind")) else { throw .column("kind") }
            let first: Int = try row.value("first_segment")
            let slice = Slice(
                number: try row.value("number"), kind: kind,
                ordinals: try row.value("ordinals", as: String.self).split(separator: ",").compactMap { UInt16($0) },
                range: first..<max(first, try row.value("end_segment")), priority: nil)
            var fraction: Double = try row.value("progress")
            if let running, running.slice == slice.number { fraction = max(fraction, running.fraction) }
            return (
                part: Progress.Part(ordinals: slice.ordinals, range: slice.range, fraction: fraction),
                cost: Workload.cost(slice, renditions, facts), isEncoding: kind.isEncoding
            )
        }
        let sums = Progress.seconds(parts.filter(\.isEncoding).map(\.part), plan: facts.plan)
        try connection.query(
            """
            update tasks set made_seconds = least(media_seconds, greatest(made_seconds,
                                                  \(sums.values.reduce(0) { $0 + $1.made })::double precision))
            where id = \(task.id.description)::uuid
            """)
        let elapsed = try notePace(
            of: task.id, work: parts.reduce(0) { $0 + $1.cost },
            worked: parts.reduce(0) { $0 + $1.cost * $1.part.fraction })
        for rendition in renditions {
            guard let sum = sums[rendition.ordinal], sum.all > 0 else { continue }
            let last = parts.lastIndex { $0.part.ordinals.contains(rendition.ordinal) && $0.part.fraction < 1 }
            let left = last.map { parts[...$0].reduce(0) { $0 + $1.cost * (1 - $1.part.fraction) } } ?? 0
            try note(sum, left: left, of: rendition.ordinal, task.id, memory: Pace.memory(after: elapsed))
        }
    }

    /// - Returns: seconds since work began.
    private func notePace(of task: UUID, work: Double, worked: Double) throws(DatabaseError) -> Double {
        let rows = try connection.query(
            """
            select worked, pace_made, pace_wall, paced_at::text as stamp,
                   extract(epoch from clock_timestamp() - paced_at)::double precision as since,
                   coalesce(extract(epoch from clock_timestamp() - started_at), 0)::double precision as elapsed
            from tasks where id = \(task.description)::uuid
            """)
        guard let row = rows.first else { return 0 }
        let elapsed: Double = try row.value("elapsed")
        let gain = worked - (try row.value("worked", as: Double.self))
        let stamp: String? = try row.optional("stamp")
        guard stamp == nil || gain > 0 else { return elapsed }
        var pace = Pace(made: try row.value("pace_made"), wall: try row.value("pace_wall"))
        if let since = try row.optional("since", as: Double.self) {
            pace.add(gain, in: since, memory: Pace.memory(after: elapsed))
        }
        // Of workers that say so at once, one is heard; the next time it counts what the others made, too.
        try connection.query(
            """
            update tasks set work = \(work)::double precision,
                             worked = greatest(worked, \(worked)::double precision),
                             pace_made = \(pace.made)::double precision, pace_wall = \(pace.wall)::double precision,
                             paced_at = clock_timestamp()
            where id = \(task.description)::uuid and paced_at::text is not distinct from \(stamp)::text
            """)
        return elapsed
    }

    private func note(
        _ sum: (all: Double, made: Double), left: Double, of ordinal: UInt16, _ task: UUID, memory: Double
    ) throws(DatabaseError) {
        let rows = try connection.query(
            """
            select made_seconds, pace_made, pace_wall, paced_at::text as stamp,
                   extract(epoch from clock_timestamp() - paced_at)::double precision as since
            from renditions where task_id = \(task.description)::uuid and ordinal = \(Int(ordinal))::integer
            """)
        guard let row = rows.first else { return }
        let gain = sum.made - (try row.value("made_seconds", as: Double.self))
        let stamp: String? = try row.optional("stamp")
        var pace = Pace(made: try row.value("pace_made"), wall: try row.value("pace_wall"))
        if gain > 0, let since = try row.optional("since", as: Double.self) {
            // One that waited for others starts its clock anew.
            if since > Pace.longestSilence { pace = Pace() } else { pace.add(gain, in: since, memory: memory) }
        }
        try connection.query(
            """
            update renditions set
                progress = greatest(progress, \(sum.made / sum.all)::double precision),
                state = case when state = 'queued' and \(sum.made)::double precision > 0 then 'running' else state end,
                made_seconds = greatest(made_seconds, \(sum.made)::double precision),
                work_left = least(work_left, \(left)::double precision),
                pace_made = \(pace.made)::double precision, pace_wall = \(pace.wall)::double precision,
                paced_at = case when \(gain > 0 || stamp == nil)::boolean then clock_timestamp() else paced_at end
            where task_id = \(task.description)::uuid and ordinal = \(Int(ordinal))::integer
                and paced_at::text is not distinct from \(stamp)::text
            """)
    }

    // MARK: Publishing

    func note(_ state: Rendition.State, of ordinal: UInt16, _ task: UUID) throws(DatabaseError) {
        try connection.query(
            """
            update renditions set state = \(state.rawValue),
                                  progress = case when \(state.rawValue) = 'done' then 1 else progress end
            where task_id = \(task.description)::uuid and ordinal = \(Int(ordinal))::integer
            """)
    }

    /// The publication plays: what it replaces is retired, to be removed when nobody can still be watching it.
    func published(_ task: LessonTask, _ name: PublicationName, original: String) throws(DatabaseError) {
        try connection.query("update tasks set playable = true where id = \(task.id.description)::uuid")
        if let old = task.playing, old != name {
            try connection.query(
                """
                insert into retired_publications (rel, name, remove_after)
                select v.rel, \(old.description),
                       now() + make_interval(secs => least(86400, greatest(3600, coalesce(v.duration, 0) * 1.5 + 600)))
                from videos v where v.id = \(task.video)::uuid
                on conflict do nothing
                """)
        }
        let size = task.facts?.video?.displaySize
        let duration = Double(task.facts?.duration ?? 0) / Double(Ticks.perSecond)
        try connection.query(
            """
            update videos set publication = \(name.description), duration = \(duration)::double precision,
                              width = \(size?.width)::integer, height = \(size?.height)::integer,
                              original_path = \(original), updated_at = now(), deleted_at = null
            where id = \(task.video)::uuid
            """)
    }
}
