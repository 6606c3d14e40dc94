-- What an account has beside its name and password.

alter table users
    add column subscription_level text not null default 'free' constraint "a subscription level is known"
        check (subscription_level in ('free', 'premium', 'family')),
    add column language          text not null default '',      -- BCP 47; empty: not said
    add column preferences       jsonb not null default '{}',   -- the client's own; at most 8 kB
    add column email_verified_at timestamptz,
    add column disabled_at       timestamptz,                   -- may not sign in, and nothing of his plays
    add column updated_at        timestamptz not null default now();
