-- How fast a task goes and what is left of it. Work is counted in seconds of a processor on the machine it was measured
-- on; only its proportions matter. The sums forget slowly (LedgerProgress), so that made ÷ wall is the present pace.

alter table tasks
    add column work double precision not null default 0,        -- all there is to do
    add column worked double precision not null default 0,      -- and what is done of it, never falling
    add column pace_made double precision not null default 0,
    add column pace_wall double precision not null default 0,   -- seconds
    add column paced_at timestamptz;                            -- when something was last done

alter table renditions
    add column made_seconds double precision not null default 0,-- of its media time
    add column work_left double precision,                      -- of the task's work, until this one is whole
    add column pace_made double precision not null default 0,
    add column pace_wall double precision not null default 0,
    add column paced_at timestamptz;
