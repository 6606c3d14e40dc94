"""nginx as a host runs it: TLS and HTTP/2 by the shipped example, presentations, logs, a gate that is down."""
import os, re, subprocess, time

import pytest

from gate import TRANSPORTS, ask, plain, problem, refused, served, token
from lab import GOOD, HOST, free_port
from tokens import mint
from tree import LESSON, PUBLICATION, SEGMENT
from wire import raw, request

PATH = f"{LESSON}/{SEGMENT}"


def curl(lab, kind, path, bearer=None, *more):
    """Status, headers and body by curl: over TLS and HTTP/2 (`tls`), or HTTP/2 without TLS (`h2c`)."""
    base = [f"https://{HOST}:{lab.tls}", "--http2", "--cacert", f"{lab.base}/cert.pem", "--resolve", f"{HOST}:{lab.tls}:127.0.0.1"] if (
        kind == "tls") else [f"http://{HOST}:{lab.h2c}", "--http2-prior-knowledge", "--resolve", f"{HOST}:{lab.h2c}:127.0.0.1"]
    headers = ["-H", f"Origin: {GOOD}", "-e", GOOD + "/"] + (["-H", f"Authorization: Bearer {bearer}"] if bearer else [])
    done = subprocess.run(["curl", "-s", "-i", "--path-as-is", "--max-time", "10", *headers, *base[1:], *more, base[0] + path], capture_output=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/2 (\d+)", head)
    return int(status.group(1)) if status else 0, head.decode("latin-1").lower(), body


A29 = ["../l10/" + SEGMENT, "%2e%2e/l10/" + SEGMENT, "..%2fl10/" + SEGMENT, "%2f..%2fl10/" + SEGMENT, "./" + SEGMENT, "/" + SEGMENT,
       "%252e%252e/l10/" + SEGMENT, "..%5cl10/" + SEGMENT, "%c0%ae%c0%ae/" + SEGMENT, SEGMENT + "%20", SEGMENT + "%0a", SEGMENT + "/",
       "", f"{PUBLICATION}/key/0%0a"]


@pytest.mark.parametrize("kind", ["tls", "h2c"])
@pytest.mark.parametrize("rest", A29)
def test_A29_path_tricks_over_http_2(lab, kind, rest):
    status, head, body = curl(lab, kind, f"/hls2/{LESSON}/{rest}", token())
    assert (status, "x-reelgate-reason: path" in head) == (403, True), head
    assert not lab.tree.sources(body)


@pytest.mark.parametrize("kind", ["tls", "h2c"])
def test_A29_good_and_bad_requests_over_http_2(lab, kind):
    status, head, body = curl(lab, kind, f"/hls2/{PATH}", token())
    assert status == 200 and body == lab.tree.content[f"hls/{PATH}"]
    assert ("strict-transport-security: max-age=" in head) == (kind == "tls")
    for path in (f"//hls2/{PATH}", f"/x/../hls2/{PATH}", f"/%68ls2/{PATH}"):
        status, head, body = curl(lab, kind, path, token())
        assert status == 403 and not lab.tree.sources(body)
    for path in (f"/hls2/{LESSON}/%00.ts", "/hls2/%zz", "/../../x"):
        status, head, body = curl(lab, kind, path, token())
        assert status == 400 and b'"code":"bad_request"' in body and "application/problem+json" in head
    status, head, body = curl(lab, kind, f"/hls2/t2/c9/m1/l1/{SEGMENT}", token())
    assert status == 403 and "x-reelgate-reason: rel" in head
    status, _, body = curl(lab, kind, "/nothing")
    assert status == 404 and b'"code":"not_found"' in body
    status, _, body = curl(lab, kind, f"/hls2/{PATH}", token(), "-H", "Host: evil.example")
    assert status in (0, 400) and not lab.tree.sources(body)


def test_the_example_redirects_http_to_its_own_name(lab):
    answer = raw(lab.plain, request("/watch?v=1", HOST))
    assert answer.status == 308 and answer.header("location") == f"https://{HOST}/watch?v=1"
    assert raw(lab.plain, request("/watch", "evil.example")).status == 0
    answer = raw(lab.plain, request("/%00", HOST))
    assert answer.status == 400
    problem(answer, 400, "bad_request")


PRESENTATIONS = [
    ("/presentation_videos/course/c1", "presentation_videos/courses/c1/presentation.mp4", "video/mp4"),
    ("/presentation_videos/courses/c1/presentation.mp4", "presentation_videos/courses/c1/presentation.mp4", "video/mp4"),
    ("/presentation_videos/module/c1/m1", "presentation_videos/modules/c1/m1/presentation.webm", "video/webm"),
    ("/presentation_videos/modules/c1/m1/presentation.webm", "presentation_videos/modules/c1/m1/presentation.webm", "video/webm")]


@pytest.mark.parametrize("path,file,kind", PRESENTATIONS)
def test_presentations_are_open_sandboxed_files(lab, path, file, kind):
    answer = raw(lab.port, request(path, HOST, {"Origin": GOOD}))
    served(lab, answer, file)
    assert answer.header("content-type") == kind
    assert answer.header("content-security-policy").startswith("sandbox")
    part = raw(lab.port, request(path, HOST, {"Range": "bytes=3-9"}))
    assert part.status == 206 and part.body == lab.tree.content[file][3:10]
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        refused(lab, raw(lab.port, request(path, HOST, {"Origin": GOOD}, method), method), 405, "method")


@pytest.mark.parametrize("rest", [
    "", "courses/c1/", "courses/c1/presentation.php", "courses/c1/.presentation.mp4.part", "courses/c1/notes.mp4", "course/none", "course/c1/",
    "courses/../courses/c1/notes.mp4", "course/..%2f..%2fsecret", "module/c1", "module/c1/none", "course/c1%0a", "courses/c1/presentation.mp4/",
    "course/_x", "course/" + "a" * 65, "../secret/app.env", "courses/c1/../../../secret/app.env", "courses/c1/presentation.mp4%00", "COURSE/c1"])
def test_A62_presentations_hold_nothing_else(lab, rest):
    answer = raw(lab.port, request("/presentation_videos/" + rest, HOST, {"Origin": GOOD}))
    assert answer.status in (404, 400) and not lab.tree.sources(answer.body)
    assert answer.header("content-type") == "application/problem+json"


def test_E25_no_token_in_any_log(lab):
    """Each transport, each trick, good and bad tokens; then grep."""
    marks = {"eyJ": 0, "token=": 0, "good.example": 0}
    web, mobile = token(), token("mobile")
    for port in (lab.port, lab.neighbour):
        for target in (
                f"/hls2/{PATH}?token={mobile}", f"/mobile/hls2/{PATH}?token={mobile}", f"/play/{mobile}/{PATH}", f"/play/{mobile}",
                f"/play/{mobile}/", f"/play/{mobile}/../../x", f"/play/{mobile}/../../index.html", f"/play/{mobile}/..%2f..%2fx",
                f"/mobile/hls2/../..%2fx?token={mobile}", f"/mobile/hls2/../../nothing?token={mobile}", f"/play/{mobile[:50]}/x", f"/play/{mobile[:33]}/{mobile[33:80]}", f"/play/x/y{mobile[33:80]}/z", f"/play/x/{mobile[:60]}",
                f"//play/{mobile}/../../x", f"/x/../play/{mobile}/{PATH}", f"/%70lay/{mobile}/../../nothing", f"/PLAY/{mobile}/{PATH}", f"/{mobile}",
                f"/play/{mobile}/{LESSON}/{PUBLICATION}/720p/99.ts", f"/play/{mobile}/%00", f"/play/{mobile}%zz", f"/play/{mobile}/" + "a" * 9000,
                f"/upload/lesson?token={mobile}", f"/api/x?token={mobile}", f"/presentation_videos/{mobile}", f"/_gate?token={mobile}",
                f"/hls2/{PATH}/{mobile}", f"http://{HOST}/play/{mobile}/../../x", f"/nothing/{mobile}.js", f"/play/{mobile}/../../nothing.ts"):
            for method in ("GET", "POST", "TRACE"):
                headers = {"Authorization": f"Bearer {web}", "Referer": f"{GOOD}/?token={web}", "Cookie": f"reelgate_play={web}"}
                raw(port, request(target, HOST, headers, method), method)
                raw(port, request(target, "evil.example", headers, method), method)
        raw(port, request(f"/play/{mobile}/{PATH}", HOST, {"Content-Length": "99999999"}, "POST"))
        raw(port, request(f"/upload/lesson?token={mobile}", HOST, {"Content-Length": "99999999999"}, "POST"))
    for kind in ("tls", "h2c"):
        for target in (f"/play/{mobile}/{PATH}", f"/play/{mobile}/../../x", f"/mobile/hls2/{PATH}?token={mobile}"):
            curl(lab, kind, target, web)
    raw(lab.plain, request(f"/play/{mobile}/{PATH}", HOST))
    time.sleep(0.3)
    lines = lab.log_text().splitlines()
    assert len(lines) > 300
    for line in lines:
        for mark in marks:
            marks[mark] += mark in line
            assert mark not in line, line
    assert sum(f'"u":"/play/-/{PATH}"' in line or f'"u":"/{PATH}"' in line for line in lines) > 3


def test_gate_down_is_a_503_that_pages_can_read(lab):
    """The socket missing, refused, and silent: closed, at once or within its time, and no token in the error log."""
    lab.gates.stop()
    try:
        for state in ("refused", "missing"):
            for transport in TRANSPORTS:
                for name in (SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"):
                    start = time.monotonic()
                    refused(lab, ask(lab, transport, f"{LESSON}/{name}", token(transport)), 503, "gate_unavailable")
                    assert time.monotonic() - start < 1
            answer = raw(lab.port, request(f"/hls2/{PATH}", HOST, {"Origin": GOOD, "Access-Control-Request-Method": "GET"}, "OPTIONS"))
            assert answer.status == 204
            if state == "refused":
                os.unlink(lab.gates.path)
    finally:
        lab.gates.start()
    served(lab, plain(lab), f"hls/{PATH}")
    assert "eyJ" not in lab.log_text()


@pytest.mark.parametrize("path", ["/api/get-video-token/v2?user_id=u", "/health", "/api-docs", "/api/videos/upload", "/upload/lesson", "/upload",
                                  "/upload_presentation/course/c1"])
def test_api_down_is_a_503_of_its_own(lab, path):
    for method in ("GET", "POST"):
        answer = raw(lab.port, request(path, HOST, {"Origin": GOOD}, method, body=b"x" if method == "POST" else b""))
        refused(lab, answer, 503, "api_unavailable")


@pytest.mark.parametrize("path,size", [("/api/x", (3 << 20) + 1), ("/upload/lesson", 104_857_600 + (1 << 20) + 1), ("/api/videos/upload", 1 << 40),
                                       (f"/hls2/{PATH}", 100_000), ("/presentation_videos/course/c1", 100_000)])
def test_C18_G01_too_large_is_said_before_the_body(lab, path, size):
    answer = raw(lab.port, request(path, HOST, {"Origin": GOOD, "Content-Length": str(size)}, "POST"))
    refused(lab, answer, 413, "too_large")


@pytest.mark.parametrize("path,status,code", [("/api/x", 413, "too_large"), (f"/hls2/{PATH}", 405, "method")])
def test_G02_a_body_of_unsaid_length_is_cut_at_the_limit(lab, path, status, code):
    piece = b"10000\r\n" + bytes(65_536) + b"\r\n"
    data = request(path, HOST, {"Origin": GOOD, "Transfer-Encoding": "chunked"}, "POST") + piece * 60
    refused(lab, raw(lab.port, data, "POST"), status, code)


def test_G26_a_full_temporary_directory_is_507(lab):
    """The body can't be written: its directory is gone and can't be made again."""
    body = f"{lab.data}/tmp/body"
    os.rename(body, body + "-away")
    with open(body, "w"):
        pass
    try:
        answer = raw(lab.port, request("/upload/lesson", HOST, {"Origin": GOOD}, "POST", body=b"x" * 300_000))
        refused(lab, answer, 507, "no_room")
    finally:
        os.unlink(body)
        os.rename(body + "-away", body)


def test_C01_the_socket_is_the_groups_only(lab):
    assert os.stat(lab.gates.path).st_mode & 0o777 == 0o660
    if os.getuid() != 0:
        pytest.skip("only root can try as somebody else")
    probe = ("import os, socket, sys; os.setgid(65534); os.setuid(65534); s = socket.socket(socket.AF_UNIX)\n"
             "try: s.connect(sys.argv[1])\nexcept PermissionError: print('EACCES')")
    os.chmod(lab.base, 0o755)
    assert subprocess.run(["/usr/bin/python3", "-c", probe, lab.gates.path], capture_output=True, text=True).stdout == "EACCES\n"


@pytest.mark.parametrize("path", ["/.git/config", "/.env", "/config.json~", "/backup.sql", "/.htpasswd", "/nginx.conf", "/secrets/SECRET_KEY", "/hls2/.git/config",
                                  "/server-status", "/d/secret/app.env", "/r/gate.sock", "/keys", "/.svn/entries", "/Package.swift", "/uploads/", "/originals/"])
def test_K05_files_of_the_site_itself_are_nowhere(lab, path):
    for port in (lab.port, lab.neighbour):
        for bearer in (None, mint(LESSON)):
            answer = raw(port, request(path, HOST, {"Authorization": f"Bearer {bearer}"} if bearer else {}))
            wanted = (401, 403) if path.startswith("/hls2") else (404,)
            assert answer.status in wanted and not lab.tree.sources(answer.body), (path, answer)


def test_K08_a_keys_answer(lab):
    for path in (f"/hls2/{LESSON}/{PUBLICATION}/key/0", "/hls2/t1/c1/m1/old/enc.key"):
        answer = raw(lab.port, request(path, HOST, {"Authorization": f"Bearer {mint('/'.join(path.split('/')[2:6]))}", "Referer": GOOD + "/"}))
        assert (answer.status, len(answer.body), answer.header("content-length")) == (200, 16, "16")
        assert answer.header("content-type") == "application/octet-stream" and "no-store" in answer.header("cache-control")
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("etag") is None and answer.header("last-modified") is None


@pytest.mark.parametrize("content", [bytes(15), b"k" * 15, b"k" * 17, b"", bytes(16)], ids=["15 zeros", "15", "17", "none", "16 zeros"])
def test_K07_a_broken_key_file_is_no_key(lab, content):
    path = f"{lab.data}/hls/t1/c1/m1/old/enc.key"
    with open(path, "rb") as file:
        good = file.read()
    try:
        with open(path, "wb") as file:
            file.write(content)
        answer = raw(lab.port, request("/hls2/t1/c1/m1/old/enc.key", HOST, {
            "Authorization": f"Bearer {mint('t1/c1/m1/old')}", "Referer": GOOD + "/", "Origin": GOOD}))
        refused(lab, answer, 404, "not_found")
    finally:
        with open(path, "wb") as file:
            file.write(good)


@pytest.mark.parametrize("name", ["_ffffffffffff-k1-d6000", "_0123456789ab-k2-d6000", "_0123456789ab-k1-d6001", "_0123456789ab-k999999-d1"])
def test_K11_no_key_is_derived_for_a_publication_that_is_not_there(lab, name):
    """Else the gate would be an oracle for keys of any name."""
    answer = raw(lab.port, request(f"/hls2/{LESSON}/{name}/key/0", HOST, {
        "Authorization": f"Bearer {mint(LESSON)}", "Referer": GOOD + "/", "Origin": GOOD}))
    refused(lab, answer, 404, "not_found")
