-- What stands beside the picture: several sound tracks, whole pictures for moving through the film, images, captions,
-- chapters; and what the operator chose for a task.

alter table tasks
    add column kind text not null default 'upload' constraint "a task is an upload or encodes its original anew"
        check (kind in ('upload', 'transcode')),
    add column choices jsonb,                     -- EncodingChoices, noted when the task is planned
    add column probe jsonb;                       -- what a probe of the content found, where one was asked for

alter table renditions
    drop constraint "a rendition is video or audio",
    add constraint "a rendition's kind is known"
        check (kind in ('video', 'audio', 'iframes', 'images', 'poster', 'captions', 'chapters')),
    add column track integer,                     -- which of the source's sound or caption tracks
    add column language text not null default '', -- BCP 47
    add column label text not null default '';    -- what a person reads in a menu

alter table slices
    drop constraint "a slice is copied, video or audio",
    add constraint "a slice's kind is known" check (kind in ('copy', 'video', 'audio', 'stills', 'captions'));

alter table jobs
    add column faults integer not null default 0; -- failures that are the work's own; few of them end it

-- Captions belong to a video: those that were uploaded outlive its publications, those found in a file go with its task.
-- Each is a version of its own, published in a directory that bears its name.
create table captions (
    version      text primary key constraint "a version is twelve hexadecimal digits" check (version ~ '^[0-9a-f]{12}$'),
    video_id     uuid not null references videos (id) on delete cascade,
    task_id      uuid references tasks (id) on delete cascade,  -- whose file held them; null: uploaded
    track        integer not null default 0,      -- which of the file's
    language     text not null,                   -- BCP 47 in its usual case; und where nobody knows
    kind         text not null default 'subtitles' constraint "captions are subtitles or captions"
                     check (kind in ('subtitles', 'captions')),
    label        text not null,                   -- what a person reads in a menu
    is_default   boolean not null default false,
    cues         integer not null,
    body         text not null,                   -- WebVTT as we write it
    created_at   timestamptz not null default now(),
    published_in text,                            -- the publication whose master lists it
    removed_at   timestamptz,                     -- replaced or deleted
    unlisted_at  timestamptz                      -- no master lists it any more; its files go some time later
);
create unique index captions_uploaded on captions (video_id, language) where task_id is null and removed_at is null;
create unique index captions_found on captions (task_id, track) where task_id is not null;
create index captions_of_video on captions (video_id);
create index captions_removed on captions (unlisted_at) where removed_at is not null;
