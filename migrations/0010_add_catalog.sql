-- What there is to watch: films, series and their episodes, and how they are found.

create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists fuzzystrmatch;

-- A text as it is compared with others: no accents, no capitals, no punctuation, words with one space between. Combining
-- marks go first, so that é is found however it is written; NFKD also makes full-width letters and ligatures plain.
-- unaccent() is not immutable only because its rules might be edited on the server's disk; ours are Debian's.
create function catalog_plain(source text) returns text
    language sql immutable strict parallel safe
    return lower(public.unaccent('public.unaccent'::regdictionary,
        lower(regexp_replace(normalize(source, NFKD), '[\u0300-\u036F]+', '', 'g'))));

create function catalog_folded(source text) returns text
    language sql immutable strict parallel safe
    return btrim(regexp_replace(catalog_plain(source),
        '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u2000-\u206F\u20A0-\u20CF\u2100-\u2BFF\u2E00-\u2E7F\u3000-\u303F]+',
        ' ', 'g'));

create function catalog_folded_all(source text[]) returns text[]
    language sql immutable strict parallel safe
    return (select coalesce(array_agg(catalog_folded(t)), '{}') from unnest(source) t);

create function catalog_vector(source text) returns tsvector
    language sql immutable strict parallel safe
    return to_tsvector('simple', catalog_folded(source));

create function catalog_joined(source text[]) returns text
    language sql immutable strict parallel safe
    return array_to_string(source, ' . ');

create table content (
    id             uuid primary key default gen_random_uuid(),
    type           text not null constraint "content is a movie, a series or an episode"
                       check (type in ('movie', 'series', 'episode')),
    series_id      uuid references content (id) on delete cascade,  -- of an episode alone
    season         integer,
    episode        integer,
    title          text not null,
    description    text not null default '',
    genres         text[] not null default '{}',
    cast_members   text[] not null default '{}',
    tags           text[] not null default '{}',
    release_year   integer,
    language       text not null default '',     -- BCP 47
    rating         numeric(3, 1),                -- 0.0…10.0
    maturity       text not null default '',     -- as the country has it: 'PG-13', 'FSK 12'
    poster         text,                         -- a URL of ours or the owner's
    required_level text not null default 'free' constraint "a title's level is known"
                       check (required_level in ('free', 'premium', 'family')),
    video_id       uuid references videos (id) on delete set null,  -- what plays; a series has none
    published_from timestamptz,                  -- null: not published
    published_until timestamptz,
    view_count     bigint not null default 0,    -- see count_view()
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    deleted_at     timestamptz,

    -- How it is found. What is indexed changes with the texts alone, and with views only now and then, so that counting
    -- a view stays an update in place (HOT) that touches no index.
    popularity     smallint not null generated always as (floor(6 * ln(1 + view_count::float8))) stored,
    genre_keys     text[] not null generated always as (catalog_folded_all(genres)) stored,
    folded_title   text not null generated always as (catalog_folded(title)) stored,
    title_words    tsvector not null generated always as (catalog_vector(title)) stored,
    name_words     tsvector not null generated always as (catalog_vector(title || ' . ' || catalog_joined(cast_members)
                       || ' . ' || catalog_joined(genres) || ' . ' || catalog_joined(tags))) stored,
    words          tsvector not null generated always as (catalog_vector(title || ' . ' || catalog_joined(cast_members)
                       || ' . ' || catalog_joined(genres) || ' . ' || catalog_joined(tags) || ' . ' || description)) stored,

    constraint "an episode has a series, a season and a number" check
        ((type = 'episode') = (series_id is not null and season is not null and episode is not null)),
    constraint "a title is published before it ends" check (published_until > published_from)
) with (fillfactor = 80);

create unique index "an episode's place is its own" on content (series_id, season, episode) where deleted_at is null;
create index content_of_video on content (video_id) where video_id is not null;

-- One for each order that lists may have; what is deleted is in none.
create index content_newest on content (created_at desc, id desc) where deleted_at is null;
create index content_popular on content (popularity desc, id desc) where deleted_at is null;
create index content_best on content ((coalesce(rating, 0)) desc, id desc) where deleted_at is null;
create index content_latest on content ((coalesce(release_year, 0)) desc, id desc) where deleted_at is null;
create index content_titles on content (folded_title collate "C", id) where deleted_at is null;
create index content_genres on content using gin (genre_keys) where deleted_at is null;
create index content_languages on content (language, popularity desc, id desc) where deleted_at is null;
create index content_maturities on content (maturity, popularity desc, id desc) where deleted_at is null;

create index content_title_words on content using gin (title_words) where deleted_at is null;
create index content_name_words on content using gin (name_words) where deleted_at is null;
create index content_words_index on content using gin (words) where deleted_at is null;

-- Every word of every title, once, with what is left of it when one letter is missing: two words that are one mistake
-- apart (a letter too many, missing, changed, or two swapped) have one of these in common, so near words are found by
-- equality. Words further off are found by their trigrams. A word whose last title went stays: it costs a look.
create table catalog_words (
    word           text primary key,
    shortened      text[] not null
);
create index catalog_words_shortened on catalog_words using gin (shortened);
create index catalog_words_trigrams on catalog_words using gin (word gin_trgm_ops);

create function catalog_shortened(word text) returns text[]
    language sql immutable strict parallel safe
    return (select array_agg(distinct overlay(word placing '' from n for 1)) || word
            from generate_series(1, length(word)) n);

-- In one order everywhere, so that two writers never wait for each other in a circle.
create function catalog_learn_words() returns trigger language plpgsql as $$
begin
    insert into catalog_words (word, shortened)
    select w.word, catalog_shortened(w.word)
    from (select distinct unnest(tsvector_to_array(words)) as word from fresh) w
    where length(w.word) between 3 and 32
    order by w.word collate "C"
    on conflict do nothing;
    return null;
end
$$;
create trigger catalog_words_of_new after insert on content referencing new table as fresh
    for each statement execute function catalog_learn_words();
-- A trigger that sees the whole statement can't be limited to columns, and most changes are counted views.
create function catalog_learn_changed_words() returns trigger language plpgsql as $$
begin
    insert into catalog_words (word, shortened)
    select w.word, catalog_shortened(w.word)
    from unnest(tsvector_to_array(new.words)) w (word)
    where length(w.word) between 3 and 32
    order by w.word collate "C"
    on conflict do nothing;
    return null;
end
$$;
create trigger catalog_words_of_changed after update of title, description, cast_members, genres, tags on content
    for each row when (old.words is distinct from new.words) execute function catalog_learn_changed_words();

-- How many titles answer a query; 300 stands for more.
create function catalog_answers(query tsquery) returns integer language plpgsql stable strict parallel safe
    set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
begin
    return (select count(*) from (select from content where deleted_at is null and words @@ query limit 300) found);
end
$$;

-- What somebody typed, as queries: `exact` as written, `prefix` with the last word unfinished, and how many titles answer
-- to that. Whoever writes operators ("…", -word, or) is taken at his word: there `prefix` is `exact`. Never an
-- error, whatever was typed.
create function catalog_query(
    typed text, out plain text, out exact tsquery, out prefix tsquery, out literal boolean, out answers integer)
    language plpgsql stable strict parallel safe as $$
declare
    spaced text := regexp_replace(catalog_plain(typed),
        '[\u0001-\u0021\u0023-\u002C\u002E\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u2000-\u206F\u20A0-\u20CF\u2100-\u2BFF\u2E00-\u2E7F\u3000-\u303F]+',
        ' ', 'g');
    last text;
begin
    plain := catalog_folded(typed);
    -- A minus inside a word joins it; only one in front of a word takes it away.
    exact := websearch_to_tsquery('simple', regexp_replace(spaced, '(?<=[^\s])-|-(?=[\s-]|$)', ' ', 'g'));
    literal := exact::text ~ '[!<|]' or spaced ~ '"';
    prefix := exact;
    last := substring(plain from '[^ ]+$');
    if not literal and length(last) >= 2 and numnode(exact) > 0 then
        prefix := ts_rewrite(exact, quote_literal(last)::tsquery, (quote_literal(last) || ':*')::tsquery);
    end if;
    answers := catalog_answers(prefix);
end
$$;

-- Words of the catalogue that somebody may have meant.
create function catalog_near(typed text) returns text[] language plpgsql stable strict parallel safe as $$
declare
    near text[];
begin
    if length(typed) not between 3 and 32 then return '{}'; end if;
    near := array(
        select word from catalog_words where shortened && catalog_shortened(typed)
        order by levenshtein(word, typed), similarity(word, typed) desc, word limit 24);
    if near = '{}' and length(typed) >= 6 then
        near := array(
            select word from catalog_words where word % typed and levenshtein_less_equal(word, typed, 2) <= 2
            order by similarity(word, typed) desc, word limit 8);
    end if;
    return near;
end
$$;

-- The query of a folded text with its words' mistakes forgiven: of those that no title has, or of all where every one is
-- in some title; null when that changes nothing.
create function catalog_widened(plain text) returns tsquery language plpgsql stable strict parallel safe as $$
declare
    typed text[] := (string_to_array(plain, ' '))[1:12];
    known text[] := array(select word from catalog_words where word = any (typed));
    all_known boolean := not exists (select from unnest(typed) t (word) where length(t.word) >= 3 and t.word <> all (known));
    whole text := '';
    changed boolean := false;
begin
    for n in 1 .. coalesce(array_length(typed, 1), 0) loop
        declare
            near text[] := case when all_known or typed[n] <> all (known) then catalog_near(typed[n]) else '{}' end;
            own text := quote_literal(typed[n]);
        begin
            if n = array_length(typed, 1) and length(typed[n]) >= 2 then own := own || ':*'; end if;
            near := array_remove(near, typed[n]);
            changed := changed or near <> '{}';
            whole := whole || case when n > 1 then ' & ' else '' end || '(' || own
                || coalesce((select string_agg(' | ' || quote_literal(w), '') from unnest(near) w), '') || ')';
        end;
    end loop;
    return case when changed then whole::tsquery end;
end
$$;

-- When somebody's view of a title was last counted.
create table content_views (
    content_id     uuid not null references content (id) on delete cascade,
    viewer         text not null,                -- a user's id, or what a site calls him
    counted_at     timestamptz not null default now(),
    primary key (content_id, viewer)
);

-- Counts a view, once in four hours for a viewer and a title; whether it was counted.
create function count_view(seen uuid, seen_by text) returns boolean language plpgsql as $$
begin
    insert into content_views as v (content_id, viewer) values (seen, seen_by)
    on conflict (content_id, viewer) do update set counted_at = now() where v.counted_at < now() - interval '4 hours';
    if not found then return false; end if;
    update content set view_count = view_count + 1 where id = seen;
    return true;
end
$$;

-- A title as it is shown, with what its video is at present.
create view shown_content as
select c.*, v.rel as video_rel, v.duration, v.publication is not null as playable, v.task_id,
    c.published_from is not null and c.published_from <= now() and coalesce(c.published_until > now(), true)
        as is_open,
    (select jsonb_agg(jsonb_build_object('name', r.name, 'width', r.width, 'height', r.height, 'bitrate', r.cap)
                      order by r.height desc, r.ordinal)
     from tasks t join renditions r on r.task_id = t.id
     where t.video_id = v.id and t.publication = v.publication and r.kind = 'video' and r.state = 'done') as qualities
from content c left join videos v on v.id = c.video_id and v.deleted_at is null;
