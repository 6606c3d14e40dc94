-- Who may call: people and API keys.

create extension if not exists citext;

create table users (
    id            uuid primary key default gen_random_uuid(),
    email         citext not null constraint "an e-mail address belongs to one user" unique,
    name          text not null,
    role          text not null constraint "a user is a viewer, an instructor or an admin"
                      check (role in ('viewer', 'instructor', 'admin')),
    password_hash text,                           -- Argon2id in PHC form; null: signs in elsewhere
    created_at    timestamptz not null default now()
);

create table api_keys (
    id          text primary key constraint "an API key's id is twelve lower-case letters or digits"
                    check (id ~ '^[a-z0-9]{12}$'),
    secret_hash bytea not null,                   -- SHA-256 of the secret, which has 256 random bits
    name        text not null,
    scopes      text[] not null constraint "an API key's scopes are known"
                    check (scopes <@ array['upload', 'tokens', 'catalog', 'admin']),
    created_at  timestamptz not null default now(),
    revoked_at  timestamptz
);
