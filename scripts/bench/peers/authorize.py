"""The question "may this viewer have this file, now?" as a site in Flask answers it: an HS256 JWT for the lesson asked for."""
import base64, hashlib, hmac, json, os, re, time

from flask import Flask, request

application = Flask(__name__)
SECRET = os.environ["SECRET_KEY"].encode()
BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
LESSON = re.compile(r"/hls2/([^/]+/[^/]+/[^/]+/[^/]+)/")


def part(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def status():
    found = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if not found:
        return 401
    head, payload, mac = found.groups()
    try:
        if json.loads(part(head)).get("alg") != "HS256":
            return 401
        if not hmac.compare_digest(hmac.new(SECRET, f"{head}.{payload}".encode(), hashlib.sha256).digest(), part(mac)):
            return 401
        claims = json.loads(part(payload))
    except ValueError:
        return 401
    if type(claims.get("exp")) is not int or claims["exp"] <= time.time():
        return 401
    asked = LESSON.match(request.headers.get("X-Uri", ""))
    return 204 if asked and claims.get("rel") == asked.group(1) else 403


@application.route("/")
def answer():
    return "", status()
