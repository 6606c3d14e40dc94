-- What people watch: each time they do, where they stand, and what they keep. A title is a row of `content`; a lesson
-- that no title plays stands for itself, by its video.

-- One playback from start to end; its id is the `sid` of the gate's session. What the figures are made of: it stays when
-- its user clears his history.
create table viewings (
    id            text primary key,
    user_id       uuid not null references users (id) on delete cascade,
    content_id    uuid references content (id) on delete cascade,     -- null: a lesson without a title
    video_id      uuid references videos (id) on delete set null,     -- what plays
    device        text not null default '',
    platform      text not null default 'web' constraint "a viewing is on a page or in an app"
                      check (platform in ('web', 'mobile')),
    started_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),                 -- the last report, by the server's clock
    ended_at      timestamptz,
    state         text not null default 'playing' constraint "a viewing's state is known"
                      check (state in ('playing', 'paused', 'ended')),
    position      double precision not null default 0,   -- seconds
    duration      double precision not null default 0,   -- seconds of what plays; 0: not known
    watched       double precision not null default 0,   -- seconds that were played, by the reports between
    viewed_at     timestamptz,                            -- when it had lasted long enough to count; null: it has not
    completed     boolean not null default false          -- came to the end
);
create index viewings_of_user on viewings (user_id, started_at desc);
create index viewings_of_content on viewings (content_id, started_at desc);
create index viewings_newest on viewings (started_at desc);

-- Where somebody stands in a title: one row each. Recommendations go by these, so that what was deleted counts no more.
create table watch_history (
    user_id       uuid not null references users (id) on delete cascade,
    content_id    uuid references content (id) on delete cascade,
    video_id      uuid references videos (id) on delete cascade,      -- of a lesson without a title alone
    title_id      uuid not null generated always as (coalesce(content_id, video_id)) stored,
    viewing_id    text not null default '',               -- whose reports it follows; see Viewing's rules
    position      double precision not null default 0,   -- seconds
    duration      double precision not null default 0,   -- seconds; 0: not known
    completed     boolean not null default false,         -- at least once
    views         integer not null default 0,             -- that counted
    first_at      timestamptz not null default now(),
    watched_at    timestamptz not null default now(),
    primary key (user_id, title_id),
    constraint "history is of a title or of a lesson" check ((content_id is null) <> (video_id is null))
);
create index watch_history_newest on watch_history (user_id, watched_at desc, title_id);
create index watch_history_of_content on watch_history (content_id, watched_at desc);
create index watch_history_of_lesson on watch_history (video_id) where video_id is not null;

create table favorites (
    user_id       uuid not null references users (id) on delete cascade,
    content_id    uuid not null references content (id) on delete cascade,
    created_at    timestamptz not null default now(),
    primary key (user_id, content_id)
);
create index favorites_newest on favorites (user_id, created_at desc, content_id);
create index favorites_of_content on favorites (content_id);

-- What a slice's files take, so that storage is a sum.
alter table slices add column bytes bigint not null default 0;
update slices s set bytes = (select coalesce(sum((e ->> 4)::bigint), 0) from jsonb_array_elements(s.segments) e)
    where s.segments is not null;
