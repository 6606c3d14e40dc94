public import Core
internal import Jobs
public import Postgres

/// Callbacks in PostgreSQL.
public final class PostgresCallbackStore: CallbackStore {
    private let connection: Connection

    /// - Parameter connection: the worker's.
    public init(_ connection: Connection) { self.connection = connection }

    /// Adds the delivery a task asks for, in the transaction that ends it. A URL that was refused at upload stays so.
    public static func announce(_ task: UUID, on connection: Connection) throws(DatabaseError) {
        let rows = try connection.query(
            """
            update tasks set callback_state = 'pending'
            where id = \(task.description)::uuid and callback_state is distinct from 'refused'
                and case when state = 'done' then success_callback_url else error_callback_url end is not null
            returning id
            """)
        guard rows.count == 1 else { return }
        try Queue.enqueue(
            NewJob(
                "callback", ["task": .string(task.description), "delivery": .string(UUID().description)], task: task,
                priority: 600, maxAttempts: DeliveryRule.attempts), on: connection)
    }

    /// See `CallbackStore`.
    public func delivery(for task: UUID) throws(DatabaseError) -> Delivery? {
        let rows = try connection.query(
            """
            select t.id, t.state, t.error_code, v.id as video, v.rel,
                   case when t.state = 'done' then t.success_callback_url else t.error_callback_url end as url,
                   extract(epoch from now() - t.finished_at)::double precision as age
            from tasks t join videos v on v.id = t.video_id
            where t.id = \(task.description)::uuid and t.state in ('done', 'failed', 'cancelled')
            """)
        guard let row = rows.first, let url = try row.optional("url", as: String.self) else { return nil }
        guard let rel = RelPath(stored: try row.value("rel")) else { throw .column("rel") }
        let done = try row.value("state", as: String.self) == "done"
        let why = try row.optional("error_code", as: String.self).map { Refusal(rawValue: $0) ?? .helperFailed }
        // A video of two parts is known to its site by the id that its upload was answered with.
        let named: [JSON.Member] =
            rel.isOlder
            ? [.init("video_id", .string(rel.lesson.description))]
            : [
                .init("video_id", .string(try row.value("video"))), .init("lesson_id", .string(rel.lesson.description)),
            ]
        var members: [JSON.Member] = [
            .init("status", .string(done ? "success" : "error")), .init("task_id", .string(task.description)),
        ]
        members += named
        members += [
            .init("hls_path", .string(rel.playlistPath)),
            .init("message", .string(done ? "The lesson is ready." : (why ?? .helperFailed).sentence)),
            .init("context", Self.context(rel)),
        ]
        if !done {
            let code = why ?? .helperFailed
            members.append(.init("error", ["code": .string(code.code), "detail": .string(code.sentence)]))
        }
        return Delivery(id: "", url: url, body: .object(members), age: try row.optional("age") ?? 0)
    }

    private static func context(_ rel: RelPath) -> JSON {
        guard let place = rel.place else {
            return ["user_id": .string(rel.trainer.description), "video_id": .string(rel.lesson.description)]
        }
        return [
            "trainer_id": .string(rel.trainer.description), "course_id": .string(place.course.description),
            "module_id": .string(place.module.description), "lesson_id": .string(rel.lesson.description),
        ]
    }

    /// See `CallbackStore`.
    public func note(_ state: CallbackState, code: Refusal?, of task: UUID) throws(DatabaseError) {
        try connection.query(
            """
            update tasks set callback_state = \(state.rawValue), callback_code = \(code?.code)
            where id = \(task.description)::uuid
            """)
    }
}
