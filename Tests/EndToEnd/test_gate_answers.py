"""What reaches a client when the gate, the API or the upload program says something unheard of: nginx as the last wall."""
import time

import pytest

from fcgi import Stub
from gate import GOOD, TRANSPORTS, ask, plain, problem, refused, served, token
from lab import HOST, Lab
from tree import LESSON, PUBLICATION, SEGMENT
from wire import Connection, raw, request

PATH = f"{LESSON}/{SEGMENT}"


class Nothing:
    """No gates of ours: the stub answers."""
    processes = []

    def start(self):
        pass

    def stop(self):
        pass


@pytest.fixture(scope="module")
def lab():
    made = Lab()
    made.gates = Nothing()
    made.stubs = {name: Stub(f"{made.run}/{name}.sock") for name in ("gate", "api", "upload")}
    try:
        yield made.start()
    finally:
        for stub in made.stubs.values():
            stub.close()
        made.stop()


def says(lab, text, socket="gate"):
    data = text.encode("latin-1") if isinstance(text, str) else text
    lab.stubs[socket].answer = lambda params: data


def no_sleep(lab, seconds):
    def answer(params):
        time.sleep(seconds)
        return b"Status: 204 No Content\r\n\r\n"
    lab.stubs["gate"].answer = answer


REFUSE = "Status: {} X\r\nX-Reelgate-Reason: {}\r\n\r\n"


@pytest.mark.parametrize("name", [SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"])
@pytest.mark.parametrize("status,reason,expected,code", [
    (401, "token_missing", 401, "token_missing"), (401, "token_expired", 401, "token_expired"), (403, "rel", 403, "rel"),
    (403, "limit_streams", 403, "limit_streams"), (403, "method", 405, "method"), (403, "paced", 503, "paced"),
    (403, 'a"b', 403, "refused"), (403, "unheard_of", 403, "refused"), (403, "", 403, "refused"), (401, "x\\", 401, "refused"),
    (403, "rel;x", 403, "refused"), (403, "${request_uri}", 403, "refused"), (403, "REL", 403, "rel")])
def test_A49_reasons_become_codes_of_ours(lab, name, status, reason, expected, code):
    says(lab, REFUSE.format(status, reason))
    for transport in TRANSPORTS:
        refused(lab, ask(lab, transport, f"{LESSON}/{name}", token(transport)), expected, code)


@pytest.mark.parametrize("name", [SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"])
@pytest.mark.parametrize("wait,expected", [("37", "37"), ("0", "5"), ("-1", "5"), ("1e9", "5"), ("99999", "5"), (None, "5"), ('1"', "5")])
def test_paced_players_are_told_when_to_come_again(lab, name, wait, expected):
    more = f"Retry-After: {wait}\r\n" if wait is not None else ""
    says(lab, f"Status: 403 X\r\nX-Reelgate-Reason: paced\r\n{more}\r\n")
    answer = ask(lab, "hls2", f"{LESSON}/{name}", token())
    refused(lab, answer, 503, "paced")
    assert answer.header("retry-after") == expected


@pytest.mark.parametrize("said", [
    "Status: 302 X\r\nLocation: /x\r\n\r\n", "Status: 304 X\r\n\r\n", "Status: 404 X\r\nX-Reelgate-Reason: not_found\r\n\r\n", "Status: 400 X\r\n\r\n",
    "Status: 429 X\r\nRetry-After: 7\r\n\r\n", "Status: 500 X\r\n\r\n", "Status: 503 X\r\n\r\n", "Status: 100 X\r\n\r\n", "Status: 0 X\r\n\r\n",
    "Status: abc\r\n\r\n", "Status: 99999 X\r\n\r\n", "garbage", "", "Status: 418 X\r\n\r\n", "Status: 451 X\r\n\r\n", "X: y\r\n" * 2000 + "\r\n", None])
def test_A45_A47_A50_a_guarded_file_is_closed_by_anything_else(lab, said):
    """Not a 2xx, a 401 or a 403: a 503 problem, never the file."""
    if said is None:
        lab.stubs["gate"].answer = lambda params: None
    else:
        says(lab, said)
    for transport in TRANSPORTS:
        answer = ask(lab, transport, PATH, token(transport))
        refused(lab, answer, 503, "gate_unavailable")


@pytest.mark.parametrize("said,status", [
    ("Status: 404 X\r\nX-Reelgate-Reason: not_ready\r\n\r\n", 404), ("Status: 500 X\r\n\r\nsecret", 503), ("garbage", 503),
    ("Status: 503 X\r\n\r\n", 503), (None, 503), ("Status: 429 X\r\n\r\n", 503)])
@pytest.mark.parametrize("name", ["output.m3u8", f"{PUBLICATION}/key/0"])
def test_A45_answers_of_the_gate_itself(lab, said, status, name):
    if said is None:
        lab.stubs["gate"].answer = lambda params: None
    else:
        says(lab, said)
    refused(lab, ask(lab, "hls2", f"{LESSON}/{name}", token()), status, {404: "not_ready", 503: "gate_unavailable"}[status])


def test_A48_a_silent_gate_is_given_up(lab):
    no_sleep(lab, 6)
    began = time.monotonic()
    refused(lab, ask(lab, "hls2", PATH, token()), 503, "gate_unavailable")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name", [SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"])
def test_A66_internal_redirects_of_a_responder_are_ignored(lab, name):
    """The header is not followed, whoever gets it said."""
    says(lab, "Status: 200 OK\r\nX-Accel-Redirect: /secret/app.env\r\nX-Accel-Limit-Rate: 1\r\nContent-Type: text/plain\r\n\r\nown words")
    answer = ask(lab, "hls2", f"{LESSON}/{name}", token())
    assert answer.status == 200 and "secret/app.env" not in {s for s in lab.tree.sources(answer.body)}
    for path in ("/api/x", "/upload/lesson"):
        says(lab, "Status: 200 OK\r\nX-Accel-Redirect: /hls2/" + PATH + "\r\n\r\nown words", "api" if path == "/api/x" else "upload")
        answer = raw(lab.port, request(path, HOST))
        assert answer.status == 200 and answer.body == b"own words"


def test_B29_what_the_gate_is_told(lab):
    says(lab, "Status: 204 X\r\n\r\n")
    ask(lab, "mobile", f"{LESSON}/{SEGMENT}?a=b", token("mobile"), {
        "Proxy": "http://evil", "Range": "bytes=0-1", "If-None-Match": "x", "If-Modified-Since": "x", "RG-URI": "/x", "X-Original-URI": "/y"}, body=b"12345")
    seen = lab.stubs["gate"].seen[-1]
    assert seen["RG_URI"] == f"/mobile/hls2/{PATH}" and seen["RG_RAW"].startswith(f"/mobile/hls2/{PATH}?a=b&token=")
    assert seen["RG_ARGS"].startswith("a=b&token=") and seen["RG_METHOD"] == "GET" and seen["RG_KIND"] == "f" and seen["RG_CLIENT"] == "127.0.0.1"
    for name in ("HTTP_PROXY", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "CONTENT_LENGTH"):
        assert not seen.get(name)
    assert seen["body"] == b"" and "X_ORIGINAL_URI" not in seen
    for name, kind in ((f"{PUBLICATION}/key/7", "k"), ("output.m3u8", "l"), (f"{PUBLICATION}/720p/index.m3u8", "l")):
        ask(lab, "mobile", f"{LESSON}/{name}", token("mobile"))
        assert lab.stubs["gate"].seen[-1]["RG_KIND"] == kind
    ask(lab, "hls2", f"{LESSON}/{PUBLICATION}/720p/index.m3u8?token=x", token())
    assert lab.stubs["gate"].seen[-1]["RG_KIND"] == "f" and lab.stubs["gate"].seen[-1]["RG_ARGS"] == ""


@pytest.mark.parametrize("path,socket", [("/api/tasks/1?x=%2F", "api"), ("/health", "api"), ("/api-docs/openapi.json", "api"), ("/upload/lesson", "upload"),
                                         ("/upload", "upload"), ("/upload_presentation/module/a/b", "upload"), ("/api/videos/upload", "upload")])
def test_the_api_is_told_the_raw_request(lab, path, socket):
    says(lab, "Status: 202 X\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: max-age=9\r\n\r\n{}", socket)
    answer = raw(lab.port, request(path, HOST, {"Origin": GOOD, "Proxy": "x", "X-API-Key": "k"}, "POST", body=b"abc"))
    assert answer.status == 202 and answer.body == b"{}"
    assert answer.header("access-control-allow-origin") == GOOD and answer.header("cache-control") == "max-age=9"
    assert answer.header("x-frame-options") == "DENY" and answer.header("x-content-type-options") == "nosniff"
    seen = lab.stubs[socket].seen[-1]
    assert seen["REQUEST_URI"] == path and seen["REQUEST_METHOD"] == "POST" and seen["body"] == b"abc" and seen["CONTENT_LENGTH"] == "3"
    assert len(seen["REQUEST_ID"]) == 32 and not seen.get("HTTP_PROXY") and seen["HTTP_X_API_KEY"] == "k" and seen["REMOTE_ADDR"] == "127.0.0.1"


def test_an_api_request_is_tried_once(lab):
    for socket, path in (("api", "/api/x"), ("upload", "/upload/lesson")):
        before = len(lab.stubs[socket].seen)
        lab.stubs[socket].answer = lambda params: None
        refused(lab, raw(lab.port, request(path, HOST, {"Origin": GOOD})), 503, "api_unavailable")
        assert len(lab.stubs[socket].seen) == before + 1


def test_a_gate_question_is_asked_again_when_a_child_dies(lab):
    answers = [None, b"Status: 204 X\r\n\r\n"]
    lab.stubs["gate"].answer = lambda params: answers.pop(0)
    served(lab, plain(lab), f"hls/{PATH}")


def test_the_apis_own_problems_pass_unchanged(lab):
    body = '{"status":409,"code":"conflict"}'
    for status in (400, 401, 404, 409, 413, 429, 500, 503):
        says(lab, f"Status: {status} X\r\nContent-Type: application/problem+json\r\nX-Reelgate-Reason: conflict\r\nRetry-After: 7\r\n\r\n{body}", "api")
        answer = raw(lab.port, request("/api/x", HOST, {"Origin": GOOD}))
        assert (answer.status, answer.body.decode(), answer.header("retry-after")) == (status, body, "7")
        assert answer.header("x-reelgate-reason") == "conflict" and answer.header("cache-control") == "no-store"


def test_C12_a_chunked_upload_comes_with_its_length(lab):
    says(lab, "Status: 202 X\r\n\r\n", "upload")
    data = request("/upload/lesson", HOST, {"Transfer-Encoding": "chunked"}, "POST") + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    assert raw(lab.port, data).status == 202
    assert lab.stubs["upload"].seen[-1]["body"] == b"abcdefg" and lab.stubs["upload"].seen[-1]["CONTENT_LENGTH"] == "7"


def test_C17_an_upload_that_breaks_off_reaches_nobody(lab):
    says(lab, "Status: 202 X\r\n\r\n", "upload")
    before = len(lab.stubs["upload"].seen)
    for sent in (b"", b"x", bytes(60_000)):
        with Connection(lab.port) as connection:
            connection.send(request("/upload/lesson", HOST, {"Content-Length": "100000"}, "POST") + sent)
            time.sleep(0.2)
    assert raw(lab.port, request("/upload/lesson", HOST, {}, "POST", body=b"whole")).status == 202
    assert [seen["body"] for seen in lab.stubs["upload"].seen[before:]] == [b"whole"]


def test_C16_a_sender_who_stalls_reaches_nobody():
    """nginx waits a minute (here a second) for the next piece, then closes; no process of ours ever knew of it."""
    made = Lab()
    made.gates, stub = Nothing(), Stub(f"{made.run}/upload.sock")
    configure = made.configure

    def impatient():
        configure()
        path = f"{made.conf}/parts/upload.conf"
        with open(path) as file:
            text = file.read()
        assert "client_body_timeout 60s;" in text
        with open(path, "w") as file:
            file.write(text.replace("client_body_timeout 60s;", "client_body_timeout 1s;"))
    made.configure = impatient
    try:
        made.start()
        answer = raw(made.port, request("/upload/lesson", HOST, {"Content-Length": "100000"}, "POST") + b"a piece")
        assert answer.status in (0, 408) and not stub.seen, (answer, stub.seen)
        assert raw(made.port, request("/upload/lesson", HOST, {}, "POST", body=b"whole")).status == 204
        assert [seen["body"] for seen in stub.seen] == [b"whole"]
    finally:
        stub.close()
        made.stop()


def test_legacy_status_turns_media_401_into_403(lab):
    import os, signal
    lab.render(LEGACY_STATUS="403")
    try:
        lab.nginx.send_signal(signal.SIGHUP)
        time.sleep(0.7)
        says(lab, REFUSE.format(401, "token_expired"))
        for name in (SEGMENT, "output.m3u8"):
            refused(lab, ask(lab, "hls2", f"{LESSON}/{name}", token()), 403, "token_expired")
    finally:
        lab.configure()
        os.kill(lab.nginx.pid, signal.SIGHUP)
        time.sleep(0.5)
