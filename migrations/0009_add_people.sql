-- What an account has beside its name and password, and how people sign in.

-- An address has one form, lower case, and is compared byte for byte; somebody who signs in elsewhere may have none.
alter table users alter column email type text collate "C" using lower(email::text);
alter table users
    alter column email drop not null,
    add constraint "an e-mail address has one form" check (email = lower(email)),
    add column subscription_level text not null default 'free' constraint "a subscription level is known"
        check (subscription_level in ('free', 'premium', 'family')),
    add column language          text not null default '',      -- BCP 47; empty: not said
    add column preferences       json not null default '{}',    -- the client's own, as it came; at most 8 kB
    add column email_verified_at timestamptz,
    add column disabled_at       timestamptz,                   -- may not sign in, and nothing of his plays
    add column updated_at        timestamptz not null default now();
-- Until now every account came from the operator, who knows whom he adds.
update users set email_verified_at = created_at;
create index users_newest on users (created_at desc, id);

-- Who somebody is elsewhere. The issuer's own id names him; an e-mail address never does.
create table identities (
    issuer     text not null,                     -- 'firebase:<project>'
    subject    text not null,
    user_id    uuid not null references users (id) on delete cascade,
    linked_at  timestamptz not null default now(),
    primary key (issuer, subject)
);
create index identities_of_user on identities (user_id);

-- A sign-in from its start to its end. Each use of its refresh token makes the next one; one that was replaced and
-- comes again is in two hands, and ends it. Its access tokens name it and count while it lives.
create table sign_ins (
    id          uuid primary key,
    user_id     uuid not null references users (id) on delete cascade,
    secret_hash bytea not null,                   -- SHA-256 of the newest refresh token's 256 random bits
    agent       text not null default '',         -- the program, as it names itself
    started_at  timestamptz not null default now(),
    used_at     timestamptz not null default now(),
    expires_at  timestamptz not null,
    ended_at    timestamptz,
    end_reason  text constraint "why a sign-in ended is known"
                    check (end_reason in ('logout', 'reuse', 'password', 'disabled'))
);
create index sign_ins_of_user on sign_ins (user_id, started_at desc, id);

-- The second factor (RFC 6238).
create table second_factors (
    user_id      uuid primary key references users (id) on delete cascade,
    secret       bytea not null,                  -- sealed with a key derived from JWT_SECRET
    confirmed_at timestamptz,                     -- null: enrolled, not yet asked for
    last_step    bigint not null default 0,       -- the last 30 s step whose code was taken: no code counts twice
    recovery     text[] not null default '{}'     -- SHA-256 in hex of the codes that are left
);

-- Links that were mailed: to choose a new password, to confirm an address.
create table mail_links (
    hash       bytea primary key,                 -- SHA-256 of 256 random bits
    user_id    uuid not null references users (id) on delete cascade,
    purpose    text not null constraint "what a link is for is known" check (purpose in ('reset', 'verify')),
    email      text not null collate "C",         -- the address it went to: another one since, and it counts no more
    expires_at timestamptz not null
);
create index mail_links_of_user on mail_links (user_id, purpose);

-- People as the product reads them.
create view people as
    select id, email, name, role, subscription_level, language, preferences, created_at,
           extract(epoch from created_at)::bigint as created,
           extract(epoch from email_verified_at)::bigint as email_verified,
           extract(epoch from disabled_at)::bigint as disabled,
           exists (select from second_factors f where f.user_id = users.id and f.confirmed_at is not null)
               as has_second_factor
    from users;
