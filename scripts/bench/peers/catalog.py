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


# What is written, and how, is what PostgresConditions.swift and PostgresListing.swift write.
ORDERS = {
    "newest": ("(extract(epoch from c.created_at) * 1000000)::bigint::text", "c.created_at desc, c.id desc"),
    "rating": ("(coalesce(c.rating, 0) * 10)::integer::text", "coalesce(c.rating, 0) desc, c.id desc"),
    "year": ("coalesce(c.release_year, 0)::text", "coalesce(c.release_year, 0) desc, c.id desc"),
    "title": ("c.folded_title", 'c.folded_title collate "C", c.id'),
    "views": ("c.popularity::text", "c.popularity desc, c.id desc"),
}
ORDERS["relevance"] = ORDERS["views"]
TIERS = [
    'c.folded_title collate "C" = %(plain)s', "c.title_words @@ %(exact)s::tsquery", "c.title_words @@ %(prefix)s::tsquery",
    "c.name_words @@ %(prefix)s::tsquery", "c.words @@ %(prefix)s::tsquery", "c.title_words @@ %(widened)s::tsquery",
    "c.name_words @@ %(widened)s::tsquery", "c.words @@ %(widened)s::tsquery",
]
STRICT, FORGIVING = range(5), range(5, 8)


def condition(asked):
    """What is asked of a title, but for the search."""
    written = ["c.deleted_at is null", "c.published_from <= now() and (c.published_until is null or c.published_until > now())"]
    if asked["kind"] == "episode" or asked["kind"] is None and asked["series"]:
        written.append("""(c.series_id is null or (
            select s.deleted_at is null and s.published_from <= now() and (s.published_until is null or s.published_until > now())
            from content s where s.id = c.series_id))""")
    else:
        written.append("c.type <> 'episode'")
    for name, text in (("kind", "c.type = %(kind)s"), ("series", "c.series_id = %(series)s::uuid"),
                       ("genre", "c.genre_keys @> array[catalog_folded(%(genre)s)]"),
                       ("year", "coalesce(c.release_year, 0) between %(year)s::integer and %(year)s::integer"),
                       ("language", "(c.language = %(language)s or starts_with(c.language, %(language)s::text || '-'))"),
                       ("level", "c.required_level = %(level)s"), ("maturity", "c.maturity = %(maturity)s")):
        if asked[name] is not None:
            written.append(text)
    return written


def tier_of(tiers):
    return "case " + " ".join(f"when {TIERS[n]} then {n}" for n in tiers[:-1]) + f" else {tiers[-1]} end"


def listing(at, asked, limit, tiers=None, once=False):
    """The next titles of a list, or of one tier of a search, or of several at once."""
    key, sorting = ORDERS[asked["order"]]
    written, rank = condition(asked), "0"
    if tiers is not None and once:
        rank, sorting = tier_of(tiers), "rank, c.popularity desc, c.id desc"
        written.append(TIERS[tiers[-1]] + (f" and not {TIERS[4]}" if tiers is FORGIVING else ""))
    elif tiers is not None:
        rank = str(tiers)
        written += [TIERS[tiers]] + [f"not {TIERS[n]}" for n in range(tiers)]
    at.execute(f"select c.id, {rank} as rank, {key} as key from content c where {' and '.join(written)} order by {sorting} limit %(limit)s::integer",
               {**asked, "limit": limit})
    return at.fetchall()


COLUMNS = """c.id, c.type, c.series_id, c.season, c.episode, c.title, c.description, c.genres, c.cast_members, c.tags,
    c.release_year, c.language, c.rating, c.maturity, c.poster, c.required_level, c.video_id, c.view_count, c.is_open, c.playable, c.duration,
    c.qualities, extract(epoch from c.created_at)::bigint as created, extract(epoch from c.updated_at)::bigint as updated,
    extract(epoch from c.published_from)::bigint as published, extract(epoch from c.published_until)::bigint as ends"""

TITLES = f"""
select {COLUMNS} from shown_content c where c.id = any (%(ids)s::uuid[])"""

TITLE = f"""
select {COLUMNS} from shown_content c
where c.id = %(id)s::uuid and c.deleted_at is null and (false or c.is_open)
    and (c.series_id is null or exists (
        select from shown_content s where s.id = c.series_id and s.deleted_at is null and (false or s.is_open)))"""

EPISODES = f"""
select {COLUMNS} from shown_content c
where c.series_id = %(id)s::uuid and c.deleted_at is null and (false or c.is_open)
order by c.season, c.episode limit 5000"""

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


def search(at, typed, asked, limit):
    """The places of a search's answers, tier by tier until the page is full."""
    found = []
    at.execute("select plain, exact::text as exact, prefix::text as prefix, answers, literal from catalog_query(%s)", [typed])
    query = at.fetchone()
    asked.update({name: query[name] for name in ("plain", "exact", "prefix")})

    def add(tiers, count):
        if count < 300:
            found.extend(listing(at, asked, limit - len(found), tiers, once=True))
            return
        for tier in tiers:
            if len(found) < limit:
                found.extend(listing(at, asked, limit - len(found), tier))

    if query["exact"] and query["answers"]:
        add(STRICT, query["answers"])
    if query["exact"] and len(found) < limit and not query["literal"]:
        at.execute("select widened::text as widened, catalog_answers(widened) as answers from catalog_widened(%s) widened "
                   "where widened is not null", [query["plain"]])
        for row in at.fetchall():
            asked["widened"] = row["widened"]
            add(FORGIVING, row["answers"])
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
    given = request.args
    limit = int(given.get("limit", 20))
    asked = {
        "order": given.get("sort") or ("relevance" if given.get("search") else "newest"), "kind": given.get("type"),
        "series": given.get("series_id"), "genre": given.get("genre"), "year": given.get("year", type=int),
        "language": given.get("language"), "level": given.get("required_level"), "maturity": given.get("maturity")}
    at = cursor()
    if given.get("search"):
        at.execute("begin")
        at.execute("set local statement_timeout = '3s'")
        places = search(at, given["search"], asked, limit + 1)
        items = loaded(at, places[:limit])
        at.execute("commit")
    else:
        places = listing(at, asked, limit + 1)
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
