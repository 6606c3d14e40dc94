"""Playback tokens as a site's own back end makes them: HS256 with the standard library."""
import base64, hashlib, hmac, json, time

SECRET = "kX7mQ2vR9tB4wN6zL1pS8dF3gH5jC0aY"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header, payload, secret=SECRET, digest=hashlib.sha256):
    """A token of exactly these bytes (or of these objects, written compactly)."""
    def part(value):
        return b64(value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode())
    text = f"{part(header)}.{part(payload)}"
    mac = hmac.new(secret if isinstance(secret, bytes) else secret.encode(), text.encode(), digest).digest()
    return f"{text}.{b64(mac)}"


def claims(rel, /, **changes):
    """The usual claims; a change to None leaves one out."""
    now = int(time.time())
    all_claims = {"user_id": "u1", "rel": rel, "platform": "web", "iat": now, "exp": now + 300, "jti": "j1", "sid": "s1"}
    all_claims.update(changes)
    return {name: value for name, value in all_claims.items() if value is not None}


def mint(rel, /, header=None, secret=SECRET, **changes):
    """A token for a lesson."""
    return sign(header or {"alg": "HS256", "typ": "JWT"}, claims(rel, **changes), secret)


def older(user, video, secret=SECRET, **changes):
    """A token as the older routes hand them out."""
    return sign({"alg": "HS256", "typ": "JWT"},
                {**claims("", rel=None, user_id=user), "filename": f"{video}.mp4", "video_id": video, **changes}, secret)


def download(path, secret=SECRET, typ="download+jwt", **changes):
    """A download token for a path, or for a directory with its slash."""
    now = int(time.time())
    return sign({"alg": "HS256", "typ": typ},
                {"user_id": "u1", "download": path, "iat": now, "exp": now + 300, "jti": "d1", **changes}, secret)


def media_key(master, rel, publication, number):
    """Key `number` of a publication: HKDF-SHA-256 (RFC 5869), as the product derives it."""
    extracted = hmac.new(bytes(32), master, hashlib.sha256).digest()
    info = (len(rel).to_bytes(2, "big") + rel.encode() + len(publication).to_bytes(2, "big") + publication.encode()
            + number.to_bytes(4, "big"))
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:16]
