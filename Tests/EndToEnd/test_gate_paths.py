"""Attack catalogue, section A: paths, methods, headers."""
import os

import pytest

from gate import TRANSPORTS, ask, plain, problem, refused, served, token
from lab import GOOD, HOST
from tree import FILES, HIDDEN, KEYS, LESSON, LESSONS, MASTER, PUBLICATION, SEGMENT
from tokens import media_key
from wire import Connection, raw, request

FOREIGN = f"t2/c9/m1/l1/{SEGMENT}"
UP = "../../../.."           # from a lesson's directory to the root of all lessons


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", FILES)
def test_A01_a_good_token_gets_exact_bytes(lab, transport, name):
    answer = ask(lab, transport, f"{LESSON}/{name}", token(transport))
    assert answer.status == 200
    if name.endswith(".m3u8"):
        assert lab.tree.sources(answer.body) == {f"hls/{LESSON}/{name}"}
        assert answer.header("cache-control") == "private, no-store"
        assert answer.header("content-type") == "application/vnd.apple.mpegurl"
    else:
        served(lab, answer, f"hls/{LESSON}/{name}")
        assert answer.header("cache-control") == "private, max-age=86400, immutable"


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("rel", LESSONS)
def test_A01_each_lesson_by_its_own_token_only(lab, transport, rel):
    served(lab, ask(lab, transport, f"{rel}/{SEGMENT}", token(transport, rel)), f"hls/{rel}/{SEGMENT}")
    if rel != LESSON:
        refused(lab, ask(lab, transport, f"{rel}/{SEGMENT}", token(transport)), 403, "rel")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("number", KEYS)
def test_A01_keys_are_the_derived_ones(lab, transport, number):
    answer = ask(lab, transport, f"{LESSON}/{PUBLICATION}/key/{number}", token(transport),
                 {"Range": "bytes=0-3", "If-None-Match": "*"})
    assert answer.status == 200 and answer.body == media_key(MASTER, LESSON, PUBLICATION, number)
    assert answer.header("content-type") == "application/octet-stream"
    assert answer.header("cache-control") == "private, no-store"
    assert answer.header("etag") is None


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("rel", [r for r in LESSONS if r != LESSON])
def test_A02_string_prefix_siblings_and_their_keys(lab, transport, rel):
    for name in FILES + [f"{PUBLICATION}/key/0"]:
        refused(lab, ask(lab, transport, f"{rel}/{name}", token(transport)), 403, "rel")


# Rows whose raw path is not what nginx understood, or has no shape of ours: 403 path, in every transport.
TRICKS = {
    "A03": [f"{LESSON}/../l10/{SEGMENT}", f"t1/c1/../c10/m1/l1/{SEGMENT}"],
    "A04": [f"{LESSON}/{UP}/{FOREIGN}", f"{LESSON}/{PUBLICATION}/../{UP}/{FOREIGN}"],
    "A05": [f"{LESSON}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/{FOREIGN}", f"{LESSON}/%2E%2E/l10/{SEGMENT}"],
    "A06": [f"{LESSON}/..%2f..%2f..%2f..%2f{FOREIGN}", f"{LESSON}/..%2Fl10/{SEGMENT}"],
    "A07": [f"{LESSON}/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f{FOREIGN.replace('/', '%2f')}"],
    "A08": [f"{LESSON}/%2f%2e%2e%2fl10/{SEGMENT}", f"t1/c1/%2f%2e%2e%2fc10/m1/l1/{SEGMENT}"],
    "A10": [f"{LESSON}/{UP}/../secret/app.env", f"{LESSON}/{UP}/../originals/{LESSON}/l1_lesson.mp4"],
    "A12": [f"{LESSON}/%252e%252e/l10/{SEGMENT}", f"{LESSON}/%252e%252e%252fl10/{SEGMENT}"],
    "A13": [f"{LESSON}/..;/l10/{SEGMENT}", f"{LESSON}/..\\l10\\{SEGMENT}", f"{LESSON}/..%5cl10/{SEGMENT}", f"{LESSON};x/{SEGMENT}"],
    "A14": [f"{LESSON}/%c0%ae%c0%ae/l10/{SEGMENT}", f"{LESSON}/%c0%af/{SEGMENT}", f"{LESSON}/\xc0\xae\xc0\xae/{SEGMENT}"],
    "A17": [f"{LESSON}/{SEGMENT}%20", f"{LESSON}/{SEGMENT}.", f"{LESSON}/{SEGMENT}/", f"{LESSON}/{SEGMENT}//"],
    "A18": [f"{LESSON}/{SEGMENT}%0d%0aX:y", f"{LESSON}/a%0ab.ts", f"{LESSON}/{SEGMENT}%0a", f"{LESSON}%0a/{SEGMENT}",
            f"{LESSON}/{PUBLICATION}/key/0%0a", f"{LESSON}/output.m3u8%0a"],
    "A19": [f"/{LESSON}/{SEGMENT}", f"t1//c1/m1/l1/{SEGMENT}", f"./{LESSON}/{SEGMENT}", f"%74%31/c1/m1/l1/{SEGMENT}",
            f"{LESSON}/./{SEGMENT}", f"{LESSON}/{PUBLICATION}/720p/%30.ts", f"{LESSON}//{SEGMENT}"],
    "A22": [f"{FOREIGN}#/../../../{LESSON}/", f"{LESSON}/#/../../{SEGMENT}", f"{LESSON}/{SEGMENT}#x"],
    "A25": [f"{LESSON}/{PUBLICATION}/720p/\xff.ts"],
    "A28": ["a/" * 3000],
    "A64": [f"{LESSON}/", f"{LESSON}/{PUBLICATION}/", f"{LESSON}/{PUBLICATION}/720p/", "", "t1/c1/m1/"],
    "A65": [LESSON, f"{LESSON}/{PUBLICATION}", f"{LESSON}/{PUBLICATION}/720p", "t1/c1/m1"],
    "keys": [f"{LESSON}/{PUBLICATION}/key/00", f"{LESSON}/{PUBLICATION}/key/-1", f"{LESSON}/{PUBLICATION}/key/4294967296",
             f"{LESSON}/{PUBLICATION}/key/", f"{LESSON}/{PUBLICATION}/key/0/", f"{LESSON}/{PUBLICATION}/720p/../key/0",
             f"{LESSON}/key/0", f"{LESSON}/{PUBLICATION}/720p/key/0"],
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("row,rest", [(row, rest) for row, all_rests in TRICKS.items() for rest in all_rests])
def test_A03_to_A28_path_tricks(lab, transport, row, rest):
    refused(lab, ask(lab, transport, rest, token(transport)), 403, "path")


@pytest.mark.parametrize("row,target", [
    ("A09", f"http://evil/hls2/{LESSON}/{UP}/{FOREIGN}"), ("A09", f"http://{HOST}/hls2/{LESSON}/../l10/{SEGMENT}"),
    ("A11", f"/x/../hls2/{FOREIGN}"), ("A11", f"/x/..%2fhls2/{LESSON}/{SEGMENT}"),
    ("A19", f"//hls2/{LESSON}/{SEGMENT}"), ("A19", f"/./hls2/{LESSON}/{SEGMENT}"), ("A19", f"/%68ls2/{LESSON}/{SEGMENT}"),
    ("A20", f"//hls2/{FOREIGN}"), ("A20", f"/mobile//hls2/{LESSON}/{SEGMENT}"), ("A08", f"/hls2%2f{LESSON}/{SEGMENT}")])
def test_A09_A11_A19_A20_tricks_before_the_prefix(lab, row, target):
    headers = {"Authorization": f"Bearer {token()}", "Origin": GOOD, "Referer": GOOD}
    for port in (lab.port, lab.neighbour):
        # A foreign name in the request line is a foreign host: no answer at all.
        answer = raw(port, request(target, HOST, headers))
        if target.startswith("http://evil"):
            assert answer.status == 0 and not answer.body
            answer = raw(port, request(target.replace("evil", HOST), HOST, headers))
        refused(lab, answer, 403, "path")


@pytest.mark.parametrize("target", [
    f"/hls2/{LESSON}/%u002e/x.ts", f"/hls2/{LESSON}/%zz.ts", f"/hls2/{LESSON}/x%", f"/hls2/{LESSON}/{SEGMENT}%00.m3u8",
    f"/hls2/{LESSON}/../../../../../../x", f"/hls2/{FOREIGN} /../{LESSON}/x", f"/hls2/{LESSON}/\x01.ts", f"/hls2/{LESSON}/\x7f.ts", "hls2/x", "*", "?",
    "/" + "a" * 9000, f"/%00", "/%"])
@pytest.mark.parametrize("host", [HOST, "evil.example"])
def test_A15_A16_A24_A26_A27_refused_before_any_location(lab, target, host):
    for port in (lab.port, lab.neighbour):
        answer = raw(port, request(target, host, {"Authorization": f"Bearer {token()}"}))
        assert not lab.tree.sources(answer.body)
        assert answer.status == 400 and answer.header("content-type") == "application/problem+json", answer.body
        assert answer.header("x-reelgate-reason") == "bad_request" and answer.header("cache-control") == "no-store"
        problem(answer, 400, "bad_request")


@pytest.mark.parametrize("target,port,status", [
    (f"/HLS2/{FOREIGN}", "port", 404), (f"/Hls2/{LESSON}/{SEGMENT}", "port", 404), (f"/HLS2/{FOREIGN}", "neighbour", 404)])
def test_A21_case_matters_in_the_prefix(lab, target, port, status):
    answer = raw(getattr(lab, port), request(target, HOST, {"Authorization": f"Bearer {token()}"}))
    assert answer.status == status and not lab.tree.sources(answer.body)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("query", [f"/hls2/{LESSON}/", f"x=/hls2/{LESSON}/{SEGMENT}", "token=", f"rel={LESSON}"])
def test_A23_the_query_says_nothing_about_the_path(lab, transport, query):
    code = "token_malformed" if transport == "mobile" and query == "token=" else "rel"
    refused(lab, ask(lab, transport, f"{FOREIGN}?{query}", token(transport)), 401 if code != "rel" else 403, code)


def test_A28_long_paths_are_answered_at_once(lab):
    import time
    start = time.monotonic()
    for _ in range(20):
        refused(lab, ask(lab, "hls2", "a/" * 3000, token()), 403, "path")
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("host,version", [(None, "HTTP/1.0"), ("evil.example", "HTTP/1.0"), (HOST, "HTTP/1.0")])
def test_A30_old_protocols(lab, host, version):
    answer = ask(lab, "hls2", FOREIGN, token(), version=version, host=host)
    if host == HOST:
        refused(lab, answer, 403, "rel")
    else:
        assert answer.status == 0 and not answer.body


def test_A30_http_0_9(lab):
    for port in (lab.port, lab.neighbour):
        answer = raw(port, f"GET /hls2/{FOREIGN}\r\n")
        assert not lab.tree.sources(answer.body) and (answer.status in (0, 400))


@pytest.mark.parametrize("lines", [
    f"Host: {HOST}\r\nHost: evil", f"Host: {HOST}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
    f"Host: {HOST}\r\nContent-Length: 3\r\nContent-Length: 3", f"Host: {HOST}\r\nContent-Length: -5",
    f"Host: {HOST}\r\nContent-Length: +5", f"Host: {HOST}\r\nContent-Length: 18446744073709551616",
    f"Host: {HOST}\r\nTransfer-Encoding: x", f"Host: {HOST}\r\nX: a\x00b", "", "Host: a b", f"Host: {HOST}/x"])
def test_A31_malformed_headers(lab, lines):
    data = f"GET /hls2/{LESSON}/{SEGMENT} HTTP/1.1\r\nAuthorization: Bearer {token()}\r\n{lines}{'' if not lines else chr(13) + chr(10)}\r\n"
    answer = raw(lab.port, data)
    assert not lab.tree.sources(answer.body)
    assert answer.status == 400 and answer.header("x-reelgate-reason") == "bad_request", (answer, answer.body)
    problem(answer, 400, "bad_request")


@pytest.mark.parametrize("lines", ["X: a\r\n continued", "X: a\rb", " X: y", "X : y"])
def test_A31_folded_lines_and_bare_returns_change_nothing(lab, lines):
    data = f"GET /hls2/{FOREIGN} HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\nAuthorization: Bearer {token()}\r\nReferer: {GOOD}\r\n\r\n"
    answer = raw(lab.port, data)
    assert answer.status in (400, 403) and not lab.tree.sources(answer.body)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_A32_HEAD(lab, transport):
    answer = ask(lab, transport, f"{LESSON}/{SEGMENT}", token(transport), method="HEAD")
    assert answer.status == 200 and int(answer.header("content-length")) == len(lab.tree.content[f"hls/{LESSON}/{SEGMENT}"])
    refused(lab, ask(lab, transport, FOREIGN, token(transport), method="HEAD"), 403, "rel")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", [SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE", "PATCH", "PROPFIND", "FOO", "TRACE"])
def test_A33_other_methods(lab, transport, name, method):
    refused(lab, ask(lab, transport, f"{LESSON}/{name}", token(transport), method=method), 405, "method")
    refused(lab, ask(lab, transport, f"{LESSON}/{name}", method=method), 405, "method")


def test_A33_connect_and_small_letters(lab):
    answer = raw(lab.port, request(f"/hls2/{LESSON}/{SEGMENT}", HOST, {"Authorization": f"Bearer {token()}"}, "get"))
    assert answer.status == 400
    problem(answer, 400, "bad_request")
    answer = raw(lab.port, request("x.example:443", HOST, (), "CONNECT"))
    assert answer.status in (400, 405) and answer.header("content-type") == "application/problem+json"


def test_A34_a_body_does_not_desynchronise(lab):
    first = request(f"/hls2/{LESSON}/{SEGMENT}", HOST, {"Authorization": f"Bearer {token()}", "Referer": GOOD, "Origin": GOOD}, body=b"GET /")
    with Connection(lab.port) as connection:
        connection.send(first + request(f"/hls2/{FOREIGN}", HOST, {"Authorization": f"Bearer {token()}", "Referer": GOOD, "Origin": GOOD}))
        served(lab, connection.read(), f"hls/{LESSON}/{SEGMENT}")
        refused(lab, connection.read(), 403, "rel")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_A35_A36_A37_A38_ranges_and_conditions(lab, transport):
    path = f"{LESSON}/{SEGMENT}"
    whole = lab.tree.content[f"hls/{path}"]
    part = ask(lab, transport, path, token(transport), {"Range": "bytes=0-3"})
    assert part.status == 206 and part.body == whole[:4]
    refused(lab, ask(lab, transport, FOREIGN, token(transport), {"Range": "bytes=0-15"}), 403, "rel")
    served(lab, ask(lab, transport, path, token(transport), {"Range": "bytes=" + ",".join("0-9" for _ in range(10))}), f"hls/{path}")
    refused(lab, ask(lab, transport, path, token(transport), {"Range": "bytes=-18446744073709551615"}), 416, "range")
    refused(lab, ask(lab, transport, path, token(transport), {"Range": "bytes=99999-"}), 416, "range")
    tag = ask(lab, transport, path, token(transport)).header("etag")
    assert ask(lab, transport, path, token(transport), {"If-None-Match": tag}).status == 304
    refused(lab, ask(lab, transport, FOREIGN, token(transport), {"If-None-Match": tag}), 403, "rel")


@pytest.mark.parametrize("path", ["/_gate", "/_bad", "/_preflight", "/_stray", "/_gate?x", "/_gate/"])
def test_A40_internal_locations(lab, path):
    for port in (lab.port, lab.neighbour):
        answer = raw(port, request(path, HOST, {"Origin": GOOD}))
        assert answer.status == 404
        if port == lab.port:
            refused(lab, answer, 404, "not_found")


@pytest.mark.parametrize("name", ["X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "RG-URI", "RG_URI", "RG-RAW", "X_Original_URI",
                                  "X-Accel-Redirect", "X-Forwarded-Uri", "X-HTTP-Method-Override"])
def test_A41_to_A43_no_header_names_the_path(lab, name):
    value = f"/hls2/{LESSON}/{SEGMENT}"
    refused(lab, ask(lab, "hls2", FOREIGN, token(), [(name, value), (name, value)]), 403, "rel")
    refused(lab, ask(lab, "hls2", f"{LESSON}/{SEGMENT}", None, [(name, value)]), 401, "token_missing")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_A49_challenges(lab, transport):
    code = "token_missing" if transport != "play" else "token_malformed"
    refused(lab, ask(lab, transport, f"{LESSON}/{SEGMENT}"), 401, code)
    expired = token(transport, exp=1_700_000_000, iat=1_699_999_000)
    answer = ask(lab, transport, f"{LESSON}/{SEGMENT}", expired)
    refused(lab, answer, 401, "token_expired")
    assert answer.header("www-authenticate") == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("name", FILES + [f"{PUBLICATION}/key/0"])
def test_A51_a_neighbours_regular_expression_wins_nothing(lab, name):
    """The neighbour's root holds a link to the lessons, and its expressions match every file of ours."""
    for transport in TRANSPORTS:
        answer = ask(lab, transport, f"{LESSON}/{name}", port=lab.neighbour)
        assert answer.status == 401 and not lab.tree.sources(answer.body)
        refused(lab, ask(lab, transport, f"t2/c9/m1/l1/{name}", token(transport), port=lab.neighbour), 403, "rel")
    served(lab, plain(lab, port=lab.neighbour), f"hls/{LESSON}/{SEGMENT}")


@pytest.mark.parametrize("prefix", ["/hls2../", "/hls2%2e%2e/", "/mobile/hls2../", "/play../", "/presentation_videos../", "/upload../"])
def test_A52_no_alias_climbs_out(lab, prefix):
    for rest in ("secret/app.env", f"hls/{LESSON}/{SEGMENT}", f"originals/{LESSON}/l1_lesson.mp4"):
        answer = raw(lab.port, request(prefix + rest, HOST))
        assert answer.status in (403, 404) and not lab.tree.sources(answer.body)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", HIDDEN)
def test_A62_only_files_of_a_publication(lab, transport, name):
    refused(lab, ask(lab, transport, f"{LESSON}/{name}", token(transport)), 403, "path")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_A63_links_are_not_followed(lab, transport):
    for path in (f"{LESSON}/{PUBLICATION}/720p/7.ts", f"{LESSON}/{PUBLICATION}/720p/8.ts"):
        answer = ask(lab, transport, path, token(transport))
        assert answer.status in (403, 404) and not lab.tree.sources(answer.body)
    linked = "t1/c1/m1/linked"
    for name in ("output.m3u8", f"{PUBLICATION}/720p/0.ts", f"{PUBLICATION}/720p/index.m3u8"):
        answer = ask(lab, transport, f"{linked}/{name}", token(transport, linked))
        assert answer.status in (403, 404) and not lab.tree.sources(answer.body), (name, answer)


def test_A65_no_redirect_tells_a_port_or_path(lab):
    answer = plain(lab, method="GET")
    assert answer.header("location") is None


def test_A67_a_crawl_without_a_token_gets_nothing(lab):
    crawled = 0
    for directory, _, names in os.walk(f"{lab.data}/hls"):
        for name in names:
            rest = os.path.relpath(f"{directory}/{name}", f"{lab.data}/hls")
            for transport in TRANSPORTS:
                for method in ("GET", "HEAD", "POST", "OPTIONS"):
                    for port in (lab.port, lab.neighbour):
                        answer = ask(lab, transport, rest, method=method, port=port)
                        assert answer.status in (401, 403, 405), (rest, answer)
                        assert not lab.tree.sources(answer.body)
                        crawled += 1
    assert crawled > 5000


def test_A69_many_headers(lab):
    served(lab, plain(lab, headers=[(f"X-{n}", "v") for n in range(900)]), f"hls/{LESSON}/{SEGMENT}")
    answer = ask(lab, "hls2", FOREIGN, token(), [(f"X-{n}", "v" * 20) for n in range(2000)])
    assert answer.status == 400 and answer.header("x-reelgate-reason") == "bad_request"
    answer = ask(lab, "hls2", FOREIGN, token(), {"X-Long": "v" * 9000})
    assert answer.status == 400 and answer.header("x-reelgate-reason") == "bad_request"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", HOST + ".evil.example", "x" + HOST, "[::1]"])
def test_A70_other_hosts_get_no_answer(lab, host):
    for path in (f"hls2/{LESSON}/{SEGMENT}", "", "presentation_videos/course/c1"):
        answer = raw(lab.port, request("/" + path, host, {"Authorization": f"Bearer {token()}", "Referer": GOOD}))
        assert answer.status == 0 and not answer.body


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_not_found_and_not_ready_only_after_acceptance(lab, transport):
    refused(lab, ask(lab, transport, f"{LESSON}/{PUBLICATION}/720p/99.ts", token(transport)), 404, "not_found")
    refused(lab, ask(lab, transport, "t1/c1/m1/none/output.m3u8", token(transport, "t1/c1/m1/none")), 404, "not_found")
    refused(lab, ask(lab, transport, f"t1/c1/m1/none/{PUBLICATION}/key/0", token(transport, "t1/c1/m1/none")), 404, "not_found")
    refused(lab, ask(lab, transport, "t1/c1/m1/soon/output.m3u8", token(transport, "t1/c1/m1/soon")), 404, "not_ready")
    refused(lab, ask(lab, transport, "t1/c1/m1/soon/output.m3u8", token(transport)), 403, "rel")


@pytest.mark.parametrize("name", ["output.m3u8", "playlist.m3u8", "master.m3u8"])
def test_masters_answer_to_three_names(lab, name):
    for transport in TRANSPORTS:
        assert lab.tree.sources(ask(lab, transport, f"{LESSON}/{name}", token(transport)).body) == {f"hls/{LESSON}/output.m3u8"}


def test_mobile_playlists_carry_the_token(lab):
    good = token("mobile")
    for name in ("output.m3u8", f"{PUBLICATION}/720p/index.m3u8"):
        text = ask(lab, "mobile", f"{LESSON}/{name}", good).body.decode()
        uris = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert uris and all(line.endswith(f"?token={good}") for line in uris)
        assert f'URI="../key/0?token={good}"' in text or "EXT-X-KEY" not in text
        for other in ("hls2", "play"):
            assert good not in ask(lab, other, f"{LESSON}/{name}", token(other)).body.decode()
