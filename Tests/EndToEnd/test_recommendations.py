"""What is recommended to whom, through nginx: reasons, what is left out, and parameters that are none."""
import json, subprocess, time, urllib.parse, uuid

import pytest

from lab import programs, wait_for
from tokens import sign
from uploadlab import SECRETS, UploadLab

PATHS = ("trending", "popular", "personalized", "similar")
#: J06: whatever looks like a statement is a text, and a text that is no number is refused.
STRANGE = ["' OR 1=1--", "'; DROP TABLE content;--", "\\x27", "$1", "ʼ OR 1=1--", "[]", '{"$gt":""}', "%", "1 UNION SELECT 1"]


def insert(sql, cinema):
    """A small cinema: titles by name, people by name; everybody but `me` watched what the first ones watched."""
    ids = {name: str(uuid.uuid4()) for name in (
        "harbour", "lighthouse", "ferry", "gold", "draft", "waves", "waves-1", "waves-2", "me", "ada", "bob", "eve")}
    def title(name, type="movie", level="free", opens="now() - interval '9 days'", more=""):
        series = f"'{ids['waves']}', 1, {name[-1]}" if type == "episode" else "null, null, null"
        sql(f"""insert into content (id, type, title, genres, tags, series_id, season, episode, required_level, published_from)
                values ('{ids[name]}', '{type}', '{cinema} {name}', '{{Sea,Drama}}', '{{{more}}}', {series}, '{level}', {opens})""")
    for name in ("harbour", "lighthouse", "ferry"):
        title(name, more="salt,storm")
    title("gold", level="premium")
    title("draft", opens="null")
    title("waves", "series")
    for name in ("waves-1", "waves-2"):
        title(name, "episode")
    for name in ("me", "ada", "bob", "eve"):
        sql(f"""insert into users (id, email, name, role, password_hash, preferences)
                values ('{ids[name]}', '{name}-{cinema.lower()}@example.org', '{name}', 'viewer', '-', '{{"genres": ["sea"]}}')""")
    for name in ("ada", "bob", "eve"):
        for seen in ("harbour", "lighthouse", "gold", "draft", "waves-1"):
            watch(sql, ids, name, seen)
    return ids


def watch(sql, ids, user, title):
    sql(f"""insert into watch_history (user_id, content_id, position, duration, completed)
            values ('{ids[user]}', '{ids[title]}', 99, 100, true)""")


@pytest.fixture(scope="module")
def lab():
    made = UploadLab(api=2, upload=1, WORKER_PROCESSES="1")
    try:
        made.start()
        made.ids = insert(made.server.sql, "Cinema")
        made.catalog = made.reelgate("keys", "add", "--name", "site", "--scopes", "catalog").strip()
        made.reelgate("recommendations", "rebuild")
        yield made
    finally:
        made.stop()


def bearer(user, role="viewer"):
    claims = {"sub": user, "role": role, "exp": int(time.time()) + 600}
    return {"Authorization": "Bearer " + sign({"alg": "HS256", "typ": "JWT"}, claims, SECRETS["JWT_SECRET"])}


def get(lab, path, headers=None, **query):
    text = "?" + urllib.parse.urlencode(query) if query else ""
    status, _, body = lab.call(f"/api/recommendations/{path}{text}", headers=headers, key=False)
    return status, body


def names(lab, path, user="me", **query):
    status, body = get(lab, path, bearer(lab.ids[user]), **query)
    assert status == 200 and body["next_cursor"] is None, body
    return [item["title"].removeprefix("Cinema ") for item in body["items"]]


def reasons(lab, path, user="me", **query):
    status, body = get(lab, path, bearer(lab.ids[user]), **query)
    assert status == 200, body
    return {item["title"].removeprefix("Cinema "): item["reason"] for item in body["items"]}


def path(lab, name):
    return f"similar/{lab.ids['harbour']}" if name == "similar" else name


@pytest.mark.parametrize("name", PATHS)
def test_J12_nobody_is_answered_without_a_credential(lab, name):
    assert get(lab, path(lab, name))[0] == 401
    assert get(lab, path(lab, name), {"Authorization": "Bearer nonsense"})[0] == 401
    assert get(lab, path(lab, name), {"X-API-Key": lab.key})[0] == 403, "a key without the scope"
    assert get(lab, path(lab, name), {"X-API-Key": lab.catalog})[0] == (403 if name == "personalized" else 200)
    for role in ("viewer", "instructor", "admin"):
        assert get(lab, path(lab, name), bearer(lab.ids["me"], role))[0] == 200


def test_a_newcomer_gets_what_he_likes_and_what_others_watch(lab):
    found = reasons(lab, "personalized", "me")
    assert set(found) == {"harbour", "lighthouse", "ferry", "waves"}
    assert found["harbour"]["kind"] in ("preferred_genre", "trending") and all(one["text"] for one in found.values())
    assert any(one == {"kind": "preferred_genre", "text": "You like sea.", "genre": "sea"} for one in found.values())


def test_who_watched_something_gets_what_goes_with_it_and_not_what_he_saw(lab):
    ids = lab.ids
    watch(lab.server.sql, ids, "me", "harbour")
    try:
        found = reasons(lab, "personalized", "me")
        assert set(found) == {"lighthouse", "ferry", "waves"}
        own = [one for one in found.values() if one["kind"] == "because_you_watched"]
        assert own and own[0]["title"] == {"id": ids["harbour"], "title": "Cinema harbour"}
        for name in ("trending", "popular"):
            assert "harbour" not in names(lab, name), "what he finished"
            assert "gold" not in names(lab, name), "what his level does not include"
        assert "draft" not in names(lab, "popular", limit=100)
        lab.server.sql(f"update users set subscription_level = 'premium' where id = '{ids['me']}'")
        assert "gold" in names(lab, "trending")
    finally:
        lab.server.sql(f"delete from watch_history where user_id = '{ids['me']}'")
        lab.server.sql(f"update users set subscription_level = 'free' where id = '{ids['me']}'")


def test_a_series_is_shown_instead_of_its_episodes_until_all_were_seen(lab):
    assert "waves" in names(lab, "trending", "ada")
    watch(lab.server.sql, lab.ids, "ada", "waves-2")
    assert "waves" not in names(lab, "trending", "ada") and "waves" in names(lab, "trending", "bob")
    assert "waves" in names(lab, f"similar/{lab.ids['harbour']}", "me")
    # What is like an episode is what is like its series.
    assert names(lab, f"similar/{lab.ids['waves-1']}") == names(lab, f"similar/{lab.ids['waves']}")


def test_similar_says_in_what(lab):
    found = reasons(lab, f"similar/{lab.ids['harbour']}")
    assert found["ferry"]["kind"] == "similar" and not found["ferry"]["watched_together"]
    assert sorted(found["ferry"]["tags"]) == ["salt", "storm"] and found["lighthouse"]["watched_together"]
    assert found["lighthouse"]["title"]["title"] == "Cinema harbour"


@pytest.mark.parametrize("id", ["5f0c0000-0000-4000-8000-00000000dead", "nonsense", "' OR 1=1--", "%00", "..", "$1"])
def test_J06_an_unknown_title_is_not_found(lab, id):
    status, body = get(lab, "similar/" + urllib.parse.quote(id, safe="%"), bearer(lab.ids["me"]))
    assert status in (400, 404) and body["code"] in ("not_found", "bad_request"), body


def test_a_draft_is_not_found(lab):
    assert get(lab, f"similar/{lab.ids['draft']}", bearer(lab.ids["me"]))[0] == 404


@pytest.mark.parametrize("name", PATHS)
def test_J06_J07_J11_parameters(lab, name):
    me = bearer(lab.ids["me"])
    for limit in STRANGE + ["0", "101", "-1", "05", "1e1", "", "20;select 1"]:
        status, body = get(lab, path(lab, name), me, limit=limit)
        assert (status, body["code"]) == (400, "bad_request"), (limit, body)
    for cursor in STRANGE + ["abc", "MAo"]:
        assert get(lab, path(lab, name), me, cursor=cursor)[0] == 400, cursor
    assert get(lab, path(lab, name) + "?limit=1&limit=2", me)[0] == 400
    assert len(names(lab, path(lab, name), limit=1)) == 1
    before = names(lab, path(lab, name))
    # What no parameter is called changes nothing.
    assert names(lab, path(lab, name), order="rating;drop table content", sort="1", level="family") == before


def test_J06_a_genre_is_a_text(lab):
    me = bearer(lab.ids["me"])
    for genre in STRANGE + ["No such genre"]:
        status, body = get(lab, "popular", me, genre=genre)
        assert (status, body["items"]) == (200, []), genre
    assert get(lab, "popular", me, genre="x" * 101)[0] == 400
    assert get(lab, "popular?genre=%00", me)[0] == 400
    assert get(lab, "popular?genre=a&genre=b", me)[0] == 400
    assert set(names(lab, "popular", genre="SÉA")) == {"harbour", "lighthouse", "ferry", "waves"}
    found = reasons(lab, "popular", genre="Sea")
    assert found["harbour"] == {"kind": "popular", "text": "Popular in Sea.", "genre": "Sea"}
    assert found["ferry"]["kind"] == "new"
    assert int(lab.server.sql("select count(*) from content")[0]) == 8


def test_the_operator_sees_the_same(lab):
    line = lab.reelgate("recommendations", "show", "personalized", lab.ids["me"])
    assert [item["title"].removeprefix("Cinema ") for item in json.loads(line)] == names(lab, "personalized")
    assert "people" in lab.reelgate("recommendations", "rebuild", "--touched")


def test_the_running_product_brings_itself_up_to_date(lab):
    """The keeper sees what was touched, a worker makes it: nobody asks for it."""
    ids = insert(lab.server.sql, "Rail")
    running = [subprocess.Popen([f"{programs()}/reelgate-{name}"], env=lab.settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for name in ("keeper", "worker")]
    try:
        wait_for(lambda: lab.server.sql(f"select viewers from title_figures where title_id = '{ids['harbour']}'") == ["3"], 180)
        wait_for(lambda: lab.server.sql(f"select 1 from title_neighbours where title_id = '{ids['harbour']}' limit 1"), 180)
        wait_for(lambda: lab.server.sql("select state from jobs where kind = 'recommend' order by id desc limit 1") == ["done"], 180)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)
