"""The gate's own socket: what it says to nginx, whatever nginx is made to send (invariant I2), and that nothing kills it."""
import os, random, shutil, socket, struct, subprocess, time

import pytest

from fcgi import begin, call, exchange, parameters, record, said
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
