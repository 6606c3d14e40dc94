"""Common Access Tokens, both ways: what the product mints another implementation reads, and what that one writes plays."""
import base64, os, re, time

import cbor2, cwt, pytest
from cbor2 import CBORTag

from test_gate_fastcgi import ask, params
from test_signers import NEXT
from tokens import SECRET, b64
from tree import LESSON, LESSONS, SEGMENT
from uploadlab import UploadLab

PATH = f"/hls2/{LESSON}/{SEGMENT}"
REL, PLATFORM, SID, LIM, DEV, TR, RULES = range(-65537, -65544, -1)


@pytest.fixture(scope="module")
def lab():
    made = UploadLab(api=1, upload=1)
    for settings in (made.settings, made.api.environment, made.upload.environment):
        settings["SIGNING_KEYS_FILE"] = f"{made.base}/keys"
    with open(f"{made.base}/keys", "w") as file:
        file.write(f"edge {NEXT} signs\n")
    try:
        made.start()
        for name in (SEGMENT, "output.m3u8"):
            path = f"{made.data}/hls/{LESSON}/{name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write("#EXTM3U\nx/index.m3u8\n")
        yield made
    finally:
        made.stop()


def key(kid=None, secret=None):
    return cwt.COSEKey.from_symmetric_key(secret or (NEXT if kid else SECRET), alg="HS256", **({"kid": kid} if kid else {}))


def claims(more=None):
    now = int(time.time())
    usual = {1: "a site", 2: "u1", 4: now + 300, 5: now, 6: now, 7: b"\x01\x02", 310: 1, REL: LESSON, PLATFORM: "web", SID: "s1"}
    return {label: value for label, value in {**usual, **(more or {})}.items() if value is not None}


def mac(payload, kid=None, secret=None, tagged=False):
    """By the other implementation."""
    return b64(cwt.CWT.new().encode_and_mac(payload, key(kid, secret), tagged=tagged))


def read(token, kid="edge"):
    """By the other implementation, MAC and times checked."""
    return cwt.CWT.new().decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), key(kid))


def verdict(lab, token, path=PATH, **more):
    """What the gate says: 204, or the reason."""
    said = ask(lab, params(**{"RG_URI": path, "RG_RAW": path, "HTTP_AUTHORIZATION": f"Bearer {token}",
                              "HTTP_REFERER": lab.address + "/", **more})).decode("latin-1")
    if reason := re.search(r"X-Reelgate-Reason: (\w+)", said):
        return reason.group(1)
    return int(said.split()[1])


def asked(lab, **more):
    query = "&".join(f"{name}={value}" for name, value in {"user_id": "u7", "rel": LESSON, "format": "cat", **more}.items())
    return lab.call(f"/api/get-video-token/v2?{query}")


def test_what_is_minted_reads_elsewhere_and_plays(lab):
    status, _, body = asked(lab, address="127.0.0.1", session_id="s9", rules="deny%20agent:tool;allow%20*")
    assert status == 200 and "." not in body["token"] and len(body["token"]) < 600
    found = read(body["token"])
    assert (found[2], found[REL], found[PLATFORM], found[SID], found[310]) == ("u7", LESSON, "web", "s9", 1)
    assert found[4] - found[6] == body["expires_in"] and len(found[7]) == 16
    assert found[312] == {3: {1: f"/hls2/{LESSON}/"}} and found[313] == ["GET", "HEAD"]
    assert found[311] == [CBORTag(52, [24, b"\x7f"])] and found[RULES] == "deny agent:tool;allow *"
    whole = cbor2.loads(base64.urlsafe_b64decode(body["token"] + "=="))
    assert (whole.tag, whole.value.tag, whole.value.value[1]) == (61, 17, {4: b"edge"})
    firefox = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux) Firefox/128.0"}
    assert verdict(lab, body["token"], **firefox) == 204
    assert verdict(lab, body["token"], HTTP_USER_AGENT="curl/8.5") == "agent"
    assert verdict(lab, body["token"], RG_CLIENT="127.0.1.1", **firefox) == "address"
    # Through nginx, in each transport: header, query, path.
    plain = asked(lab)[2]
    agent = {"Authorization": f"Bearer {plain['token']}", "Referer": lab.address + "/"}
    assert lab.call(f"/hls2/{LESSON}/{SEGMENT}", headers=agent, key=False)[0] == 200
    assert lab.call("/play/" + plain["path_playlist_url"].split("/play/")[1], key=False)[0] == 200
    assert read(plain["path_playlist_url"].split("/play/")[1].split("/")[0])[TR] == "path"
    mobile = asked(lab, platform="mobile")[2]
    status, _, playlist = lab.call(f"/mobile/hls2/{LESSON}/output.m3u8?token={mobile['token']}", key=False)
    assert status == 200 and f"x/index.m3u8?token={mobile['token']}".encode() in playlist
    assert read(mobile["token"])[312] == {3: {3: f"/{LESSON}/"}}
    assert asked(lab, format="jwt")[2]["token"].count(".") == 2 and asked(lab, format="paseto")[0] == 400


def test_what_another_implementation_writes_plays(lab):
    for tagged in (False, True):
        for kid in (None, "edge"):
            assert verdict(lab, mac(claims(), kid, tagged=tagged)) == 204
    assert verdict(lab, mac(claims({311: [64500, CBORTag(52, [8, b"\x7f"]), CBORTag(54, b"\x20\x01" + bytes(14))], 312: {3: {1: "/hls2/"}, 8: {0: ".ts"}},
                                    313: ["GET"], 315: {"Referer": {1: lab.address}}, LIM: 2, DEV: "d1", 70000: {"x": [1, None]}}))) == 204


@pytest.mark.parametrize("row,make,code", [
    ("E05", lambda: mac(claims(), "edge", secret=SECRET), "token_signature"), ("E05", lambda: mac(claims(), secret=NEXT), "token_signature"),
    ("E20", lambda: mac(claims(), "gone"), "token_key"),
    ("E05", lambda: b64(cwt.CWT.new().encode_and_mac(claims(), cwt.COSEKey.from_symmetric_key(SECRET * 2, alg="HS512"))), "token_malformed"),
    ("E05", lambda: b64(cwt.CWT.new().encode_and_mac(claims(), cwt.COSEKey.from_symmetric_key(SECRET, alg="HMAC 256/64"))), "token_malformed"),
    ("E08", lambda: b64(b"\xd9\xd9\xf7" + base64.urlsafe_b64decode(mac(claims(), tagged=True) + "==")), "token_malformed"),
    ("E12", lambda: mac(claims({4: int(time.time()) - 1})), "token_expired"), ("E12", lambda: mac(claims({5: int(time.time()) + 600})), "token_not_yet"),
    ("E12", lambda: mac(claims({6: int(time.time()) - 90_000, 5: 0})), "token_expired"),
    ("E11", lambda: mac(claims({4: time.time() + 300.5})), "token_malformed"), ("E13", lambda: mac(claims({REL: LESSONS[1]})), "rel"),
    ("E14", lambda: mac(claims({REL: "t1/c1"})), "token_malformed"), ("E16", lambda: mac(claims({REL: None})), "token_type"),
    ("E16", lambda: mac(claims({3: "somebody else"})), "token_type"), ("E17", lambda: mac(claims({TR: "path"})), "transport"),
    ("E27", lambda: mac(claims({311: [CBORTag(52, [8, b"\x0a"])]})), "address"), ("-", lambda: mac(claims({312: {3: {1: "/hls2/x/"}}})), "rel"),
    ("-", lambda: mac(claims({312: {1: {0: "cdn.example"}}})), "token_type"), ("-", lambda: mac(claims({313: ["POST"]})), "method"),
    ("-", lambda: mac(claims({316: ["DE"]})), "country"), ("-", lambda: mac(claims({308: 1})), "token_type"), ("-", lambda: mac(claims({322: {}})), "token_type"),
    ("E21", lambda: mac(claims({70000: "x" * 1500})), "token_malformed")])
def test_E_what_is_wrong_is_refused_as_in_a_jwt(lab, row, make, code):
    assert verdict(lab, make()) == code


def test_E09_every_bit_counts(lab):
    good = base64.urlsafe_b64decode(mac(claims(), "edge", tagged=True) + "==")
    assert verdict(lab, b64(good)) == 204
    for bit in range(0, len(good) * 8, 7):
        altered = bytearray(good)
        altered[bit // 8] ^= 1 << bit % 8
        assert verdict(lab, b64(bytes(altered))) in ("token_malformed", "token_signature", "token_key"), bit
