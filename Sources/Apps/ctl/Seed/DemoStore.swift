internal import Postgres

/// Writes the demo's rows. What is there already stays as it is, so that seeding again makes nothing twice.
struct DemoStore {
    let database: Connection

    /// Adds a title, or nothing when its id is taken.
    func add(_ title: DemoTitle, isSeries: Bool, poster: String?) throws(DatabaseError) {
        try database.query(
            """
            insert into content (id, type, title, description, genres, cast_members, tags, release_year, language, rating,
                maturity, poster, required_level, published_from, created_at)
            values (\(title.id)::uuid, \(isSeries ? "series" : "movie"), \(title.name), \(title.description),
                \(title.genres)::text[], \(title.cast)::text[], \(title.tags)::text[], \(title.year)::integer,
                \(title.language), \(title.rating)::numeric / 10, \(title.maturity), \(poster), \(title.level),
                now() - interval '90 days', now() - make_interval(days => \(90 - title.number % 80)::integer))
            on conflict do nothing
            """)
    }

    /// Adds an episode, or nothing when its id or place is taken.
    func add(_ episode: DemoEpisode, poster: String?) throws(DatabaseError) {
        let series = episode.series
        try database.query(
            """
            insert into content (id, type, series_id, season, episode, title, description, genres, cast_members, tags,
                release_year, language, rating, maturity, poster, required_level, published_from)
            values (\(episode.id)::uuid, 'episode', \(series.id)::uuid, \(episode.season)::integer,
                \(episode.episode)::integer, \(episode.name), \(episode.description), \(series.genres)::text[],
                \(series.cast)::text[], \(series.tags)::text[], \(series.year)::integer, \(series.language),
                \(series.rating)::numeric / 10, \(series.maturity), \(poster), \(series.level),
                now() - interval '90 days')
            on conflict do nothing
            """)
    }

    /// Adds somebody, or nothing when the id or the address is taken.
    func add(_ person: DemoPerson, address: String, passwordHash: String?) throws(DatabaseError) {
        try database.query(
            """
            insert into users (id, email, name, role, subscription_level, language, preferences, email_verified_at,
                password_hash, created_at)
            values (\(person.id)::uuid, \(address), \(person.name), \(person.role), \(person.level), \(person.language),
                json_build_object('genres', to_json(\(person.tastes)::text[])), now(), \(passwordHash),
                now() - interval '60 days')
            on conflict do nothing
            """)
    }

    /// Gives somebody another password.
    func set(_ passwordHash: String, of person: DemoPerson) throws(DatabaseError) {
        try database.query("update users set password_hash = \(passwordHash) where id = \(person.id)::uuid")
    }

    /// Adds that somebody watched something, as the reports of a player would have left it.
    func add(_ viewing: DemoViewing) throws(DatabaseError) {
        try database.query(
            """
            with made as (
                select now() - make_interval(secs => \(viewing.hoursAgo * 3600)::double precision) as at,
                       c.id as content_id, c.video_id, coalesce(v.duration, 5400) as duration, p.id as user_id,
                       \(viewing.part)::double precision as part
                from content c left join videos v on v.id = c.video_id, users p
                where c.id = \(viewing.title)::uuid and p.id = \(viewing.person)::uuid
            ), watched as (
                insert into viewings (id, user_id, content_id, video_id, device, started_at, updated_at, ended_at, state,
                    position, duration, watched, viewed_at, completed)
                select \(viewing.id), user_id, content_id, video_id, 'web', at, at + make_interval(secs => duration * part),
                       at + make_interval(secs => duration * part), 'ended', duration * part, duration, duration * part,
                       at + interval '30 seconds', part >= 0.95
                from made
                on conflict do nothing
                returning *
            ), remembered as (
                insert into watch_history (user_id, content_id, viewing_id, position, duration, completed, views, first_at,
                    watched_at)
                select user_id, content_id, id, position, duration, completed, 1, started_at, updated_at from watched
                on conflict do nothing
            )
            update content c set view_count = view_count + 1 from watched w where c.id = w.content_id
            """)
    }

    /// Adds a title to somebody's list.
    func keep(_ title: String, for person: DemoPerson, days: Int) throws(DatabaseError) {
        try database.query(
            """
            insert into favorites (user_id, content_id, created_at)
            values (\(person.id)::uuid, \(title)::uuid, now() - make_interval(days => \(days)::integer))
            on conflict do nothing
            """)
    }

    /// Lets films and episodes without a video play lessons in turn.
    ///
    /// - Parameter rels: the lessons' paths; those that are not there are passed over.
    /// - Returns: how many titles play one now.
    func bind(_ rels: [String]) throws(DatabaseError) -> Int {
        try database.query(
            """
            with lessons as (
                select id, row_number() over (order by array_position(\(rels)::text[], rel)) - 1 as place, count(*) over () as many
                from videos where rel = any (\(rels)::text[]) and deleted_at is null
            ), titles as (
                select id, row_number() over (order by id) as place
                from content
                where id::text like '5eed0001-de30-8000-%' and type <> 'series' and video_id is null
            )
            update content c set video_id = l.id, updated_at = now()
            from titles t, lessons l
            where c.id = t.id and t.place % l.many = l.place
            returning c.id
            """
        ).count
    }
}
