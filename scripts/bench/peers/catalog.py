"""The catalogue's lists, searches and titles as a site in Flask and psycopg2 answers them, with the product's own SQL."""
import os, time

import psycopg2, psycopg2.extras
from flask import Flask, jsonify, request

application = Flask(__name__)
DATABASE = os.environ["DATABASE_URL"]
KEY = os.environ.get("API_KEY", "")
held = {}


def cursor():
    """This worker's connection, made when first needed."""
    if "connection" not in held:
        held["connection"] = psycopg2.connect(DATABASE)
        held["connection"].autocommit = True
    return held["connection"].cursor(cursor_factory=psycopg2.extras.RealDictCursor)


LISTING = """
select id, rank, key from (
    select c.*,
        case when %(tier)s::integer between 0 and 7 then %(tier)s::integer
            when %(tier)s::integer = 9 then
                case when c.title_words @@ %(widened)s::tsquery then 5
                    when c.name_words @@ %(widened)s::tsquery then 6 else 7 end
            when %(tier)s::integer <> 8 then 0
            when c.folded_title collate "C" = %(plain)s::text then 0
            when c.title_words @@ %(exact)s::tsquery then 1
            when c.title_words @@ %(prefix)s::tsquery then 2
            when c.name_words @@ %(prefix)s::tsquery then 3
            else 4 end as rank,
        case %(order)s::text
            when 'newest' then (extract(epoch from c.created_at) * 1000000)::bigint::text
            when 'rating' then (coalesce(c.rating, 0) * 10)::integer::text
            when 'year' then coalesce(c.release_year, 0)::text
            when 'title' then c.folded_title
            else c.popularity::text end as key
    from content c) c
where c.deleted_at is null
    and (%(visibility)s::text <> 'published' or (
        c.published_from <= now() and (c.published_until is null or c.published_until > now())
        and (c.series_id is null or (
            select s.deleted_at is null and s.published_from <= now()
                and (s.published_until is null or s.published_until > now())
            from content s where s.id = c.series_id))))
    and (%(visibility)s::text <> 'draft' or c.published_from is null
        or c.published_from > now() or c.published_until <= now())
    and (%(kind)s::text is null or c.type = %(kind)s::text)
    and (coalesce(%(kind)s::text, %(series)s::text) is not null
        or c.type <> 'episode')
    and (%(series)s::uuid is null or c.series_id = %(series)s::uuid)
    and (%(genre)s::text is null or c.genre_keys @> array[catalog_folded(%(genre)s::text)])
    and (%(first)s::integer is null
        or coalesce(c.release_year, 0) between %(first)s::integer
            and %(last)s::integer)
    and (%(language)s::text is null or c.language = %(language)s::text
        or starts_with(c.language, %(language)s::text || '-'))
    and (%(level)s::text is null or c.required_level = %(level)s::text)
    and (%(maturity)s::text is null or c.maturity = %(maturity)s::text)
    -- The tier, and none before it.
    and (%(tier)s::integer <> 0 or c.folded_title collate "C" = %(plain)s::text)
    and (%(tier)s::integer <> 1 or c.title_words @@ %(exact)s::tsquery)
    and (%(tier)s::integer <> 2 or c.title_words @@ %(prefix)s::tsquery)
    and (%(tier)s::integer <> 3 or c.name_words @@ %(prefix)s::tsquery)
    and (%(tier)s::integer not in (4, 8, 10) or c.words @@ %(prefix)s::tsquery)
    and (%(tier)s::integer <> 5 or c.title_words @@ %(widened)s::tsquery)
    and (%(tier)s::integer <> 6 or c.name_words @@ %(widened)s::tsquery)
    and (%(tier)s::integer not in (7, 9) or c.words @@ %(widened)s::tsquery)
    and (%(tier)s::integer not between 1 and 7 or c.folded_title <> %(plain)s::text)
    and (%(tier)s::integer not between 2 and 7 or not c.title_words @@ %(exact)s::tsquery)
    and (%(tier)s::integer not between 3 and 7 or not c.title_words @@ %(prefix)s::tsquery)
    and (%(tier)s::integer not between 4 and 7 or not c.name_words @@ %(prefix)s::tsquery)
    and (%(tier)s::integer not in (5, 6, 7, 9) or not c.words @@ %(prefix)s::tsquery)
    and (%(tier)s::integer not in (6, 7) or not c.title_words @@ %(widened)s::tsquery)
    and (%(tier)s::integer <> 7 or not c.name_words @@ %(widened)s::tsquery)
    -- Behind the cursor.
    and (%(ranked0)s::integer is null or (-c.rank, c.popularity, c.id)
        < (-%(ranked0)s::integer, %(ranked1)s::bigint, %(ranked2)s::uuid))
    and (%(popular1)s::bigint is null or (c.popularity, c.id)
        < (%(popular1)s::bigint, %(popular2)s::uuid))
    and (%(newest1)s::bigint is null or (c.created_at, c.id)
        < ('epoch'::timestamptz + %(newest1)s::bigint * interval '1 microsecond', %(newest2)s::uuid))
    and (%(best1)s::bigint is null or (coalesce(c.rating, 0), c.id)
        < (%(best1)s::bigint / 10.0, %(best2)s::uuid))
    and (%(latest1)s::bigint is null or (coalesce(c.release_year, 0), c.id)
        < (%(latest1)s::bigint, %(latest2)s::uuid))
    and (%(named1)s::text is null or (c.folded_title collate "C", c.id)
        > (%(named1)s::text collate "C", %(named2)s::uuid))
order by
    case when %(tier)s::integer in (8, 9) then -c.rank end desc,
    case when %(order)s::text in ('views', 'relevance') then c.popularity end desc,
    case when %(order)s::text = 'newest' then c.created_at end desc,
    case when %(order)s::text = 'rating' then coalesce(c.rating, 0) end desc,
    case when %(order)s::text = 'year' then coalesce(c.release_year, 0) end desc,
    case when %(order)s::text = 'title' then c.folded_title end collate "C",
    case when %(order)s::text <> 'title' then c.id end desc,
    case when %(order)s::text = 'title' then c.id end
limit %(limit)s::integer"""

TITLES = """
select c.*, extract(epoch from c.created_at)::bigint as created, extract(epoch from c.updated_at)::bigint as updated,
    extract(epoch from c.published_from)::bigint as published, extract(epoch from c.published_until)::bigint as ends
from shown_content c where c.id = any (%(ids)s::uuid[])"""

TITLE = """
select c.*, extract(epoch from c.created_at)::bigint as created, extract(epoch from c.updated_at)::bigint as updated,
    extract(epoch from c.published_from)::bigint as published, extract(epoch from c.published_until)::bigint as ends
from shown_content c
where c.id = %(id)s::uuid and c.deleted_at is null and (false or c.is_open)
    and (c.series_id is null or exists (
        select from shown_content s where s.id = c.series_id and s.deleted_at is null and (false or s.is_open)))"""

EPISODES = """
select c.*, extract(epoch from c.created_at)::bigint as created, extract(epoch from c.updated_at)::bigint as updated,
    extract(epoch from c.published_from)::bigint as published, extract(epoch from c.published_until)::bigint as ends
from shown_content c
where c.series_id = %(id)s::uuid and c.deleted_at is null and (false or c.is_open)
order by c.season, c.episode limit 5000"""

NOTHING = dict.fromkeys("plain exact prefix widened ranked0 ranked1 ranked2 popular1 popular2 newest1 newest2 best1 best2 latest1 latest2 named1 named2".split())


def stamp(seconds):
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def shown(row):
    """A title as the product answers it."""
    return {
        "id": row["id"], "type": row["type"], "series_id": row["series_id"], "season": row["season"], "episode": row["episode"],
        "title": row["title"], "description": row["description"], "genres": row["genres"], "cast": row["cast_members"], "tags": row["tags"],
        "release_year": row["release_year"], "language": row["language"], "rating": None if row["rating"] is None else float(row["rating"]),
        "maturity": row["maturity"], "poster": row["poster"], "required_level": row["required_level"], "video_id": row["video_id"],
        "playable": bool(row["playable"]), "duration": row["duration"], "qualities": row["qualities"] or [], "view_count": row["view_count"],
        "published": row["is_open"], "published_from": stamp(row["published"]), "published_until": stamp(row["ends"]),
        "created_at": stamp(row["created"]), "updated_at": stamp(row["updated"]),
    }


def search(at, asked, values, limit):
    """The places of a search's answers, tier by tier until the page is full."""
    found = []
    at.execute("select plain, exact::text as exact, prefix::text as prefix, answers, literal from catalog_query(%s)", [asked])
    query = at.fetchone()
    values.update({name: query[name] for name in ("plain", "exact", "prefix")})

    def add(tiers, once, count):
        for tier in [once] if count < 300 else tiers:
            if len(found) < limit:
                at.execute(LISTING, {**values, "tier": tier, "limit": limit - len(found)})
                found.extend(at.fetchall())

    if query["exact"] and query["answers"]:
        add(range(5), 8, query["answers"])
    if query["exact"] and len(found) < limit and not query["literal"]:
        at.execute("select widened::text as widened, catalog_answers(widened) as answers from catalog_widened(%s) widened "
                   "where widened is not null", [query["plain"]])
        for row in at.fetchall():
            values["widened"] = row["widened"]
            add((5, 6, 7), 9, row["answers"])
    return found


def loaded(at, places):
    """The titles at these places, in their order."""
    at.execute(TITLES, {"ids": [place["id"] for place in places]})
    rows = {row["id"]: row for row in at.fetchall()}
    return [shown(rows[place["id"]]) for place in places if place["id"] in rows]


@application.before_request
def known():
    if request.headers.get("X-API-Key") != KEY:
        return jsonify(error="Authentication required"), 401


@application.route("/api/content")
def titles():
    asked = request.args
    limit = int(asked.get("limit", 20))
    year = asked.get("year", type=int)
    values = {
        **NOTHING, "order": asked.get("sort") or ("relevance" if asked.get("search") else "newest"), "visibility": "published",
        "kind": asked.get("type"), "series": asked.get("series_id"), "genre": asked.get("genre"), "first": year, "last": year,
        "language": asked.get("language"), "level": asked.get("required_level"), "maturity": asked.get("maturity")}
    at = cursor()
    if asked.get("search"):
        at.execute("begin")
        at.execute("set local statement_timeout = '3s'")
        places = search(at, asked["search"], values, limit + 1)
        items = loaded(at, places[:limit])
        at.execute("commit")
    else:
        at.execute(LISTING, {**values, "tier": -1, "limit": limit + 1})
        places = at.fetchall()
        items = loaded(at, places[:limit])
    more = places[limit - 1] if len(places) > limit else None
    return jsonify(items=items, next_cursor=more and f"{more['rank']} {more['key']} {more['id']}")


@application.route("/api/content/<uuid:id>")
def title(id):
    at = cursor()
    at.execute(TITLE, {"id": str(id)})
    row = at.fetchone()
    if row is None:
        return jsonify(error="Nothing was found here."), 404
    answer = shown(row)
    if row["type"] == "series":
        at.execute(EPISODES, {"id": str(id)})
        seasons = {}
        for episode in at.fetchall():
            seasons.setdefault(episode["season"], []).append(shown(episode))
        answer["seasons"] = [{"season": number, "episodes": episodes} for number, episodes in seasons.items()]
    return jsonify(answer)
