"""Attack catalogue, section B: referrers, cross-origin headers, spoofed addresses."""
import pytest

from gate import TRANSPORTS, ask, plain, problem, refused, served, token
from lab import GOOD, HOST
from tree import LESSON, PUBLICATION, SEGMENT
from wire import raw, request

PATH = f"{LESSON}/{SEGMENT}"
PASS, NO, MISSING = None, "referrer", "referrer_missing"

REFERRERS = [
    ("B01", "https://good.example/", PASS), ("B01", "https://good.example", PASS), ("B01", "https://good.example/a?b=c#d", PASS),
    ("B02", "https://sub.good.example/a", NO), ("B02", "https://sub.wild.example/a", PASS), ("B02", "https://a.b.wild.example/", PASS),
    ("B02", "https://wild.example/", NO), ("B02", "https://xwild.example/", NO),
    ("B03", "https://good.example.evil.com/", NO), ("B03", "https://good.examplex/", NO),
    ("B04", "https://evilgood.example/", NO), ("B04", "https://evil-good.example/", NO),
    ("B05", "https://good.example@evil.com/", NO), ("B05", "https://good.example:x@evil.com/", NO),
    ("B06", "https://evil.com/?r=https://good.example/", NO), ("B06", "https://evil.com/#good.example", NO),
    ("B06", "https://evil.com/https://good.example/", NO),
    ("B07", "http://good.example/", NO), ("B08", "https://good.example:8443/", NO), ("B08", "https://good.example:443/", PASS),
    ("B08", "https://good.example:0443/", NO), ("B08", "https://good.example:/", NO),
    ("B09", "https://GOOD.EXAMPLE/", PASS), ("B09", "HTTPS://good.example/", PASS),
    ("B10", "https://good.example./", NO), ("B10", "https://.good.example/", NO),
    ("B11", "//good.example/", NO), ("B11", "good.example", NO), ("B11", "garbage", NO), ("B11", "null", NO),
    ("B11", "file:///good.example", NO), ("B11", "https:good.example", NO), ("B11", "https:///good.example/", NO),
    ("B11", "ftp://good.example/", NO), ("B11", "data:text/html,https://good.example", NO),
    ("B12", "", MISSING), ("B12", None, MISSING),
    ("B13", "https://evil.com\\@good.example/", NO), ("B13", "https://good.example\\@evil.com/", NO),
    ("B13", "https://good.example%2eevil.com/", NO), ("B13", "https://[good.example]/", NO), ("B13", "https://good.example\\", NO),
    ("B16", "https://g\u043e\u043ed.example/".encode(), NO), ("B16", "https://xn--god-sed.example/", NO),
    ("B17", "https://evil.example/" + "a" * 7000, NO),
    ("B18", "https://good.exa\u0301mple/".encode(), NO), ("B18", "https://good.example\u037e/".encode(), NO),
    ("B18", "https://\u212agood.example/".encode(), NO), ("B18", "https://go\u200bod.example/".encode(), NO),
    ("B18", b"https://good.example/\xff", NO),
]


@pytest.mark.parametrize("row,referrer,code", REFERRERS)
@pytest.mark.parametrize("name", [SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"])
def test_B01_to_B18_referrers_of_web_tokens(lab, row, referrer, code, name):
    answer = ask(lab, "hls2", f"{LESSON}/{name}", token(), {"Referer": referrer})
    if code:
        refused(lab, answer, 403, code)
    else:
        assert answer.status == 200


@pytest.mark.parametrize("row,referrer", [(r, v) for r, v, c in REFERRERS])
def test_B12_a_native_app_passes_whatever_it_sends(lab, row, referrer):
    for transport in TRANSPORTS:
        answer = ask(lab, transport, PATH, token(transport, platform="mobile"), {"Referer": referrer})
        served(lab, answer, f"hls/{PATH}")


@pytest.mark.parametrize("row,pair", [("B14", (GOOD, "https://evil.example")), ("B15", ("https://evil.example", GOOD)), ("B14", (GOOD, GOOD))])
def test_B14_B15_two_referrers(lab, row, pair):
    headers = [("Referer", pair[0]), ("Referer", pair[1])]
    refused(lab, ask(lab, "hls2", PATH, token(), headers), 403, "referrer")


def test_B17_a_referrer_too_long_for_nginx(lab):
    answer = ask(lab, "hls2", PATH, token(), {"Referer": GOOD + "/" + "a" * 9000})
    assert answer.status == 400 and answer.header("x-reelgate-reason") == "bad_request"
    problem(answer, 400, "bad_request")


def test_a_path_token_may_come_without_a_referrer_but_not_with_a_foreign_one(lab):
    path = token("hls2", tr="path")
    served(lab, ask(lab, "play", PATH, path, {"Referer": None}), f"hls/{PATH}")
    served(lab, ask(lab, "play", PATH, path, {"Referer": GOOD}), f"hls/{PATH}")
    refused(lab, ask(lab, "play", PATH, path, {"Referer": "https://evil.example/"}), 403, "referrer")


@pytest.mark.parametrize("row,origin", [
    ("B19", "https://evil.example"), ("B20", "null"), ("B21", "https://good.example.evil.com"), ("B21", "https://good.examplex"),
    ("B21", "http://good.example"), ("B21", "https://good.example:8443"), ("B21", "https://evil.example, https://good.example"),
    ("B21", "https://good.example/"), ("B21", None)])
def test_B19_to_B21_no_other_origin_is_named(lab, row, origin):
    for name, code in ((SEGMENT, 200), (f"{PUBLICATION}/key/0", 200), ("output.m3u8", 200), (f"{PUBLICATION}/720p/77.ts", 404)):
        answer = ask(lab, "hls2", f"{LESSON}/{name}", token(), {"Origin": origin})
        assert answer.status == code
        for header in ("allow-origin", "allow-credentials", "expose-headers"):
            assert answer.header(f"access-control-{header}") is None
        assert answer.header("vary") == "Origin"
    refused(lab, ask(lab, "hls2", PATH, None, {"Origin": origin}), 401, "token_missing", cors=None)


@pytest.mark.parametrize("origin,named", [(GOOD, GOOD), ("HTTPS://Good.Example", GOOD)])
def test_B22_an_allowed_origin_is_named_as_configured(lab, origin, named):
    answer = plain(lab, headers={"Origin": origin})
    assert answer.header("access-control-allow-origin") == named and answer.header("vary") == "Origin"


@pytest.mark.parametrize("path", [f"/hls2/{PATH}", f"/mobile/hls2/{PATH}", f"/play/x/{PATH}", "/api/get-video-token/v2", "/upload/lesson",
                                  "/upload_presentation/course/c1", "/presentation_videos/course/c1", "/health"])
@pytest.mark.parametrize("origin", [GOOD, "https://evil.example"])
def test_B22_preflights_need_no_token_and_no_gate(lab, path, origin):
    for port in (lab.port, lab.neighbour):
        answer = raw(port, request(path, HOST, {"Origin": origin, "Access-Control-Request-Method": "GET",
                                                "Access-Control-Request-Headers": "authorization"}, "OPTIONS"))
        assert answer.status == 204 and not answer.body
        assert answer.header("vary") == "Origin"
        if origin == GOOD:
            assert answer.header("access-control-allow-origin") == GOOD
            assert answer.header("access-control-allow-credentials") == "true"
            assert answer.header("access-control-allow-methods") == "GET, HEAD, POST, PUT, PATCH, DELETE"
            assert {"Authorization", "Range", "X-API-Key", "Upload-Offset", "CMCD-Session"} <= set(
                answer.header("access-control-allow-headers").split(", "))
            assert answer.header("access-control-max-age") == "600"
        else:
            assert not any(name.startswith("access-control") for name, _ in answer.headers)


def test_B22_a_neighbours_preflight_stays_the_neighbours(lab):
    answer = raw(lab.neighbour, request("/index.html", HOST, {"Origin": GOOD, "Access-Control-Request-Method": "GET"}, "OPTIONS"))
    assert answer.status == 405


def test_B23_no_star_anywhere(lab):
    import os
    for directory, _, names in os.walk(lab.conf):
        for name in names:
            with open(f"{directory}/{name}") as file:
                assert not any("Allow-Origin" in line and ("*" in line or "$http_origin" in line) for line in file), name


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Proxy", "Client-IP", "True-Client-IP"])
def test_B25_B29_a_client_does_not_name_its_address(lab, name):
    served(lab, plain(lab, headers={name: "6.6.6.6"}), f"hls/{PATH}")
    assert "6.6.6.6" not in lab.log_text()


def test_A33_C_any_other_OPTIONS_reaches_the_gate(lab):
    refused(lab, ask(lab, "hls2", PATH, token(), method="OPTIONS"), 405, "method")
