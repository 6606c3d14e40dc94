"""The gate's own socket: what it says to nginx, whatever nginx is made to send (invariant I2), and that nothing kills it."""
import os, random, re, shutil, socket, struct, subprocess, time

import pytest

from fcgi import begin, call, exchange, pair, parameters, record, said
from gate import plain, refused, served, token
from lab import GOOD, programs, wait_for
from tree import LESSON, PUBLICATION, SEGMENT

PATH = f"/hls2/{LESSON}/{SEGMENT}"


def params(**more):
    values = {"RG_KIND": "f", "RG_URI": PATH, "RG_RAW": PATH, "RG_ARGS": "", "RG_METHOD": "GET", "RG_CLIENT": "127.0.0.1",
              "HTTP_AUTHORIZATION": f"Bearer {token()}", "HTTP_REFERER": GOOD, **more}
    return [(n.encode(), v if isinstance(v, bytes) else v.encode("latin-1")) for n, v in values.items() if v is not None]


def ask(lab, pairs, role=1, step=60_000):
    """One request; answers the bytes of STDOUT."""
    return call(lab.gates.path, pairs, role, step)


def status(text):
    return int(text.split(b"\r\n")[0].removeprefix(b"Status: ")[:3]) if text else 0


def test_A44_A46_the_gate_says_204_401_or_403_and_nothing_else(lab):
    """Random parameters, thousands of them: the status line is always one of three, whole, and the children live on."""
    draw, seen = random.Random(5), {}
    before = [p.pid for p in lab.gates.processes]
    good = dict(params())
    for _ in range(4000):
        values = dict(good)
        for _ in range(draw.randint(1, 3)):
            name = draw.choice(list(good))
            value = bytearray(values.get(name) or b"")
            what = draw.randrange(6)
            if what == 0:
                values.pop(name, None)
                continue
            if what == 1:
                value = bytearray(draw.randbytes(draw.randrange(0, 300)))
            elif what == 2 and value:
                value[draw.randrange(len(value))] ^= 1 << draw.randrange(8)
            elif what == 3:
                value = value * draw.randint(2, 40)
            elif what == 4:
                place = draw.randrange(len(value) + 1)
                value[place:place] = draw.choice((b"\0", b"\n", b"..", b"%2e", b"/", b" ", b"\xff", b".", b"=", b"&token="))
            else:
                value = value[:draw.randrange(len(value) + 1)]
            values[name] = bytes(value)
        pairs = list(values.items())
        if draw.random() < 0.1:
            pairs.append(draw.choice(pairs))
        said = ask(lab, pairs)
        code = status(said)
        seen[code] = seen.get(code, 0) + 1
        line = said.split(b"\r\n")[0]
        kind = values.get(b"RG_KIND")
        assert code in (204, 401, 403) or kind in (b"k", b"l") and code in (200, 404), (said[:200], pairs)
        assert line.count(b"Status") == 1 and (code == 204 or b"X-Reelgate-Reason: " in said or code == 200)
        if code == 204:
            assert values.get(b"RG_URI") == values.get(b"RG_RAW", b"").split(b"?")[0]
    assert set(seen) >= {204, 401, 403} and seen[401] + seen[403] > 1000
    assert [p.pid for p in lab.gates.processes if p.poll() is None] == before


@pytest.mark.parametrize("headers", [{"HTTP_RANGE": "bytes=0-1"}, {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_IF_MODIFIED_SINCE": "Thu, 01 Jan 2099 00:00:00 GMT"}])
def test_A39_conditions_and_ranges_are_nothing_to_the_gate(lab, headers):
    assert status(ask(lab, params(**headers))) == 204
    said = ask(lab, params(RG_KIND="k", RG_URI=f"/hls2/{LESSON}/{PUBLICATION}/key/0", RG_RAW=f"/hls2/{LESSON}/{PUBLICATION}/key/0", **headers))
    assert status(said) == 200 and len(said.split(b"\r\n\r\n", 1)[1]) == 16


@pytest.mark.parametrize("more", [
    {"ORIG_URI": PATH, "HTTP_RG_URI": PATH, "HTTP_X_ORIGINAL_URI": PATH, "RG_URI": "/hls2/t2/c9/m1/l1/" + SEGMENT, "RG_RAW": "/hls2/t2/c9/m1/l1/" + SEGMENT},
    {"RG_KIND": "x"}, {"RG_KIND": ""}, {"RG_KIND": None}, {"RG_KIND": "k"}, {"RG_KIND": "l"}, {"RG_KIND": "ff"}, {"RG_URI": None}, {"RG_RAW": None},
    {"RG_METHOD": None}, {"RG_METHOD": "get"}, {"RG_METHOD": "POST"}, {"HTTP_REFERER": b"https://good.example\xff"}])
def test_C10_C14_parameters_that_do_not_fit_are_refused(lab, more):
    said = ask(lab, params(**more))
    assert status(said) == 403 and b"X-Reelgate-Reason: " in said


def test_C07_C08_C09_parameters_in_pieces_too_many_and_twice(lab):
    assert status(ask(lab, params(), step=7)) == 204
    assert status(ask(lab, params(HTTP_X="v" * 40_000))) == 204
    twice = params() + [(b"HTTP_AUTHORIZATION", f"Bearer {token()}".encode())]
    assert status(ask(lab, twice)) == 401
    assert status(ask(lab, params() + [(b"HTTP_REFERER", GOOD.encode())])) == 403
    assert status(ask(lab, params() + [(b"HTTP_X_%d" % n, b"v") for n in range(3000)])) == 204


@pytest.mark.parametrize("data", [
    b"", b"\x01", b"\x02" * 64, bytes(64), record(1, b""), record(1, b"\0\1\0"), record(4, b"x"), record(5, b""), record(9, b""), record(77, b"z" * 900),
    record(1, struct.pack("!HBxxxxx", 65535, 0)) + record(4, b""), record(1, struct.pack("!HBxxxxx", 1, 0), 0) + record(4, b"", 0) + record(5, b"", 0),
    record(1, struct.pack("!HBxxxxx", 1, 0)) + record(4, b"\xff\xff\xff\xff\xff\xff\xff\xff") + record(4, b"") + record(5, b""),
    record(1, struct.pack("!HBxxxxx", 1, 0)) + record(4, b"\x05\x05abc") + record(4, b"") + record(5, b"")])
def test_C03_to_C06_malformed_records_kill_nobody(lab, data):
    before = [p.pid for p in lab.gates.processes]
    for _ in range(8):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(lab.gates.path)
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            try:
                while client.recv(4096):
                    pass
            except OSError:
                pass
    assert [p.pid for p in lab.gates.processes if p.poll() is None] == before
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


def test_A58_A59_A60_nothing_is_remembered(lab):
    """No answer of the gate outlives its question: good, none, bad, good, in every order."""
    from gate import ask as fetch
    expired = token(exp=1_700_000_000, iat=1_699_999_000)
    for _ in range(3):
        served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")
        refused(lab, fetch(lab, "hls2", f"{LESSON}/{SEGMENT}"), 401, "token_missing")
        refused(lab, fetch(lab, "hls2", f"{LESSON}/{SEGMENT}", expired), 401, "token_expired")
        refused(lab, plain(lab, headers={"Referer": "https://evil.example/"}), 403, "referrer")


def test_the_gate_runs_under_spawn_fcgi(lab):
    program = shutil.which("spawn-fcgi")
    if not program:
        pytest.skip("spawn-fcgi is not installed")
    lab.gates.stop()
    os.unlink(lab.gates.path)
    pids = f"{lab.base}/spawned"
    spawned = []
    try:
        subprocess.run([program, "-s", lab.gates.path, "-M", "0660", "-b", "1024", "-P", pids, "--", f"{programs()}/reelgate-gate"], env=lab.settings,
                       check=True, capture_output=True)
        spawned = [int(word) for word in open(pids).read().split()]
        served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")
        os.kill(spawned[0], 15)
        wait_for(lambda: not os.path.exists(f"/proc/{spawned[0]}") or "Z" in open(f"/proc/{spawned[0]}/stat").read().split(")")[1][:3])
        spawned = []
    finally:
        for pid in spawned:
            os.kill(pid, 9)
        lab.gates.start()
        time.sleep(0.1)
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


def whole(request=1, flags=0, **more):
    """The records of one whole request."""
    return begin(1, request, flags) + parameters(params(**more), request=request) + record(5, b"", request)


def padded(kind, content, padding):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), padding) + content + b"\xff" * padding


@pytest.mark.parametrize("padding", [1, 7, 8, 255])
def test_C02_padding_and_records_of_the_greatest_length(lab, padding):
    """No length wraps: what is padding is never taken for a parameter or a record."""
    data = b"".join(pair(n, v) for n, v in params())
    assert status(said(exchange(lab.gates.path, begin() + padded(4, data, padding) + padded(4, b"", padding) + padded(5, b"", padding)))) == 204
    longest = data + pair(b"HTTP_X", b"v" * (65535 - 11 - len(data)))
    assert len(longest) == 65535
    assert status(said(exchange(lab.gates.path, begin() + padded(4, longest, padding) + record(4, b"") + record(5, b"")))) == 204


@pytest.mark.parametrize("size", [0, 7, 9])
def test_C05_a_begin_of_another_size_reaches_nobody(lab, size):
    before = [p.pid for p in lab.gates.processes]
    odd = record(1, struct.pack("!HB6x", 1, 0)[:size])
    for _ in range(4):
        assert b"Status: 204" not in exchange(lab.gates.path, odd + parameters(params(RG_KIND="x")) + record(5, b""), close=True)
    assert [p.pid for p in lab.gates.processes if p.poll() is None] == before
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


@pytest.mark.parametrize("data", [
    begin(request=0) + parameters(params(), request=0) + record(5, b"", 0), parameters(params(), request=9) + record(5, b"", 9),
    begin() + begin() + parameters(params(RG_KIND="x")) + record(5, b""), begin() + record(5, b"") + parameters(params(RG_KIND="x")),
    begin() + record(4, b"\x05\x7fRG_KI") + record(5, b"") + record(4, b"")], ids=["zero", "unknown", "twice", "body first", "cut"])
def test_C04_records_out_of_order_allow_nothing_and_kill_nobody(lab, data):
    before = [p.pid for p in lab.gates.processes]
    for _ in range(8):
        assert b"Status: 204" not in exchange(lab.gates.path, data, close=True)
    assert [p.pid for p in lab.gates.processes if p.poll() is None] == before
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


@pytest.mark.parametrize("name", ["RG_URI", "RG_RAW", "RG_METHOD", "RG_KIND", "HTTP_AUTHORIZATION", "HTTP_REFERER", "HTTP_USER_AGENT", "RG_CLIENT", "HTTP_COOKIE"])
@pytest.mark.parametrize("value", [b"\0", b"\xff\xfe\xc3", b"x" * 8192, b"\xed\xa0\x80"], ids=["nul", "no text", "8 KB", "surrogate"])
def test_C11_values_are_bytes(lab, name, value):
    """In front of a value nothing is forgiven; behind it a NUL ends it, as it does for libfcgi."""
    good = dict(params())[name.encode()] if name.encode() in dict(params()) else b""
    for odd in (value + good, good + value):
        code = status(ask(lab, params(**{name: odd})))
        decides = name not in ("HTTP_USER_AGENT", "RG_CLIENT", "HTTP_COOKIE")
        assert code == 204 if not decides or odd.split(b"\0")[0] == good else code in (401, 403), (odd[:40], code)


def test_C19_an_abort_leaks_nothing_into_the_next_request(lab):
    half = begin() + parameters(params()) + record(5, b"half a body") + record(2, b"")
    for _ in range(8):
        exchange(lab.gates.path, half, close=True)
        exchange(lab.gates.path, half + whole(RG_KIND="x"), close=True)
        assert status(ask(lab, params(HTTP_AUTHORIZATION=None))) == 401
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


def test_C20_a_second_request_on_a_connection_gets_no_yes(lab):
    """nginx never interleaves; a peer that does is answered once at most, and never for the parameters of both."""
    bad = params(HTTP_AUTHORIZATION="Bearer x")
    mixed = (begin() + begin(request=2) + parameters(bad, request=1)[:-8] + parameters(params(), request=2) + record(4, b"")
             + record(5, b"", 2) + record(5, b""))
    for _ in range(4):
        answer = exchange(lab.gates.path, mixed, close=True)
        assert b"Status: 204" not in answer and answer.count(b"Status: ") <= 1
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


def test_C21_questions_about_the_responder_are_bounded(lab):
    many = b"".join(pair(b"FCGI_X%d" % n, b"") for n in range(5000))
    known = pair(b"FCGI_MAX_CONNS", b"") + pair(b"FCGI_MPXS_CONNS", b"")
    for question in (known, known + pair(b"NOBODY", b""), many):
        answer = exchange(lab.gates.path, record(9, question[:65_000], 0), close=True)
        assert len(answer) < 200 and b"NOBODY" not in answer and b"FCGI_X" not in answer
    served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


def test_C22_no_connection_is_kept(lab):
    """Whoever asks for it is answered once, and the connection ends: it neither holds a gate nor carries anything over."""
    changes = {204: {}, 401: {"HTTP_AUTHORIZATION": None}, 403: {"RG_KIND": "x"}}
    for number in range(300):
        wanted = (204, 401, 403)[number % 3]
        answer = exchange(lab.gates.path, whole(flags=1, **changes[wanted]))
        assert status(said(answer)) == wanted and answer.endswith(record(3, bytes(8))), number
    assert exchange(lab.gates.path, whole(flags=1) + whole(flags=1, RG_KIND="x")).count(b"Status: ") == 1


def test_C23_silent_connections_hold_no_more_than_themselves(lab):
    """Fewer silent peers than gates: the others go on answering, and the silent end with their connections."""
    silent = []
    for start in (b"\x01\x01\x00\x01\x00\x08\x00", begin() + record(4, b"\x05")[:9]):
        client = socket.socket(socket.AF_UNIX)
        client.connect(lab.gates.path)
        client.sendall(start)
        silent.append(client)
    for _ in range(50):
        served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")
    for client in silent:
        client.close()
    for _ in range(50):
        served(lab, plain(lab), f"hls/{LESSON}/{SEGMENT}")


def test_C24_records_in_a_body_are_a_body(lab):
    inner = whole()
    data = begin() + parameters(params(HTTP_AUTHORIZATION=None)) + record(5, inner) + record(5, b"")
    answer = exchange(lab.gates.path, data)
    assert status(said(answer)) == 401 and b"204" not in answer and answer.count(b"Status: ") == 1
