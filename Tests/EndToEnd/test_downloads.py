"""Downloads and cookies: what the gate and nginx say, over the lab's tree."""
import os, re, subprocess

import pytest

from gate import ask, refused
from lab import GOOD, HOST, Lab
from tokens import claims, download, mint, older, sign
from tree import LESSON, LESSONS, PUBLICATION, SEGMENT
from wire import raw, request

ORIGINAL = f"/download2/{LESSON}/l1_lesson.mp4"
FILES = {  # what is asked for: what lies on disk
    ORIGINAL: f"originals/{LESSON}/l1_lesson.mp4", "/api/download/u1/film.mp4": "originals/u1/film.mp4",
    "/download2/course/c1/presentation.mp4": "presentation_videos/courses/c1/presentation.mp4",
    "/download2/module/c1/m1/presentation.webm": "presentation_videos/modules/c1/m1/presentation.webm"}


def get(lab, target, token=None, method="GET", **headers):
    pairs = {"Origin": GOOD, **headers}
    if token:
        pairs["Authorization"] = f"Bearer {token}"
    return raw(lab.port, request(target, HOST, pairs, method), method)


@pytest.mark.parametrize("target", FILES)
def test_a_file_is_saved_under_its_name(lab, target):
    with open(f"{lab.data}/{FILES[target]}", "rb") as file:
        content = file.read()
    name = target.rsplit("/", 1)[1]
    for token in (download(target), download(target.rsplit("/", 1)[0] + "/")):
        for answer in (get(lab, target, token), get(lab, f"{target}?token={token}")):
            assert (answer.status, answer.body) == (200, content), (answer, answer.body)
            assert answer.header("content-disposition") == f'attachment; filename="{name}"'
            assert "no-store" in answer.header("cache-control") and answer.header("x-content-type-options") == "nosniff"
            assert "sandbox" in answer.header("content-security-policy") and answer.header("access-control-allow-origin") == GOOD
    answer = get(lab, target, token, Range="bytes=5-9")
    assert (answer.status, answer.body) == (206, content[5:10]) and answer.header("content-range") == f"bytes 5-9/{len(content)}"
    assert get(lab, target, token, "HEAD").header("content-length") == str(len(content))
    assert get(lab, target, token, Range=f"bytes={len(content)}-").status == 416
    assert get(lab, target, token, "POST").header("x-reelgate-reason") == "method"


def test_a_persons_name_for_the_file_travels_escaped(lab):
    token = download(ORIGINAL, name="L%27%C3%A9t%C3%A9%22%0D%0A.mp4")
    assert get(lab, ORIGINAL, token).header("content-disposition") == \
        "attachment; filename=\"l1_lesson.mp4\"; filename*=UTF-8''L%27%C3%A9t%C3%A9%22%0D%0A.mp4"
    for bad in ("a b.mp4", 'a".mp4', "a;b", "a%2", "%zz", 5, "é", "x" * 385):
        refused(lab, get(lab, ORIGINAL, download(ORIGINAL, name=bad)), 401, "token_malformed")


def test_E16_no_kind_of_token_does_the_others_work(lab):
    own = download(ORIGINAL)
    for token in (mint(LESSON), mint(LESSON, platform="mobile"), mint(LESSON, tr="path"), older("u1", "film")):
        for target in FILES:
            refused(lab, get(lab, target, token), 401, "token_type")
    for name in (SEGMENT, f"{PUBLICATION}/key/0", "output.m3u8"):
        for transport in ("hls2", "mobile", "play"):
            refused(lab, ask(lab, transport, f"{LESSON}/{name}", own), 401, "token_type")
        refused(lab, ask(lab, "hls2", f"{LESSON}/{name}", None, {"Cookie": f"reelgate_play={own}"}), 401, "token_type")
    # Not by its claims either, if it lied about its type.
    refused(lab, ask(lab, "hls2", f"{LESSON}/output.m3u8", download(ORIGINAL, typ="JWT")), 401, "token_type")
    refused(lab, get(lab, ORIGINAL, sign({"alg": "HS256", "typ": "download+jwt"}, claims(LESSON))), 401, "token_malformed")


@pytest.mark.parametrize("row,token,code", [
    ("E08", "x", "token_malformed"), ("E05", download(ORIGINAL, secret="y" * 32), "token_signature"),
    ("E12", download(ORIGINAL, exp=1_700_000_000), "token_expired"), ("E12", download(ORIGINAL, iat=4_000_000_000, exp=4_000_000_300), "token_not_yet"),
    ("E11", download(ORIGINAL, exp="1"), "token_malformed"), ("E14", download(""), "token_malformed"), ("E14", download("/"), "token_malformed"),
    ("E14", download(5), "token_malformed"), ("E22", download(ORIGINAL, user_id=""), "token_malformed"), ("E07", sign({"alg": "HS256", "typ": "download+jwt", "kid": "no"}, {}), "token_key"),
    ("E02", sign({"alg": "none", "typ": "download+jwt"}, {"download": ORIGINAL}), "token_malformed")])
def test_E02_to_E22_forged_download_tokens(lab, row, token, code):
    refused(lab, get(lab, ORIGINAL, token), 401, code)


def test_E13_only_its_own_file(lab):
    token = download(ORIGINAL)
    for rel in LESSONS[1:]:
        refused(lab, get(lab, f"/download2/{rel}/{rel.split('/')[3]}_lesson.mp4", token), 403, "rel")
    for target in ("/api/download/u1/film.mp4", "/download2/course/c1/presentation.mp4"):
        refused(lab, get(lab, target, token), 403, "rel")
    refused(lab, get(lab, f"/download2/{LESSON}/l1_lesson.mov", download(f"/download2/{LESSON}/")), 404, "not_found")
    refused(lab, get(lab, "/api/download/t1/c1", download("/api/download/t1/")), 403, "path")


@pytest.mark.parametrize("row,change", [
    ("A03", "../l10/l10_lesson.mp4"), ("A04", "../../../../secret/app.env"), ("A05", "%2e%2e/l10/l10_lesson.mp4"), ("A06", "..%2fl10%2fl10_lesson.mp4"),
    ("A12", "%252e%252e/l1_lesson.mp4"), ("A13", "..;/l1_lesson.mp4"), ("A17", "l1_lesson.mp4%20"), ("A17", "l1_lesson.mp4/"), ("A19", "./l1_lesson.mp4"),
    ("A19", "/l1_lesson.mp4"), ("A19", "%6c1_lesson.mp4"), ("A18", "l1_lesson.mp4%0a"), ("A62", ".env"), ("A64", ""), ("A22", "#/../l1_lesson.mp4")])
def test_A03_to_A64_tricks(lab, row, change):
    for prefix in (f"/download2/{LESSON}/", "/download2/course/c1/", "/api/download/t1/"):
        answer = get(lab, prefix + change, download(prefix))
        assert answer.status in (400, 403, 404) and not lab.tree.sources(answer.body), (prefix + change, answer)


def test_K05_nothing_else_lies_where_downloads_are(lab):
    os.makedirs(f"{lab.data}/originals/u2", exist_ok=True)
    os.path.lexists(f"{lab.data}/originals/u2/link.mp4") or os.symlink(f"{lab.data}/secret/app.env", f"{lab.data}/originals/u2/link.mp4")
    for name in (".git/config", ".env", "config.json~", "backup.sql", "link.mp4"):
        answer = get(lab, f"/api/download/u2/{name}", download("/api/download/u2/"))
        assert answer.status in (403, 404) and answer.header("content-type") == "application/problem+json", (name, answer)


# Cookies

def cookie_of(lab, token, method="POST", **headers):
    pairs = {"Origin": GOOD, "Referer": GOOD + "/", **headers}
    if token:
        pairs["Authorization"] = f"Bearer {token}"
    return raw(lab.port, request("/api/playback-cookie", HOST, {n: v for n, v in pairs.items() if v is not None}, method), method)


def test_B30_a_cookie_is_made_of_a_token_and_plays(lab):
    for token, place in ((mint(LESSON), f"/hls2/{LESSON}/"), (older("u1", "film"), "/hls/u1/film/")):
        answer = cookie_of(lab, token)
        assert (answer.status, answer.body) == (204, b"")
        match = re.fullmatch(rf"reelgate_play={re.escape(token)}; HttpOnly; SameSite=Lax; Path={place}; Max-Age=(\d+)", answer.header("set-cookie"))
        assert match and 290 <= int(match[1]) <= 300, answer.header("set-cookie")
        assert "no-store" in answer.header("cache-control") and answer.header("access-control-allow-credentials") == "true"
        assert answer.header("access-control-allow-origin") == GOOD
    cookie = f"reelgate_play={mint(LESSON)}"
    for name in (SEGMENT, f"{PUBLICATION}/key/0", "output.m3u8"):
        assert ask(lab, "hls2", f"{LESSON}/{name}", None, {"Cookie": cookie}).status == 200
        refused(lab, ask(lab, "hls2", f"{LESSONS[1]}/{name}", None, {"Cookie": cookie}), 403, "rel")
    refused(lab, ask(lab, "mobile", f"{LESSON}/{SEGMENT}", None, {"Cookie": f"reelgate_play={mint(LESSON, platform='mobile')}"}), 401, "token_missing")


def test_what_becomes_no_cookie(lab):
    own = mint(LESSON)
    for token, headers, status, code in (
            (None, {}, 401, "token_missing"), ("x", {}, 401, "token_malformed"), (mint(LESSON, exp=1), {}, 401, "token_expired"),
            (mint(LESSON, tr="path"), {}, 403, "transport"), (own, {"Referer": None}, 403, "referrer_missing"),
            (own, {"Referer": "https://evil.example/"}, 403, "referrer"), (download(ORIGINAL), {}, 401, "token_type")):
        answer = cookie_of(lab, token, **headers)
        refused(lab, answer, status, code)
        assert answer.header("set-cookie") is None
    for method in ("GET", "PUT", "DELETE"):
        answer = cookie_of(lab, own, method)
        assert (answer.status, answer.header("allow"), answer.header("set-cookie")) == (405, "POST", None)
    assert cookie_of(lab, own, "OPTIONS", **{"Access-Control-Request-Method": "POST"}).status == 204
    long = raw(lab.port, request("/api/playback-cookie", HOST, {"Authorization": f"Bearer {own}", "Referer": GOOD, "Origin": GOOD}, "POST", body=b"x" * 2000))
    assert long.status == 413


def test_A43_B30_the_name_twice_or_another_token_in_the_header(lab):
    own, other = mint(LESSON), mint(LESSON, jti="j2")
    cookie = f"reelgate_play={own}"

    def get(*pairs):
        return ask(lab, "hls2", f"{LESSON}/{SEGMENT}", None, pairs)
    assert get(("Cookie", f"x=1; {cookie}; y=2")).status == 200
    assert get(("Cookie", cookie), ("Authorization", f"Bearer {own}")).status == 200
    for pairs in ((("Cookie", f"{cookie}; {cookie}"),), (("Cookie", cookie), ("Cookie", cookie)), (("Cookie", cookie), ("Cookie", "a=b")),
                  (("Cookie", cookie), ("Authorization", f"Bearer {other}")), (("Cookie", cookie), ("Authorization", "Basic eA==")),
                  (("Cookie", f"reelgate_play={other}; reelgate_play={own}"),)):
        refused(lab, get(*pairs), 401, "token_malformed")
    refused(lab, get(("Cookie", f"reelgate_play={mint(LESSON, tr='path')}")), 403, "transport")
    refused(lab, get(("Cookie", "reelgate_play=; a=b")), 401, "token_missing")


def test_A29_cookies_in_pieces_over_http2(lab):
    """HTTP/2 sends each cookie as a field of its own; nginx puts them together again."""
    own = mint(LESSON)

    def get(*cookies):
        pieces = [word for cookie in cookies for word in ("-H", f"cookie: {cookie}")]
        done = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Host: {HOST}",
                               "-H", f"Referer: {GOOD}/", *pieces, f"http://127.0.0.1:{lab.h2c}/hls2/{LESSON}/{SEGMENT}"], capture_output=True, text=True, check=True)
        return done.stdout
    assert get("a=b", f"reelgate_play={own}", "c=d") == "200"
    assert get(f"reelgate_play={own}", f"reelgate_play={own}") == "401" and get("a=b") == "401"


@pytest.mark.parametrize("origin,code", [
    ("https://evil.example", "referrer"), ("null", "referrer"), ("https://good.example.evil.com", "referrer"), ("https://good.examplex", "referrer"), (None, "referrer_missing")])
def test_B19_B20_B21_B31_another_site_with_the_viewers_cookie(lab, origin, code):
    """The browser would send the cookie (COOKIE_CROSS_SITE) and says so: cross-site, from a page that is not listed."""
    for name in (f"{PUBLICATION}/key/0", "output.m3u8", SEGMENT):
        headers = {"Cookie": f"reelgate_play={mint(LESSON)}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors",
                   "Origin": origin, "Referer": origin and origin + "/"}
        answer = ask(lab, "hls2", f"{LESSON}/{name}", None, headers)
        refused(lab, answer, 403, code, cors=None)


def test_B22_preflights_of_the_new_paths(lab):
    for target in (ORIGINAL, "/hls/u1/film/output.m3u8", "/mobile/hls/u1/film/output.m3u8", "/videos-user/u1/film.mp4", "/api/download/u1/film.mp4"):
        answer = get(lab, target, None, "OPTIONS", **{"Access-Control-Request-Method": "GET"})
        assert answer.status == 204 and answer.header("access-control-allow-origin") == GOOD and answer.header("vary") == "Origin"


def test_E25_tokens_in_the_new_places_reach_no_log(lab):
    token, app = download(ORIGINAL), older("u1", "film", platform="mobile")
    for target in (f"{ORIGINAL}?token={token}", f"/download2/../x?token={token}", f"/api/download/../../x?token={token}", f"/download2/{token}",
                   f"/videos-user/{app}/x.mp4", f"/mobile/hls/u1/film/output.m3u8?token={app}", f"/mobile/hls/../..%2fx?token={app}",
                   f"/hls/{app}/x", f"/play/{app}/u1/film/output.m3u8", f"/videos-user/..%2f?token={app}"):
        for port in (lab.port, lab.neighbour):
            raw(port, request(target, HOST, {"Cookie": f"reelgate_play={app}"}))
    found = [line for line in lab.log_text().splitlines() if "eyJ" in line or "token=" in line]
    assert not found, found[:5]


@pytest.mark.parametrize("settings,marks", [
    ({"PUBLIC_BASE_URL": f"https://{HOST}"}, "HttpOnly; Secure; SameSite=Lax"),
    ({"PUBLIC_BASE_URL": f"https://{HOST}", "COOKIE_CROSS_SITE": "true"}, "HttpOnly; Secure; SameSite=None; Partitioned")])
def test_the_marks_of_a_cookie_follow_the_settings(settings, marks):
    made = Lab(settings)
    try:
        made.start()
        assert f"; {marks}; Path=/hls2/{LESSON}/; Max-Age=" in cookie_of(made, mint(LESSON)).header("set-cookie")
    finally:
        made.stop()
