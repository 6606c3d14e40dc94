-- Background work. A job exists if and only if the transaction that needed it committed.
-- A worker claims one with FOR UPDATE SKIP LOCKED, raises `attempt`, and holds it until `lease_until` (heartbeats move
-- it on). Every later write of that worker names worker and attempt: one that lost its lease changes nothing.

create table jobs (
    id               bigint generated always as identity primary key,
    kind             text not null,               -- which handler
    payload          jsonb not null,              -- what the handler needs; never a secret
    task_id          uuid,                        -- the task it works for, if any
    owner            text not null default '',    -- for whom: workers take turns between owners
    state            text not null default 'queued' constraint "a job's state is known"
                         check (state in ('queued', 'running', 'done', 'dead', 'cancelled')),
    priority         smallint not null default 0, -- higher first
    attempt          integer not null default 0,  -- how often it was claimed; together with worker the fence
    failures         integer not null default 0,  -- how often a worker said that it went wrong
    max_attempts     integer not null default 6,  -- failures after which it is dead
    run_after        timestamptz not null default now(),
    worker           text,                        -- who holds it
    lease_until      timestamptz,
    progress         real not null default 0,
    cancel_requested boolean not null default false,
    error_code       text,
    error_detail     text,                        -- for the operator, never for a client
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    constraint "a running job has a worker and a lease"
        check (state <> 'running' or (worker is not null and lease_until is not null))
);

-- Small whatever the history: claiming looks at these rows only.
create index jobs_waiting on jobs (priority desc, id) where state = 'queued';
create index jobs_running on jobs (lease_until) where state = 'running';
create index jobs_of_task on jobs (task_id);
create index jobs_finished on jobs (finished_at) where state in ('done', 'dead', 'cancelled');
