-- Who is watching, as each host's keeper reads it from the gates' shared memory: what is new or changed within a second,
-- what goes on every ten. And what must not play any more.

create table playback_sessions (
    user_id       text not null,
    session_id    text not null,
    host          text not null,
    rel           text not null,
    platform      text not null constraint "a session plays on a page or in an app" check (platform in ('web', 'mobile')),
    address       text not null default '',
    agent         text not null default '',
    stream_limit  smallint not null,              -- streams its user may have at once; 0: no limit
    started_at    timestamptz not null,
    seen_at       timestamptz not null,
    media_at      timestamptz,                    -- of the last media or key: what counts as a stream
    media_seconds double precision not null default 0,  -- different media time it was sent
    requests      bigint not null default 0,
    refusals      bigint not null default 0,
    last_refusal  text,
    flags         text[] not null default '{}',   -- ripped, download_like, more_than_a_day
    primary key (user_id, session_id, host)
);
create index playback_sessions_seen on playback_sessions (seen_at desc, session_id);
create index playback_sessions_streams on playback_sessions (media_at) where stream_limit > 0;
create index playback_sessions_by_id on playback_sessions (session_id);

-- How much different media time a user was sent on a day (UTC).
create table viewing_days (
    user_id       text not null,
    day           date not null,
    media_seconds double precision not null,
    primary key (user_id, day)
);

-- Tokens issued at or before revoked_at are refused. One row for each thing named: a second revocation moves the time on.
create table revocations (
    id         uuid primary key default gen_random_uuid(),
    kind       text not null constraint "a revocation names a token, a session, a user or a rel"
                   check (kind in ('token', 'session', 'user', 'rel')),
    value      text not null,
    revoked_at timestamptz not null default now(),
    reason     text not null default '',
    author     text not null default '',          -- who revoked: an operator, a key, an admin, the keeper
    constraint "a thing is revoked once" unique (kind, value)
);
create index revocations_newest on revocations (revoked_at desc, id);
