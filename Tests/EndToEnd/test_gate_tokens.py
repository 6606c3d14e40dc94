"""Attack catalogue, section E: playback tokens."""
import base64, hashlib, json, time

import pytest

from gate import TRANSPORTS, ask, refused, served, token
from lab import GOOD, HOST
from tokens import SECRET, b64, claims, mint, sign
from tree import LESSON, LESSONS, PUBLICATION, SEGMENT
from wire import raw, request

PATH = f"{LESSON}/{SEGMENT}"
HS = {"alg": "HS256", "typ": "JWT"}


def good(**changes):
    return claims(LESSON, **{"platform": "mobile", **changes})


def with_tag(text, change):
    head, payload, tag = text.split(".")
    return f"{head}.{payload}.{b64(change(base64.urlsafe_b64decode(tag + '==')))}"


def unsigned(alg):
    return f"{b64(json.dumps({'alg': alg}).encode())}.{b64(json.dumps(good()).encode())}."


def last_character(text, step=1):
    """The same bytes in another spelling: unused bits of the last character set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + step]


def duplicate(name, first, second):
    body = json.dumps(good(), separators=(",", ":"))
    members = json.loads(body)
    members.pop(name, None)
    return (f'{{"{name}":{json.dumps(first)},' + json.dumps(members, separators=(",", ":"))[1:-1]
            + f',"{name}":{json.dumps(second)}}}').encode()


def raw_claims(**literal):
    """Claims with one value written as given (numbers that JSON's writer would not write)."""
    members = good()
    text = []
    for name, value in members.items():
        text.append(f'"{name}":{literal.pop(name) if name in literal else json.dumps(value)}')
    text += [f'"{name}":{value}' for name, value in literal.items()]
    return ("{" + ",".join(text) + "}").encode()


now = int(time.time())
FORGED = [
    *[("E02", unsigned(alg)) for alg in ("none", "None", "nOnE", "NONE", "HS256")],
    ("E02", sign({"alg": "none"}, good())), ("E02", f"{b64(b'{}')}.{b64(json.dumps(good()).encode())}.x"),
    *[("E03", sign(HS, good(), key)) for key in ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "", "secret", SECRET[:-1])],
    *[("E04", sign({"alg": alg}, good())) for alg in (" HS256", "HS256 ", "hs256", "HS256\n", "HS", "HS2560", "")],
    ("E04", sign(HS, good(), " " + SECRET)), ("E04", sign(HS, good(), SECRET + "\n")),
    ("E05", sign({"alg": "HS512"}, good(), digest=hashlib.sha512)), ("E05", sign(HS, good(), digest=hashlib.sha512)),
    ("E05", sign({"alg": "HS384"}, good())), ("E05", sign({"alg": "RS256"}, good())),
    ("E05", with_tag(sign(HS, good()), lambda t: t[:16])), ("E05", with_tag(sign(HS, good()), lambda t: t[:31])),
    ("E05", with_tag(sign(HS, good()), lambda t: t + b"\0")), ("E05", with_tag(sign(HS, good()), lambda t: bytes(32))),
    ("E05", with_tag(sign(HS, good()), lambda t: bytes([t[0] ^ 1]) + t[1:])), ("E05", with_tag(sign(HS, good()), lambda t: t[:31] + bytes([t[31] ^ 1]))),
    *[("E06", sign({**HS, **more}, good())) for more in (
        {"jwk": {"kty": "oct", "k": b64(SECRET.encode())}}, {"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"zip": "DEF"})],
    *[("E07", sign({**HS, "kid": kid}, good())) for kid in (
        "../../dev/null", "' OR 1=1--", "x" * 10000, "unknown", "", 1, None, ["next"], "Next", "next ")],
    ("E07", sign(b'{"alg":"HS256","kid":"next","kid":"next"}', good())),
    ("E07", sign({**HS, "kid": "next"}, good())),           # right id, wrong secret
    *[("E08", change(sign(HS, good()))) for change in (
        lambda t: t.rsplit(".", 1)[0], lambda t: t + ".x", lambda t: "." + t, lambda t: t + ".", lambda t: t.replace(".", "..", 1),
        lambda t: t + "=", lambda t: t + "==", lambda t: t.replace(".", "=.", 1), lambda t: t + "!", lambda t: t[:-1], lambda t: t[1:],
        lambda t: t + "A", lambda t: t.replace(".", "%2e"), lambda t: t.upper(), lambda t: "a" + t)],
    ("E08", json.dumps({"payload": b64(json.dumps(good()).encode()), "signatures": []}, separators=(",", ":"))),
    ("E08", sign(b"[]", good())), ("E08", sign(b"", good())), ("E08", sign(HS, b"")), ("E08", sign(HS, b"[]")), ("E08", sign(HS, b"null")),
    ("E08", sign(HS, json.dumps(good()).encode() + b" x")), ("E08", sign(HS, b"\xef\xbb\xbf" + json.dumps(good()).encode())),
    ("E08", sign(HS, json.dumps(good()).encode()[:-1] + b",}")),
    ("E09", last_character(sign(HS, good()))),
    *[("E10", sign(HS, duplicate("rel", *pair))) for pair in ((LESSON, LESSONS[1]), (LESSONS[1], LESSON), (LESSON, LESSON))],
    ("E10", sign(HS, duplicate("exp", now + 300, now + 900))), ("E10", sign(HS, b'{"\\u0072el":"' + LESSON.encode() + b'",' + json.dumps(good()).encode()[1:])),
    ("E10", sign(b'{"alg":"HS256","alg":"HS256"}', good())), ("E10", sign(b'{"alg":"none","alg":"HS256"}', good())),
    ("E11", sign(HS, good(exp=None))), *[("E11", sign(HS, good(exp=value))) for value in ("1999999999", now + 300.5, -1, True, [now + 300])],
    *[("E11", sign(HS, raw_claims(exp=text))) for text in ("1e308", "1e10", "1" + "0" * 400, "null", "NaN", "+99", f"0{now + 300}", "0x7fffffff",
                                                          "9223372036854775808", "-9223372036854775809", f"{now + 300}.0")],
    ("E12", sign(HS, good(exp=now - 1))), ("E12", sign(HS, good(exp=0))), ("E12", sign(HS, good(nbf=now + 600))), ("E12", sign(HS, good(iat=now + 600))),
    ("E12", sign(HS, good(iat=now - 90_000, exp=now + 300))),                          # older than a token may be
    ("E12", sign(HS, good(iat=None, exp=now + 90_000))), ("E12", sign(HS, good(iat=None, exp=9_223_372_036_854_775_807))),
    ("E12", sign(HS, raw_claims(nbf="-9223372036854775808", iat="9223372036854775807"))),
    *[("E14", sign(HS, good(rel=rel))) for rel in (
        "", "/", "t1/", "t1//c1/m1/l1", "t1/./c1/m1", "t1/c1/..", "t1/c1/m1/..", f"/{LESSON}", f"{LESSON}/", "*", "t1/c1/m1/*",
        "t1/c1/m1", "t1/c1", "t1", f"{LESSON}/{PUBLICATION}", f"{LESSON}\0", f"{LESSON}\n", f" {LESSON}", "t1/c1/m1/_l", "t1/c1/m1/l.1",
        "t1/c1/m1/" + "a" * 65, 5, ["t1"], {"a": 1}, True)],
    ("E14", sign(HS, good(rel=None))), ("E16", sign(HS, {"sub": "u1", "iat": now, "exp": now + 300})),
    ("E16", sign(HS, {**good(), "filename": "x.mp4"})), ("E16", sign(HS, {**good(), "video_id": "v"})),
    ("E16", sign(HS, {**good(rel=None), "filename": "x.mp4"})), ("E16", sign({**HS, "typ": "download+jwt"}, good())),
    *[("E14", sign(HS, {**good(rel=None), "filename": "x.mp4", **more})) for more in (
        {"video_id": ""}, {"video_id": "a/b"}, {"video_id": 5}, {"video_id": "../v"}, {"video_id": "v", "user_id": "t1/c1/m1"},
        {"video_id": "m1/l1", "user_id": "t1/c1"}, {"video_id": "v", "user_id": None}, {"video_id": "v" * 65})],
    ("E16", sign(HS, good(), "pW3eK8nV6yT1rX5uZ0qM7bJ2hG9fD4sL")),                     # signed as an access token
    ("E17", sign(HS, good(platform="desktop"))), ("E17", sign(HS, good(platform=1))), ("E17", sign(HS, good(platform=""))),
    # Another installation's: its own key, named or not, under the ids that are in use here.
    *[("E19", sign(header, good(), "sT4gInG0kEy9aB8cD7eF6gH5iJ4kL3mN")) for header in (HS, {**HS, "kid": "next"}, {**HS, "kid": "staging"})],
    ("E21", sign(HS, good(x="a" * 2100))), ("E21", "a" * 3000),
    ("E22", sign(HS, good(user_id="a\0b"))), ("E22", sign(HS, raw_claims(user_id='"\\ud800"'))), ("E22", sign(HS, good(user_id=""))),
    ("E22", sign(HS, good(user_id=None))), ("E22", sign(HS, json.dumps(good()).encode().replace(b'"u1"', b'"\xff\xfe"'))),
    ("lim", sign(HS, good(lim=0))), ("lim", sign(HS, good(lim=16))), ("lim", sign(HS, good(lim="2"))), ("tr", sign(HS, good(tr="header"))),
]


@pytest.mark.parametrize("row,forged", FORGED, ids=[f"{row}-{n}" for n, (row, _) in enumerate(FORGED)])
def test_E02_to_E22_forged_and_malformed_tokens(lab, row, forged):
    """401 and a reason of the token, in every transport, for a segment, a key and a playlist."""
    for transport in TRANSPORTS:
        if "/" in forged and transport == "play":
            continue
        for name in (SEGMENT, f"{PUBLICATION}/key/0", "output.m3u8"):
            answer = ask(lab, transport, f"{LESSON}/{name}", forged)
            if answer.status == 400:                        # nginx found it too long, or not a request line
                assert len(forged) > 7000 or any(c in forged for c in " \n{"), forged
                continue
            if answer.status == 403:
                assert transport == "play" and answer.header("x-reelgate-reason") == "path", (transport, answer)
                refused(lab, answer, 403, "path")
                continue
            assert answer.status == 401 and answer.header("x-reelgate-reason").startswith("token_"), (transport, forged, answer)
            refused(lab, answer, 401, answer.header("x-reelgate-reason"))


@pytest.mark.parametrize("row,made,code", [
    ("E12", lambda: mint(LESSON, exp=int(time.time()) - 1), "token_expired"), ("E12", lambda: mint(LESSON, nbf=int(time.time()) + 90), "token_not_yet"),
    ("E12", lambda: mint(LESSON, iat=int(time.time()) + 90), "token_not_yet"), ("E05", lambda: mint(LESSON, secret="x" * 32), "token_signature"),
    ("E07", lambda: mint(LESSON, {"alg": "HS256", "kid": "unknown"}), "token_key"), ("E02", lambda: unsigned("none"), "token_malformed"),
    ("E16", lambda: sign(HS, {"user_id": "u1", "exp": now + 300}), "token_type"), ("E08", lambda: "garbage", "token_malformed")])
def test_E_each_reason_has_its_code(lab, row, made, code):
    refused(lab, ask(lab, "hls2", PATH, made()), 401, code)


@pytest.mark.parametrize("row,made", [
    ("E01", lambda: mint(LESSON)), ("E01", lambda: mint(LESSON, {"alg": "HS256"})), ("E01", lambda: mint(LESSON, iat=None)),
    ("E01", lambda: mint(LESSON, platform=None)), ("E01", lambda: mint(LESSON, sid=None, jti=None)), ("E01", lambda: mint(LESSON, lim=2, dev="d")),
    ("E12", lambda: mint(LESSON, nbf=int(time.time()) + 20)), ("E12", lambda: mint(LESSON, iat=int(time.time()) + 20)),
    ("E12", lambda: mint(LESSON, exp=int(time.time()) + 10 ** 9)),
    ("E20", lambda: mint(LESSON, {"alg": "HS256", "kid": "next"}, "nX4cV8bM2kL6jH0gF5dS9aP3oI7uY1tR"))])
def test_E01_E20_good_tokens(lab, row, made):
    served(lab, ask(lab, "hls2", PATH, made()), f"hls/{PATH}")


@pytest.mark.parametrize("rel", [r for r in LESSONS if r != LESSON])
def test_E13_E15_a_token_opens_its_lesson_only(lab, rel):
    for transport in TRANSPORTS:
        for name in (SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"):
            refused(lab, ask(lab, transport, f"{LESSON}/{name}", token(transport, rel)), 403, "rel")


@pytest.mark.parametrize("transport,changes,code", [
    ("mobile", {"platform": "web"}, "platform"), ("mobile", {"platform": None}, "platform"), ("play", {"platform": "web"}, "transport"),
    ("hls2", {"tr": "path"}, "transport"), ("mobile", {"tr": "path", "platform": "mobile"}, "transport"), ("mobile", {"tr": "path", "platform": "web"}, "transport")])
def test_E17_which_token_goes_where(lab, transport, changes, code):
    for name in (SEGMENT, "output.m3u8", f"{PUBLICATION}/key/0"):
        refused(lab, ask(lab, transport, f"{LESSON}/{name}", token(transport, **changes)), 403, code)


def test_mobile_takes_the_header_too(lab):
    good_token = token("mobile")
    headers = {"Authorization": f"Bearer {good_token}"}
    served(lab, ask(lab, "mobile", PATH, None, headers), f"hls/{PATH}")
    text = ask(lab, "mobile", f"{LESSON}/output.m3u8", None, headers).body.decode()
    assert f"?token={good_token}" in text


@pytest.mark.parametrize("headers", [
    [("Authorization", "Bearer {t}"), ("Authorization", "Bearer {t}")], [("Authorization", "Basic {t}")], [("Authorization", "{t}")],
    [("Authorization", "Bearer")], [("Authorization", "Bearer  {t}")], [("Authorization", "Bearer\t{t}")], [("Authorization", "Bearer {t},Bearer {t}")],
    [("Authorization", "Bearer {t} x")], [("Authorization", "Token {t}")], [("Authorization", "Bearer {t}\xa0")]])
def test_E08_the_header_has_one_form(lab, headers):
    pairs = [(name, value.replace("{t}", token())) for name, value in headers]
    answer = ask(lab, "hls2", PATH, None, pairs)
    if len(pairs) == 2:                                     # nginx refuses the second line itself
        assert answer.status == 400 and answer.header("x-reelgate-reason") == "bad_request"
        return
    assert answer.status == 401
    refused(lab, answer, 401, answer.header("x-reelgate-reason"))


@pytest.mark.parametrize("query", ["token={t}&token={t}", "token=x&token={t}", "token={t}&to%6ben=x", "to%6ben={t}", "token={t}%", "token=%65yJ{t}",
                                   "Token={t}", "token[]={t}", "token={t};x", "token={t}+"])
def test_E08_the_query_has_one_form(lab, query):
    answer = raw(lab.port, request(f"/mobile/hls2/{PATH}?" + query.replace("{t}", token("mobile")), HOST, {"Origin": GOOD}))
    assert answer.status in (401, 403)
    refused(lab, answer, answer.status, answer.header("x-reelgate-reason"))


def test_E16_E25_a_query_or_cookie_token_is_nothing_under_hls2(lab):
    answer = raw(lab.port, request(f"/hls2/{PATH}?token={token('mobile')}", HOST, {"Origin": GOOD}))
    refused(lab, answer, 401, "token_missing")
    assert answer.header("referrer-policy") == "no-referrer"


@pytest.mark.parametrize("size", [2049, 6000, 9000, 60_000])
def test_E21_tokens_too_long(lab, size):
    for transport in TRANSPORTS:
        answer = ask(lab, transport, PATH, "a" * size)
        assert answer.status in (400, 401) and answer.header("content-type") == "application/problem+json"
        assert not lab.tree.sources(answer.body)
