internal import Core
public import Postgres

/// Figures from PostgreSQL.
public final class PostgresAnalyticsStore: AnalyticsStore {
    /// How many titles are popular.
    private static let most = 10

    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    // MARK: What was watched

    /// See `AnalyticsStore`.
    public func viewing(_ scope: FigureScope, window: Int64) throws(DatabaseError) -> ViewingFigures {
        let user = scope.user?.description
        let rows = try connection.query(
            """
            select count(viewed_at) as views, coalesce(sum(watched), 0) as watched,
                count(viewed_at) filter (where viewed_at >= date_trunc('day', now())) as today,
                (select coalesce(avg(completed::int), 0) from watch_history
                    where views > 0 and (\(user)::uuid is null or user_id = \(user)::uuid)) as completion,
                (select count(distinct (user_id, session_id)) from playback_sessions
                    where media_at > now() - make_interval(secs => \(window)::int)
                        and (\(user)::text is null or user_id = \(user)::text)) as live
            from viewings where \(user)::uuid is null or user_id = \(user)::uuid
            """)
        guard let row = rows.first else { throw .column("views") }
        return ViewingFigures(
            views: try row.value("views"), viewsToday: try row.value("today"), watchSeconds: try row.value("watched"),
            completionRate: try row.value("completion"), liveStreams: try row.value("live"),
            popular: try popular(user, days: scope.days), series: try series(user, days: scope.days))
    }

    private func popular(_ user: String?, days: Int) throws(DatabaseError) -> [PopularTitle] {
        try connection.query(
            """
            select c.id, c.title, c.type, p.views, p.watched
            from (
                select content_id, count(viewed_at) as views, sum(watched) as watched from viewings
                where content_id is not null and started_at > now() - make_interval(days => \(days)::int)
                    and (\(user)::uuid is null or user_id = \(user)::uuid)
                group by content_id having count(viewed_at) > 0
            ) p join content c on c.id = p.content_id
            where c.deleted_at is null order by p.views desc, p.watched desc, c.id limit \(Self.most)::int
            """
        ).map { (row) throws(DatabaseError) in
            guard let id = UUID(try row.value("id", as: String.self)) else { throw .column("id") }
            return PopularTitle(
                content: id, title: try row.value("title"), type: try row.value("type"), views: try row.value("views"),
                watchSeconds: try row.value("watched"))
        }
    }

    private func series(_ user: String?, days: Int) throws(DatabaseError) -> [DayFigures] {
        try connection.query(
            """
            select to_char(d.day, 'YYYY-MM-DD') as day, coalesce(f.views, 0) as views,
                coalesce(f.watched, 0) as watched, coalesce(f.users, 0) as users
            from generate_series(current_date - (\(days)::int - 1), current_date, interval '1 day') as d (day)
                left join (
                    select started_at::date as day, count(viewed_at) as views, sum(watched) as watched,
                        count(distinct user_id) as users
                    from viewings where started_at >= current_date - (\(days)::int - 1)
                        and (\(user)::uuid is null or user_id = \(user)::uuid)
                    group by 1
                ) f on f.day = d.day::date
            order by d.day
            """
        ).map { (row) throws(DatabaseError) in
            DayFigures(
                day: try row.value("day"), views: try row.value("views"), watchSeconds: try row.value("watched"),
                users: try row.value("users"))
        }
    }

    // MARK: What there is

    /// See `AnalyticsStore`.
    public func stock() throws(DatabaseError) -> StockFigures {
        let rows = try connection.query(
            """
            select
                (select count(*) from users where created_at > now() - interval '7 days') as new_users,
                (select count(distinct user_id) from viewings where started_at > now() - interval '7 days') as active,
                (select coalesce(sum(file_size), 0)::bigint from videos where original_path is not null)
                    + (select coalesce(sum(s.bytes), 0)::bigint from slices s join tasks t on t.id = s.task_id
                        join videos v on v.id = t.video_id and v.publication = t.publication) as storage,
                count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'running') as running,
                count(*) filter (where state = 'dead') as dead,
                coalesce(extract(epoch from now() - min(run_after)
                    filter (where state = 'queued' and run_after <= now())), 0)::bigint as oldest
            from jobs where state in ('queued', 'running', 'dead')
            """)
        guard let row = rows.first else { throw .column("queued") }
        let levels = try counts(
            connection.query("select subscription_level as name, count(*) as count from users group by 1"))
        let types = try counts(
            connection.query("select type as name, count(*) as count from content where deleted_at is null group by 1"))
        return StockFigures(
            users: levels.values.reduce(0, +), newUsers: try row.value("new_users"),
            activeUsers: try row.value("active"), byLevel: levels, content: types.values.reduce(0, +), byType: types,
            storage: try row.value("storage"), queued: try row.value("queued"), running: try row.value("running"),
            dead: try row.value("dead"), oldest: try row.value("oldest"))
    }

    private func counts(_ rows: Rows) throws(DatabaseError) -> [String: Int] {
        var found: [String: Int] = [:]
        for (name, count) in try rows.map({ (row) throws(DatabaseError) in
            (try row.value("name", as: String.self), try row.value("count", as: Int.self))
        }) { found[name] = count }
        return found
    }
}
