"""What the gate's tests share: asking in each transport, and what a refusal must look like."""
import json

from lab import GOOD, HOST
from tokens import mint
from tree import LESSON, SEGMENT
from wire import raw, request

TRANSPORTS = ("hls2", "mobile", "play")
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
          413: "Content Too Large", 416: "Range Not Satisfiable", 503: "Service Unavailable", 507: "Insufficient Storage"}
FIELDS = {"type", "title", "status", "detail", "code", "message", "error", "request_id"}


def token(transport="hls2", rel=LESSON, /, **changes):
    """A token that is good in a transport: web in a header, mobile elsewhere."""
    return mint(rel, **{"platform": "web" if transport == "hls2" else "mobile", **changes})


def ask(lab, transport, rest, token=None, headers=(), method="GET", version="HTTP/1.1", port=None, host=HOST, body=b""):
    """Asks for `rest` (what stands behind the prefix) with a token where the transport carries it."""
    pairs = list(headers.items() if isinstance(headers, dict) else headers)
    names = {name.lower() for name, _ in pairs}
    if "origin" not in names:
        pairs.append(("Origin", GOOD))
    if "referer" not in names:
        pairs.append(("Referer", GOOD + "/"))
    pairs = [(name, value) for name, value in pairs if value is not None]
    rest = rest.encode("latin-1") if isinstance(rest, str) else rest
    if transport == "play":
        path = b"/play/" + (token or "none").encode() + b"/" + rest
    elif transport == "mobile":
        path = b"/mobile/hls2/" + rest
        if token is not None:
            path += (b"&" if b"?" in rest else b"?") + b"token=" + token.encode()
    else:
        path = b"/hls2/" + rest
        if token is not None:
            pairs.append(("Authorization", f"Bearer {token}"))
    return raw(port or lab.port, request(path, host, pairs, method, version, body), method)


def served(lab, answer, path, status=200):
    """Exactly the file."""
    assert answer.status == status, (answer, answer.body)
    assert answer.body == lab.tree.content[path]
    assert_common(answer)


def refused(lab, answer, status, code, cors=GOOD):
    """A problem of exactly this kind, and not 16 bytes of any file."""
    assert not lab.tree.sources(answer.body), f"LEAK of {lab.tree.sources(answer.body)}"
    assert (answer.status, answer.header("x-reelgate-reason")) == (status, code), (answer, answer.body)
    assert answer.header("content-type") == "application/problem+json"
    # A range is found impossible after the file's own headers were added: both stand there, the stricter counts.
    assert ("cache-control", "no-store") in answer.headers
    assert_common(answer, cors)
    challenge = answer.header("www-authenticate")
    assert (challenge or "").startswith("Bearer") if status == 401 else challenge is None
    if status == 405:
        assert answer.header("allow") == "GET, HEAD"
    if status == 503:
        assert int(answer.header("retry-after")) > 0
    if answer.body:
        problem(answer, status, code)


def problem(answer, status, code):
    """The body all five kinds of client understand."""
    body = json.loads(answer.body)
    assert set(body) >= FIELDS, body
    assert (body["status"], body["code"], body["title"]) == (status, code, TITLES[status])
    assert body["detail"] == body["message"] == body["error"] and body["detail"]
    assert len(body["request_id"]) == 32


def assert_common(answer, cors=GOOD):
    """What every answer of ours carries."""
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "no-referrer"
    assert answer.header("vary") == "Origin"
    assert answer.header("access-control-allow-origin") == cors
    assert answer.header("access-control-allow-credentials") == ("true" if cors else None)
    if cors:
        assert "X-Reelgate-Reason" in answer.header("access-control-expose-headers")


def plain(lab, **changes):
    """The one request that is always allowed."""
    return ask(lab, "hls2", f"{LESSON}/{SEGMENT}", token(), **changes)
