"""People who watch by their accounts, through nginx: a session's place is the gate's, its end frees it at once."""
import glob, json, os, subprocess, threading, time, urllib.error, urllib.request, uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import Site, ffmpeg
from tokens import sign

REL = "viewing/c1/m1/l1"


class House(Site):
    """A running demo with one film in its catalogue."""

    def __init__(self, demo):
        super().__init__(demo)
        self.demo = demo

    def sql(self, statement, **values):
        """One statement; values travel as psql variables."""
        sets = [part for name, value in values.items() for part in ("-v", f"{name}={value}")]
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", *sets, self.demo["DATABASE_URL"]], input=statement,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def person(self, level="free", role="viewer"):
        email = f"{uuid.uuid4()}@example.org"
        return Person(self, self.sql(
            "insert into users (email, name, role, subscription_level) values (:'email', 'P', :'role', :'level') returning id",
            email=email, role=role, level=level), role)


class Person:
    """Somebody signed in, with an access token as a site makes one."""

    def __init__(self, house, identity, role):
        self.house, self.id = house, identity
        token = sign({"alg": "HS256"}, {"sub": identity, "role": role, "exp": int(time.time()) + 900}, house.demo["JWT_SECRET"])
        self.headers = {"Authorization": f"Bearer {token}", "X-API-Key": None}

    def ask(self, method, path, body=None):
        """Status and JSON; a body may be text that is no JSON."""
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
        headers = {**self.headers, **({"Content-Type": "application/json"} if data is not None else {})}
        status, _, answer = self.house.call(path, method, headers, data)
        return status, answer

    def start(self, device="TV", **title):
        return self.ask("POST", "/api/streaming/session", {"device": device, **(title or {"content_id": self.house.film})})

    def report(self, session, position, state="playing"):
        return self.ask("PUT", f"/api/streaming/session/{session}", {"position": position, "state": state})

    def end(self, session, *position):
        return self.ask("POST", f"/api/streaming/session/{session}/end", *[{"position": p} for p in position])


def media(house, token, name=None, referrer=True):
    """What asking for a segment gives: the status, or the reason for no."""
    headers = {"Authorization": f"Bearer {token}"}
    if referrer:
        headers["Referer"] = house.origin + "/" if referrer is True else referrer
    request = urllib.request.Request(f"{house.base}/hls2/{REL}/{name or house.segment}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.headers.get("X-Reelgate-Reason") or error.code


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("did not come")


@pytest.fixture(scope="module")
def house(demo, tmp_path_factory):
    clip = f"{tmp_path_factory.mktemp('viewing')}/clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=20", "-f", "lavfi", "-i", "sine=f=440:d=20", "-c:v", "libx264", "-preset", "ultrafast",
           "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", clip)
    house = House(demo)
    house.make(clip, REL)
    house.segment = sorted(os.path.relpath(f, f"{demo.data}/data/hls/{REL}") for f in glob.glob(f"{demo.data}/data/hls/{REL}/_*/[0-9]*p/*.ts"))[0]
    house.film = house.sql("""insert into content (type, title, video_id, published_from)
        select 'movie', 'Twenty seconds', id, now() - interval '1 minute' from videos where rel = :'rel' returning id""", rel=REL)
    return house


def test_the_next_session_is_admitted_as_soon_as_the_last_has_ended(house):
    """One stream: start, watch, end, start, with nothing between; the gate admits the new one and refuses the old one."""
    person = house.person()
    old = None
    for round in range(12):
        status, session = person.start()
        assert status == 201 and session["stream_limit"] == 1, (round, session)
        assert media(house, session["token"]) == 200, round
        if old:
            assert media(house, old) == "revoked" and media(house, old, "output.m3u8") == "revoked"
        status, refused = person.start("phone")
        assert (status, refused["code"]) == (403, "limit_streams")
        if round % 2:
            status, ended = person.end(session["session_id"], 7.5)
            assert status == 200 and ended["position"] == 7.5
        else:
            # As a page that is being closed: no body at all.
            status, ended = person.end(session["session_id"])
            assert status == 200 and ended["state"] == "ended", ended
        old = session["token"]
    assert person.report(session["session_id"], 9)[0] == 409


def test_J01_20_starts_at_once(house):
    """J01: as many sessions begin as the subscription allows, and those play; with a limit of 2 and of 5."""
    for level, limit in (("premium", 2), ("family", 5)):
        person, barrier = house.person(level), threading.Barrier(20)

        def start(number):
            barrier.wait()
            return person.start(f"device {number}")
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(start, range(20)))
        begun = [body for status, body in answers if status == 201]
        assert len(begun) == limit and [body["code"] for status, body in answers if status != 201] == ["limit_streams"] * (20 - limit)
        assert [media(house, session["token"]) for session in begun] == [200] * limit


def test_another_device_goes_on_within_a_second(house):
    person = house.person("premium")
    phone = person.start("phone")[1]
    assert phone["resume_position"] == 0
    assert person.report(phone["session_id"], 8.25, "paused")[0] == 200
    television = person.start("TV")[1]
    assert abs(television["resume_position"] - 8.25) < 1
    status, report = person.report(television["session_id"], 9.5)
    assert status == 200 and media(house, report["token"]) == 200
    # The phone in the pocket reports where it stands: nothing moves.
    assert person.report(phone["session_id"], 8.25, "paused")[0] == 200
    history = person.ask("GET", f"/api/users/{person.id}/history")[1]["items"]
    assert [(item["content_id"], item["resume_position"]) for item in history] == [(house.film, 9.5)]
    assert person.ask("GET", f"/api/users/users/{person.id}/history")[1]["items"] == history
    assert person.end(television["session_id"], 19.9)[1]["completed"] is True
    assert person.end(phone["session_id"])[0] == 200
    assert person.start()[1]["resume_position"] == 0, "after the end it begins anew"


def test_two_devices_report_at_once(house):
    person = house.person("premium")
    sessions = [person.start(name)[1]["session_id"] for name in ("phone", "TV")]

    def report(number):
        return person.report(sessions[number % 2], number / 4)[0]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(report, range(64))) == [200] * 64
    history = person.ask("GET", f"/api/users/{person.id}/history")[1]["items"]
    assert len(history) == 1 and 0 <= history[0]["position"] <= 16


def test_J12_what_is_somebody_elses_is_not_there(house):
    owner, other = house.person(), house.person("family")
    session = owner.start()[1]["session_id"]
    assert owner.report(session, 3)[0] == 200
    assert owner.ask("POST", f"/api/users/{owner.id}/favorites", {"content_id": house.film})[0] == 201
    for base in (f"/api/users/{owner.id}", f"/api/users/users/{owner.id}"):
        for method, path, body in (("GET", f"{base}/history", None), ("DELETE", f"{base}/history", None),
                                   ("DELETE", f"{base}/history/{house.film}", None), ("GET", f"{base}/favorites", None),
                                   ("POST", f"{base}/favorites", {"content_id": house.film}), ("DELETE", f"{base}/favorites/{house.film}", None)):
            assert other.ask(method, path, body)[0] == 404, (method, path)
            assert house.call(path, method, {"X-API-Key": None})[0] == 401, (method, path)
    assert other.report(session, 9)[0] == 404 and other.end(session)[0] == 404
    assert owner.report(session, 4)[0] == 200
    assert owner.ask("GET", "/api/admin/stats")[0] == 403
    owner.end(session)


def test_who_may_watch_what(house):
    """Levels, publication, and a lesson that no title plays; J13: what a client adds counts for nothing."""
    free, premium, admin = house.person(), house.person("premium"), house.person(role="admin")
    house.sql("update content set required_level = 'premium' where id = :'film'", film=house.film)
    try:
        status, refused = free.ask("POST", "/api/streaming/session", {
            "content_id": house.film, "user_id": premium.id, "level": "family", "subscription_level": "family", "lim": 15})
        assert (status, refused["code"]) == (403, "not_entitled")
        status, session = premium.start(video_id=REL)
        assert status == 201, "a video that a title plays is that title"
        assert media(house, session["token"]) == 200
        house.sql("update content set published_until = now() where id = :'film'", film=house.film)
        assert premium.start()[0] == 404 and premium.report(session["session_id"], 5)[0] == 404
        assert premium.end(session["session_id"])[0] == 200
        house.sql("update content set deleted_at = now() where id = :'film'", film=house.film)
        assert premium.start(video_id=REL)[1]["code"] == "not_entitled"
        status, session = admin.start(video_id=REL)
        assert status == 201 and media(house, session["token"]) == 200 and admin.end(session["session_id"])[0] == 200
    finally:
        house.sql("update content set required_level = 'free', published_until = null, deleted_at = null where id = :'film'", film=house.film)


def test_D07_D08_J06_bodies_of_another_form(house):
    person = house.person()
    session = person.start()[1]["session_id"]
    for position in ("-1", "-0.001", "NaN", "Infinity", "1e308", "1e400", "9223372036854775807", "604801", '"5"', "null", "[5]", "{}", "+5", "05",
                     "0x1p3", "5,", '"1\u0000"', '"\' OR 1=1--"'):
        status, answer = person.ask("PUT", f"/api/streaming/session/{session}", '{"position":%s}' % position)
        assert status == 400, (position, answer)
    for state in ('"ended"', '"x"', "7", "null"):
        assert person.ask("PUT", f"/api/streaming/session/{session}", '{"position":5,"state":%s}' % state)[0] == 400, state
    for title in ('"x"', "7", "null", "[]", '"\' OR 1=1--"', '"%s\u0000"' % house.film, '"%s"' % house.film.upper()):
        assert person.ask("POST", "/api/streaming/session", '{"content_id":%s}' % title)[0] == 400, title
    for path in (f"/api/users/{person.id}/history?limit=0", f"/api/users/{person.id}/history?cursor=1%27--", "/api/streaming/analytics?days=1e9",
                 f"/api/users/{person.id}/favorites?limit=1000000000000", f"/api/users/{person.id}/history?completed=%00"):
        assert person.ask("GET", path)[0] == 400, path
    assert person.report(session, 5)[0] == 200 and person.end(session)[0] == 200


def test_B03_B04_B07_a_session_plays_on_listed_sites_alone(house):
    person = house.person()
    session = person.start()[1]
    assert media(house, session["token"]) == 200
    for referrer in ("https://good.example.evil.com/", "https://evilgood.example/", house.origin + ".evil.com/", "null"):
        assert media(house, session["token"], referrer=referrer) == "referrer", referrer
    assert media(house, session["token"], referrer=False) == "referrer_missing"
    # In a path the token is another one of the same session.
    with urllib.request.urlopen(session["path_playlist_url"], timeout=60) as answer:
        assert answer.status == 200
    assert person.end(session["session_id"])[0] == 200
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(session["path_playlist_url"], timeout=60)
    assert refused.value.headers["X-Reelgate-Reason"] == "revoked"


def test_who_watches_is_seen_and_counted(house):
    """The operator's list and figures know the session; its end takes it from both."""
    person, admin = house.person(), house.person(role="admin")
    session = person.start()[1]
    assert media(house, session["token"]) == 200

    def rows():
        return house.call(f"/api/admin/sessions?user_id={person.id}")[2]["items"]
    row = until(lambda: rows())[0]
    assert row["session_id"] == session["session_id"] and row["stream_limit"] == 1 and row["live"]
    stats = admin.ask("GET", "/api/admin/stats")[1]
    assert stats["live_streams"] >= 1 and stats["storage_bytes"] > 0 and len(stats["series"]) == 30
    assert person.ask("GET", "/api/streaming/analytics")[1]["live_streams"] == 1
    assert person.end(session["session_id"], 5)[0] == 200
    until(lambda: not rows())
    own = person.ask("GET", "/api/streaming/analytics")[1]
    assert own["scope"] == "own" and own["live_streams"] == 0 and own["views"]["total"] in (0, 1)
