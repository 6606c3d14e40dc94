-- What recommendations are made from. Everything below is derived from content, watch_history and favorites by the job
-- `recommend`; it may be emptied and made anew (`reelgate recommendations rebuild`).

-- How much of it somebody took in, in tenths: what was only tried says nothing; an unknown length a little.
create function taste_of("position" double precision, duration double precision, completed boolean) returns integer
    language sql immutable parallel safe
    return case when completed then 10
                when duration > 0 then least(9, greatest(0, floor(10 * "position" / duration)))::integer
                when "position" > 0 then 2 else 0 end;

-- A feature of a title, as it is compared: without case and accents.
create function title_feature(kind text, word text) returns text
    language sql stable parallel safe
    return kind || ':' || left(lower(unaccent(word)), 200);

-- Whose history or list changed in a way that counts, and which titles were edited. Rows are only ever added by those
-- who change something, so that nobody waits for anybody; the job takes them away.
create table taste_touches (
    id       bigint generated always as identity primary key,
    user_id  uuid not null
);
create table title_touches (
    id       bigint generated always as identity primary key,
    title_id uuid not null
);

-- What a user likes: the titles seen or kept last, an episode as its series. No foreign keys: what disappears must be
-- seen to disappear, so that its neighbours are counted anew.
create table tastes (
    user_id     uuid not null,
    title_id    uuid not null,
    strength    smallint not null,       -- tenths: 1…10 by how much was seen, 5 more for what was kept
    watched_at  timestamptz not null,    -- to the hour
    primary key (user_id, title_id)
);
create index tastes_of_title on tastes (title_id, watched_at desc, user_id) include (strength);

-- A title by itself.
create table title_figures (
    title_id  uuid primary key references content (id) on delete cascade,
    viewers   integer not null,             -- people, each once
    mass      bigint not null,              -- sum of strengths
    square    bigint not null,              -- sum of their squares
    step      smallint not null,            -- how large that is, in half octaves: what neighbours are measured against
    popular   double precision not null,
    heat      double precision              -- Unix seconds: as hot as one whole viewing at that time
);
create index title_figures_popular on title_figures (popular desc, title_id);
create index title_figures_heat on title_figures (heat desc, title_id) where heat is not null;

-- What a title is like: 'g:drama', 't:heist', 'c:anna berg'; and how many titles share that. No foreign key, for the
-- same reason.
create table title_features (
    feature   text not null,
    title_id  uuid not null,
    primary key (feature, title_id)
);
create index title_features_of_title on title_features (title_id, feature);
create table features (
    feature   text primary key,
    titles    integer not null,
    step      smallint not null             -- binary digits of `titles`; its weight is 1 / step
);

-- Titles whose neighbours are to be counted anew. Written by the job alone.
create table title_stale (
    title_id  uuid primary key
);

-- The titles nearest to each. No foreign keys: millions of rows would lock those of the catalogue while they are written;
-- whoever reads them joins what is shown.
create table title_neighbours (
    title_id      uuid not null,
    neighbour_id  uuid not null,
    together      real not null,            -- 0…1: how far those who watched one watched the other
    alike         real not null,            -- 0…1: how much of what makes the one special the other shares
    score         real not null,
    primary key (title_id, neighbour_id)
);
create index title_neighbours_back on title_neighbours (neighbour_id);

-- What may be recommended to somebody: published films and series.
create view titles_shown as
    select c.id, c.type, c.title, c.description, c.genres, c.cast_members, c.tags, c.release_year, c.language, c.rating,
           c.maturity, c.poster, c.required_level, c.view_count, c.published_from, c.published_until, c.created_at,
           c.updated_at, c.video_id
    from content c
    where c.type in ('movie', 'series') and c.deleted_at is null
        and c.published_from <= now() and (c.published_until is null or c.published_until > now());

create index content_published on content (published_from desc, id)
    where type in ('movie', 'series') and deleted_at is null;

-- What the videos of titles are at present.
create view title_pictures as
    select v.id as video_id, v.publication is not null as playable, v.duration,
           (select jsonb_agg(jsonb_build_object('name', r.name, 'width', r.width, 'height', r.height, 'bitrate', r.cap)
                             order by r.height desc, r.ordinal)
            from tasks t join renditions r on r.task_id = t.id
            where t.video_id = v.id and t.publication = v.publication and r.kind = 'video' and r.state = 'done'
           ) as qualities
    from videos v where v.deleted_at is null;

-- What a viewer is not shown: films that were seen to the end and series of which every published episode was; with
-- `begun`, all that was begun or kept.
create function titles_hidden_from(viewer uuid, begun boolean) returns setof uuid
    language sql stable as
$$
    with mine as materialized (
        select c.series_id, c.id, h.completed
        from watch_history h join content c on c.id = h.content_id where h.user_id = viewer
    )
    select coalesce(series_id, id) from mine where begun
    union
    select coalesce(c.series_id, c.id) from favorites f join content c on c.id = f.content_id
    where f.user_id = viewer and begun
    union
    select id from mine where series_id is null and completed
    union
    select s.series_id from (select distinct series_id from mine where series_id is not null and completed) s
    where not begun and not exists (
        select from content e
        where e.series_id = s.series_id and e.deleted_at is null
            and e.published_from <= now() and (e.published_until is null or e.published_until > now())
            and e.id not in (select id from mine where completed))
$$;

create function touch_tastes_inserted() returns trigger language plpgsql as
$$
begin
    insert into taste_touches (user_id) select distinct user_id from fresh;
    return null;
end
$$;
create function touch_tastes_deleted() returns trigger language plpgsql as
$$
begin
    insert into taste_touches (user_id) select distinct user_id from former;
    return null;
end
$$;
-- A player reports every few seconds; what counts changes ten times in a film.
create function touch_tastes_updated() returns trigger language plpgsql as
$$
begin
    insert into taste_touches (user_id)
    select distinct n.user_id from fresh n join former o on o.user_id = n.user_id and o.content_id = n.content_id
    where taste_of(n.position, n.duration, n.completed) <> taste_of(o.position, o.duration, o.completed)
        or date_trunc('hour', n.watched_at) <> date_trunc('hour', o.watched_at);
    return null;
end
$$;
create trigger watch_history_inserted after insert on watch_history referencing new table as fresh
    for each statement execute function touch_tastes_inserted();
create trigger watch_history_deleted after delete on watch_history referencing old table as former
    for each statement execute function touch_tastes_deleted();
create trigger watch_history_updated after update on watch_history referencing new table as fresh old table as former
    for each statement execute function touch_tastes_updated();
create trigger favorites_inserted after insert on favorites referencing new table as fresh
    for each statement execute function touch_tastes_inserted();
create trigger favorites_deleted after delete on favorites referencing old table as former
    for each statement execute function touch_tastes_deleted();

create function touch_titles_inserted() returns trigger language plpgsql as
$$
begin
    insert into title_touches (title_id) select id from fresh where type <> 'episode';
    return null;
end
$$;
create function touch_titles_deleted() returns trigger language plpgsql as
$$
begin
    insert into title_touches (title_id) select id from former where type <> 'episode';
    return null;
end
$$;
create function touch_titles_updated() returns trigger language plpgsql as
$$
begin
    insert into title_touches (title_id)
    select n.id from fresh n join former o on o.id = n.id
    where (n.type <> 'episode' or o.type <> 'episode')
        and (n.type, n.genres, n.tags, n.cast_members, n.deleted_at is null)
            is distinct from (o.type, o.genres, o.tags, o.cast_members, o.deleted_at is null);
    insert into taste_touches (user_id)
    select distinct h.user_id
    from (
        select n.id from fresh n join former o on o.id = n.id
        where (n.type, n.series_id, n.deleted_at is null) is distinct from (o.type, o.series_id, o.deleted_at is null)
    ) moved
    cross join lateral (
        select moved.id union all select e.id from content e where e.series_id = moved.id
    ) counted (id)
    join lateral (
        select w.user_id from watch_history w where w.content_id = counted.id
        union all select f.user_id from favorites f where f.content_id = counted.id
    ) h on true;
    return null;
end
$$;
create trigger content_inserted after insert on content referencing new table as fresh
    for each statement execute function touch_titles_inserted();
create trigger content_deleted after delete on content referencing old table as former
    for each statement execute function touch_titles_deleted();
create trigger content_updated after update on content referencing new table as fresh old table as former
    for each statement execute function touch_titles_updated();

-- What is there already.
insert into title_touches (title_id) select id from content where type <> 'episode';
insert into taste_touches (user_id) select user_id from watch_history union select user_id from favorites;
