"""Firebase's side: keys and certificates, ID tokens good and broken, a server of certificates that answers as a test
wants, and Google's own verifier over the same tokens."""
import base64, datetime, hashlib, hmac, http.server, json, threading, time, warnings

import firebase_admin, firebase_admin._token_gen
import google.auth.credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from firebase_admin import auth, credentials

PROJECT = "demo-proj"


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


class Key:
    """A key and its certificate, as Google makes them."""

    def __init__(self, bits=2048, days=14):
        self.key = rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
        now = datetime.datetime.now(datetime.timezone.utc)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=20))
        self.pem = made.not_valid_after(now + datetime.timedelta(days=days)).sign(self.key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM).decode()

    def sign(self, message, alg):
        digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[alg[2:]]
        filling = padding.PSS(padding.MGF1(digest), digest.digest_size) if alg.startswith("PS") else padding.PKCS1v15()
        return self.key.sign(message, filling, digest)


def claims(**changes):
    """A good token's claims, changed; `...` leaves one out."""
    now = int(time.time())
    good = dict(iss=f"https://securetoken.google.com/{PROJECT}", aud=PROJECT, auth_time=now - 100, user_id="uid1", sub="uid1",
                iat=now - 10, exp=now + 3590, email="ann@example.org", email_verified=True,
                firebase={"identities": {"email": ["ann@example.org"]}, "sign_in_provider": "google.com"})
    return {name: value for name, value in (good | changes).items() if value is not ...}


def token(key, body=None, kid="k1", alg="RS256", header=None, raw=None, **changes):
    """An ID token; `raw` is the claims' text as it is to be signed, `header` the whole header."""
    head = header if header is not None else {"alg": alg, "typ": "JWT"} | ({"kid": kid} if kid is not None else {})
    signed = b64(json.dumps(head)) + "." + b64(raw if raw is not None else json.dumps(body or claims(**changes)))
    if alg == "none":
        return signed + "."
    if alg.startswith("HS"):
        return signed + "." + b64(hmac.new(key.pem.encode(), signed.encode(), hashlib.sha256).digest())
    return signed + "." + b64(key.sign(signed.encode(), alg))


class Certificates:
    """The server of certificates. `answer` makes status, fields and body; `hits` counts what the product asked."""

    def __init__(self, keys):
        self.keys, self.hits, self.answer = dict(keys), 0, None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, fields, body = 200, {"Cache-Control": "public, max-age=19302, must-revalidate, no-transform"}, outer.document()
                if not self.path.startswith("/oracle"):
                    outer.hits += 1
                    if outer.answer:
                        status, fields, body = outer.answer()
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json; charset=UTF-8"} | fields).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *words):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self):
        return json.dumps({kid: key.pem for kid, key in self.keys.items()}).encode()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Oracle:
    """Google's `firebase-admin`, told to ask the same server, with the skew that we forgive."""

    def __init__(self, certificates):
        warnings.simplefilter("ignore")
        firebase_admin._token_gen.ID_TOKEN_CERT_URI = certificates.address + "/oracle"

        class Anonymous(credentials.Base):
            def get_credential(self):
                return google.auth.credentials.AnonymousCredentials()
        self.app = firebase_admin.initialize_app(Anonymous(), {"projectId": PROJECT}, name=f"oracle{id(self)}")

    def accepts(self, text):
        try:
            auth.verify_id_token(text, app=self.app, clock_skew_seconds=60)
            return True
        except Exception:  # its verifier lets errors of other kinds through for some of these tokens
            return False

    def stop(self):
        firebase_admin.delete_app(self.app)
