-- What there is to watch: films, series and their episodes.

create extension if not exists pg_trgm;
create extension if not exists unaccent;

create table content (
    id             uuid primary key default gen_random_uuid(),
    type           text not null constraint "content is a movie, a series or an episode"
                       check (type in ('movie', 'series', 'episode')),
    series_id      uuid references content (id) on delete cascade,  -- of an episode alone
    season         integer,
    episode        integer,
    title          text not null,
    description    text not null default '',
    genres         text[] not null default '{}',
    cast_members   text[] not null default '{}',
    tags           text[] not null default '{}',
    release_year   integer,
    language       text not null default '',     -- BCP 47
    rating         numeric(3, 1),                -- 0.0…10.0
    maturity       text not null default '',     -- as the country has it: 'PG-13', 'FSK 12'
    poster         text,                         -- a URL of ours or the owner's
    required_level text not null default 'free' constraint "a title's level is known"
                       check (required_level in ('free', 'premium', 'family')),
    video_id       uuid references videos (id) on delete set null,  -- what plays; a series has none
    published_from timestamptz,                  -- null: not published
    published_until timestamptz,
    view_count     bigint not null default 0,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    deleted_at     timestamptz,
    constraint "an episode has a series, a season and a number" check
        ((type = 'episode') = (series_id is not null and season is not null and episode is not null)),
    constraint "an episode's place is its own" unique (series_id, season, episode)
);
