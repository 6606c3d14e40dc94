-- Lessons and what is made of them.

create table videos (
    id            uuid primary key default gen_random_uuid(),
    rel           text not null constraint "a lesson's path belongs to one video" unique,
    owner         text not null,                  -- trainer id, or the API key that uploaded it
    title         text not null default '',
    original_path text,                           -- below DATA_DIR, once it is stored
    content_type  text,
    file_size     bigint,
    duration      double precision,               -- seconds
    width         integer,                        -- as shown: after rotation
    height        integer,
    publication   text,                           -- the directory that plays now
    task_id       uuid,                           -- the newest task; an older one is superseded
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    deleted_at    timestamptz
);

-- One upload on its way to being a lesson.
create table tasks (
    id                   uuid primary key,
    video_id             uuid not null references videos (id) on delete cascade,
    state                text not null default 'queued' constraint "a task's state is known"
                             check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    stage                text not null default 'queued',  -- queued, checking, packaging, encoding, publishing, done
    playable             boolean not null default false,
    extension            text not null,           -- canonical, of the detected container
    original_name        text not null default '',-- as the client wrote it, for people only
    file_size            bigint not null,
    facts                jsonb,                   -- what the helper's inspect said, plan included
    publication          text,                    -- the directory this task fills
    key_version          bigint,
    error_code           text,
    error_detail         text,                    -- for the operator
    success_callback_url text,
    error_callback_url   text,
    callback_state       text constraint "a callback's state is known"
                             check (callback_state in ('pending', 'delivered', 'failed', 'refused')),
    callback_code        text,
    media_seconds        double precision not null default 0,  -- rendition seconds there are to make
    made_seconds         double precision not null default 0,  -- and those that are made
    created_at           timestamptz not null default now(),
    started_at           timestamptz,
    finished_at          timestamptz
);
create index tasks_of_video on tasks (video_id, created_at desc);

-- What the task makes: one row a rung, and one for sound.
create table renditions (
    task_id        uuid not null references tasks (id) on delete cascade,
    ordinal        integer not null,              -- stands in key numbers and IVs; never reused
    name           text not null,                 -- its directory
    kind           text not null constraint "a rendition is video or audio" check (kind in ('video', 'audio')),
    copied         boolean not null,
    growing        boolean not null,              -- is published while it is being made
    width          integer,
    height         integer,
    cap            bigint,                        -- bits a second
    rate_factor    integer,
    state          text not null default 'queued' constraint "a rendition's state is known"
                       check (state in ('queued', 'running', 'growing', 'done', 'dropped')),
    progress       double precision not null default 0,  -- 0…1 of its media time, never falling
    facts          jsonb,                         -- from the helper: codecs, width, height
    primary key (task_id, ordinal)
);

-- The unit of work: a stretch of segments of some renditions, made by one job in one attempt.
create table slices (
    task_id       uuid not null references tasks (id) on delete cascade,
    number        integer not null,               -- in the order of their making
    kind          text not null constraint "a slice is copied, video or audio" check (kind in ('copy', 'video', 'audio')),
    ordinals      text not null,                  -- which renditions, as 0,1,2
    first_segment integer not null,
    end_segment   integer not null,
    job_id        bigint,                         -- who makes it; null: the task's first job itself
    attempt       integer,                        -- whose files count; null until it is done
    segments      jsonb,                          -- of each segment: ordinal, number, start, duration (ticks), bytes
    primary key (task_id, number)
);

-- Publications that another one replaced; the keeper removes them when nobody can still be watching.
create table retired_publications (
    rel           text not null,
    name          text not null,
    retired_at    timestamptz not null default now(),
    remove_after  timestamptz not null,
    primary key (rel, name)
);
create index retired_publications_due on retired_publications (remove_after);
