-- What people watch: each time they do, where they stand, and what they keep.

-- One playback from start to end; its id is the `sid` of the gate's session.
create table viewings (
    id            text primary key,
    user_id       uuid not null references users (id) on delete cascade,
    content_id    uuid not null references content (id) on delete cascade,
    device        text not null default '',
    started_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    ended_at      timestamptz,
    state         text not null default 'playing' constraint "a viewing's state is known"
                      check (state in ('playing', 'paused', 'ended')),
    position      double precision not null default 0,   -- seconds
    watched       double precision not null default 0    -- seconds that were played, by the reports between
);
create index viewings_of_user on viewings (user_id, started_at desc);
create index viewings_of_content on viewings (content_id, started_at desc);
create index viewings_newest on viewings (started_at desc);

-- Where somebody stands in a title: one row each, the last report by the server's clock.
create table watch_history (
    user_id       uuid not null references users (id) on delete cascade,
    content_id    uuid not null references content (id) on delete cascade,
    position      double precision not null default 0,   -- seconds
    duration      double precision not null default 0,   -- seconds; 0: not known
    completed     boolean not null default false,
    views         integer not null default 1,
    first_at      timestamptz not null default now(),
    watched_at    timestamptz not null default now(),
    primary key (user_id, content_id)
);
create index watch_history_newest on watch_history (user_id, watched_at desc, content_id);
create index watch_history_of_content on watch_history (content_id, watched_at desc);

create table favorites (
    user_id       uuid not null references users (id) on delete cascade,
    content_id    uuid not null references content (id) on delete cascade,
    created_at    timestamptz not null default now(),
    primary key (user_id, content_id)
);
create index favorites_newest on favorites (user_id, created_at desc, content_id);
