"""Who may watch on: limits, pace and revocations, as players and copiers meet them through nginx."""
import glob, json, os, random, subprocess, threading, time
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import Site, ffmpeg
from gate import ask, problem
from lab import GOOD, HOST
from tokens import mint
from tree import LESSON, PUBLICATION, SEGMENT
from wire import Connection, raw, request

ROUNDS = int(os.environ.get("REELGATE_RACE_ROUNDS", "100"))
FILM = "rip/c/m/hour"


def fetch(path, token):
    return request(f"/hls2/{path}", HOST, {"Authorization": f"Bearer {token}", "Referer": GOOD + "/", "Origin": GOOD})


def code(answer):
    return answer.header("x-reelgate-reason") or answer.status


def test_J01_20_at_once_against_a_limit_of_2(lab):
    """Every round is another user; 20 sessions, each on a connection of its own, ask at the same moment."""
    barrier, said = threading.Barrier(20), [[None] * 20 for _ in range(ROUNDS)]

    def viewer(number):
        with Connection(lab.port) as connection:
            for turn in range(ROUNDS):
                token = mint(LESSON, user_id=f"race-{os.getpid()}-{turn}", sid=f"s{number}", jti=None, lim=2)
                what = SEGMENT if number % 2 else f"{PUBLICATION}/key/0"
                barrier.wait()
                connection.send(fetch(f"{LESSON}/{what}", token))
                said[turn][number] = code(connection.read())

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(viewer, range(20)))
    for turn, answers in enumerate(said):
        assert sorted(map(str, answers)) == ["200"] * 2 + ["limit_streams"] * 18, (turn, answers)


def test_J03_a_renewed_token_is_the_same_stream(lab):
    def get(**claims):
        return code(raw(lab.port, fetch(f"{LESSON}/{SEGMENT}", mint(LESSON, user_id="renewing", lim=1, **claims))))
    assert get(sid="one", jti="a") == 200
    assert get(sid="one", jti="b") == 200
    assert get(sid="two", jti="c") == "limit_streams"
    # Without a session of its own a token is its own session.
    assert get(sid=None, jti="d") == "limit_streams"


def test_playlists_and_pictures_take_no_place(lab):
    for number in range(5):
        token = mint(LESSON, user_id="browsing", sid=f"b{number}", lim=1)
        for name in ("output.m3u8", f"{PUBLICATION}/720p/index.m3u8", f"{PUBLICATION}/thumbs/0.jpg", f"{PUBLICATION}/captions/0.vtt"):
            assert code(raw(lab.port, fetch(f"{LESSON}/{name}", token))) == 200


def test_device_limit(lab):
    def get(**claims):
        answer = raw(lab.port, fetch(f"{LESSON}/{SEGMENT}", mint(LESSON, user_id=f"devices-{os.getpid()}", devs=2, **claims)))
        return code(answer)
    assert [get(dev=name) for name in ("tv", "phone", "tv", "tablet", "phone")] == [200, 200, 200, "limit_devices", 200]


@pytest.fixture(scope="module")
def film(lab, tmp_path_factory):
    """An hour in 600 segments, as small as can be, in a tree of the older kind."""
    place = f"{lab.data}/hls/{FILM}"
    os.makedirs(place, exist_ok=True)
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x36:r=1:d=3600", "-c:v", "libx264", "-preset", "ultrafast", "-g", "6", "-pix_fmt", "yuv420p",
           "-f", "hls", "-hls_time", "6", "-hls_list_size", "0", "-hls_segment_filename", f"{place}/segment_%03d.ts", f"{place}/output.m3u8")
    assert len(glob.glob(f"{place}/*.ts")) == 600
    return place



class Ripper:
    """Takes what it can get."""

    def __init__(self, lab, user, **claims):
        self.lab, self.token, self.got, self.codes = lab, mint(FILM, user_id=user, sid=user, jti=None, exp=int(time.time()) + 7000, **claims), set(), []

    def take(self, number, connection=None):
        data = fetch(f"{FILM}/segment_{number:03d}.ts", self.token)
        if connection:
            connection.send(data)
            answer = connection.read()
        else:
            answer = raw(self.lab.port, data)
        self.codes.append(code(answer))
        if answer.status == 200:
            self.got.add(number)
        elif self.codes[-1] == "paced":
            problem(answer, 503, "paced")
            assert 1 <= int(answer.header("retry-after")) <= 3
        return answer.status == 200

    def sees_the_end(self):
        """Revoked for good: nothing more, whatever is asked."""
        assert len(self.got) <= 0.2 * 600, len(self.got)
        for number in (0, 599):
            assert not self.take(number) and self.codes[-1] == "revoked"
        assert code(raw(self.lab.port, fetch(f"{FILM}/output.m3u8", self.token))) == "revoked"


def test_a_ripper_in_parallel_is_ended(lab, film):
    ripper = Ripper(lab, f"parallel-{os.getpid()}")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ripper.take, range(600)))
    assert "paced" in ripper.codes
    ripper.sees_the_end()


def test_a_ripper_that_tries_again_is_ended(lab, film):
    ripper = Ripper(lab, f"again-{os.getpid()}", lim=3)
    with Connection(lab.port) as connection:
        number = 0
        while number < 600 and "revoked" not in ripper.codes:
            number += ripper.take(number, connection)
    ripper.sees_the_end()


def test_ffmpeg_that_copies_the_film_is_ended(lab, film, tmp_path):
    ripper = Ripper(lab, f"ffmpeg-{os.getpid()}")
    out = tmp_path / "copy.ts"
    lines = f"Host: {HOST}\r\nAuthorization: Bearer {ripper.token}\r\nReferer: {GOOD}/\r\n"
    subprocess.run(["ffmpeg", "-v", "quiet", "-nostdin", "-y", "-headers", lines, "-i", f"http://127.0.0.1:{lab.port}/hls2/{FILM}/output.m3u8",
                    "-c", "copy", "-f", "mpegts", out], timeout=300)
    length = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries", "stream=nb_read_packets",
                             "-of", "csv=p=0", out], capture_output=True, text=True).stdout
    assert 500 <= int(length.split()[0]) <= 0.2 * 3600, "frames, one a second"
    ripper.sees_the_end()


def test_who_follows_retry_after_plays_on(lab, film):
    """An impatient but honest player rides it out: waits as told, and is never ended."""
    ripper = Ripper(lab, f"patient-{os.getpid()}")
    for number in range(110):
        for attempt in range(4):
            if ripper.take(number):
                break
            time.sleep(2.5)
        else:
            raise AssertionError((number, ripper.codes[-5:]))
    assert "paced" in ripper.codes and "revoked" not in ripper.codes and len(ripper.got) == 110


# MARK: with the keeper and the database

RELS = ["watching/c1/m1/l1", "watching/c1/m1/l2"]


@pytest.fixture(scope="module")
def site(demo, tmp_path_factory):
    clip = f"{tmp_path_factory.mktemp('watching')}/clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=20", "-f", "lavfi", "-i", "sine=f=440:d=20", "-c:v", "libx264", "-preset", "ultrafast",
           "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", clip)
    site = Site(demo)
    for rel in RELS:
        site.make(clip, rel)
    site.segment = {rel: sorted(os.path.relpath(f, f"{demo.data}/data/hls/{rel}") for f in glob.glob(f"{demo.data}/data/hls/{rel}/_*/[0-9]*p/*.ts"))[0]
                    for rel in RELS}
    return site


class Player:
    """A token, and what asking with it gives."""

    def __init__(self, site, rel=RELS[0], **wish):
        self.site, self.rel, self.answer = site, rel, site.token(rel, **wish)

    def get(self, name=None):
        done = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-D", "-", "-H", f"Authorization: Bearer {self.answer['token']}", "-e", self.site.origin + "/",
             f"{self.site.base}/hls2/{self.rel}/{name or self.site.segment[self.rel]}"], capture_output=True, text=True).stdout
        for line in done.splitlines():
            if line.lower().startswith("x-reelgate-reason:"):
                return line.split(":")[1].strip()
        return int(done.split()[1])


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("did not come")


def test_E18_revocations_of_four_kinds(site):
    """Each is refused soon, on every gate, as long as the revocation stands; others play on; later tokens work."""
    bystander = Player(site, user_id="bystander", rel=RELS[1])
    for kind in ("session_id", "user_id", "jti", "rel"):
        player = Player(site, user_id=f"u-{kind}")
        assert player.get() == 200
        payload = player.answer["token"].split(".")[1]
        claims = json.loads(__import__("base64").urlsafe_b64decode(payload + "=="))
        value = {"session_id": claims["sid"], "user_id": claims["user_id"], "jti": claims["jti"], "rel": claims["rel"]}[kind]
        status, _, entry = site.call("/api/admin/revocations", "POST", {"Content-Type": "application/json"},
                                     json.dumps({kind: value, "reason": "test"}).encode())
        assert status == 201 and entry[kind] == value, entry
        until(lambda: player.get() == "revoked")
        assert [player.get() for _ in range(12)] == ["revoked"] * 12
        assert player.get("output.m3u8") == "revoked" and bystander.get() == 200
        listed = site.call("/api/admin/revocations?limit=100")[2]["items"]
        assert entry["id"] in [row["id"] for row in listed]
        time.sleep(1.1)
        if kind != "jti":
            again = Player(site, user_id=f"u-{kind}", **({"session_id": claims["sid"]} if kind == "session_id" else {}))
            assert again.get() == 200, "a token issued later works"
        assert site.call(f"/api/admin/revocations/{entry['id']}", "DELETE")[0] == 200
        assert site.call(f"/api/admin/revocations/{entry['id']}", "DELETE")[0] == 404
        until(lambda: player.get() == 200)
    for body, status in (({}, 400), ({"user_id": "a", "rel": RELS[0]}, 400), ({"user_id": 5}, 400), ({"rel": "../x"}, 400)):
        assert site.call("/api/admin/revocations", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode())[0] == status


def test_sessions_are_listed_and_ended(site):
    player = Player(site, user_id="listed", lim=1)
    assert player.get() == 200
    session = player.answer["session_id"]
    row = until(lambda: next((r for r in site.call("/api/admin/sessions?user_id=listed")[2]["items"] if r["session_id"] == session), None))
    assert row["rel"] == RELS[0] and row["live"] and row["stream_limit"] == 1 and row["platform"] == "web" and row["address"] == "127.0.0.1"
    second = Player(site, user_id="listed", lim=1)
    assert second.get() == "limit_streams"
    assert site.call(f"/api/admin/sessions/{session}", "DELETE")[0] == 200
    until(lambda: player.get() == "revoked")
    until(lambda: second.get() == 200)
    assert site.call("/api/admin/sessions/none", "DELETE")[0] == 404
    assert site.call("/api/admin/sessions", headers={"X-API-Key": None})[0] == 401
    for bad in ("limit=0", "limit=101", "limit=x", "cursor=x", "cursor=e30", "state=x"):
        assert site.call(f"/api/admin/sessions?{bad}")[0] == 400, bad


def test_J05_playback_goes_on_without_the_database(site, demo):
    """PostgreSQL stops: who plays goes on, who comes with a good token begins; what was revoked stays revoked."""
    revoked, playing, fresh = (Player(site, user_id=name) for name in ("gone", "playing", "fresh"))
    status, _, entry = site.call("/api/admin/revocations", "POST", {"Content-Type": "application/json"}, b'{"user_id":"gone"}')
    assert status == 201
    until(lambda: revoked.get() == "revoked")
    assert playing.get() == 200
    with open(f"{demo.data}/pg/postmaster.pid") as file:
        postmaster = int(file.readline())
    os.kill(postmaster, 19)
    backends = [int(p) for p in open(f"/proc/{postmaster}/task/{postmaster}/children").read().split()]
    for backend in backends:
        os.kill(backend, 19)
    try:
        for _ in range(10):
            assert (playing.get(), fresh.get(), revoked.get()) == (200, 200, "revoked")
    finally:
        for process in [*backends, postmaster]:
            os.kill(process, 18)
    until(lambda: site.call("/health")[0] == 200, 60)
    site.call(f"/api/admin/revocations/{entry['id']}", "DELETE")


def test_revocations_from_the_command_line(site, demo):
    player = Player(site, user_id="cli")
    assert player.get() == 200
    programs = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), ".build/release/reelgate")
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": demo["DATABASE_URL"]}

    def reelgate(*words):
        return subprocess.run([programs, *words], env=environment, capture_output=True, text=True)
    done = reelgate("revoke", "--user", "cli", "--reason", "asked to")
    assert done.returncode == 0 and "user cli, by operator (asked to)" in done.stdout, done
    identity = done.stdout.split()[0]
    until(lambda: player.get() == "revoked")
    assert identity in reelgate("revocations", "list").stdout
    assert reelgate("revocations", "lift", identity).returncode == 0 and reelgate("revocations", "lift", identity).returncode == 1
    until(lambda: player.get() == 200)
    for wrong in (["revoke"], ["revoke", "--user", "a", "--rel", "b"], ["revoke", "--user", "a b"], ["revocations", "lift", "x"]):
        assert reelgate(*wrong).returncode == 2, wrong
