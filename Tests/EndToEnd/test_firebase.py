"""Signing in with Firebase: ID tokens at /api/auth/social-login and as Bearer, against a server of certificates of the
tests' own and beside Google's own verifier."""
import base64, json, os, struct, subprocess, time
from concurrent.futures import ThreadPoolExecutor

import pytest

from firebase import PROJECT, Certificates, Key, Oracle, b64, claims, token
from lab import programs, wait_for
from uploadlab import UploadLab


@pytest.fixture(scope="module")
def keys():
    return {"k1": Key(), "k2": Key()}


@pytest.fixture(scope="module")
def lab(keys):
    certificates = Certificates(keys)
    made = UploadLab(api=3, upload=1, FIREBASE_PROJECT_ID=PROJECT, FIREBASE_CERTS_URL=certificates.address + "/certs",
                     RATE_ANONYMOUS="1000000", RATE_ACCOUNT="1000000", RATE_SIGN_INS="1000000", RATE_ALL_SIGN_INS="500000")
    made.certificates, made.keys = certificates, keys
    try:
        yield made.start()
    finally:
        made.stop()
        certificates.stop()


@pytest.fixture(autouse=True)
def anew(request):
    """Every test begins with a good server, a minute after the last fetch."""
    if "lab" in request.fixturenames:
        lab = request.getfixturevalue("lab")
        lab.certificates.answer, lab.certificates.keys = None, dict(lab.keys)
        forget(lab)


def sign_in(lab, text):
    return lab.call("/api/auth/social-login", "POST", json.dumps({"id_token": text}), {"Content-Type": "application/json"}, key=False)


def me(lab, text):
    """As Bearer in the place of our own access token."""
    return lab.call("/api/users/me", headers={"Authorization": f"Bearer {text}"}, key=False)


def a_minute_later(lab):
    """The processes share when they last fetched; here it is put a minute back."""
    path = f"{lab.run}/firebase-refreshes"
    if os.path.exists(path):
        with open(path, "r+b") as words:
            words.write(struct.pack("<QQ", 0, 0))


def aged(lab, seconds):
    """The set of certificates was fetched so much earlier, and was fresh for five minutes."""
    path = f"{lab.run}/firebase-certificates"
    with open(path) as file:
        kept = json.load(file)
    kept["fetched"] = int(time.time()) - seconds - 300
    kept["until"] = kept["fetched"] + 300
    with open(path + ".new", "w") as file:
        json.dump(kept, file)
    os.rename(path + ".new", path)
    a_minute_later(lab)


def forget(lab):
    """All processes have the present set, and may fetch again."""
    a_minute_later(lab)
    if os.path.exists(f"{lab.run}/firebase-certificates"):
        aged(lab, 1)
        assert sign_in(lab, token(lab.keys["k1"], sub="warm"))[0] == 200
        a_minute_later(lab)
    lab.certificates.hits = 0


def events(lab, name):
    with open(f"{lab.run}/gate.log", encoding="utf-8", errors="replace") as log:
        return [json.loads(line) for line in log if f'"event":"{name}"' in line]


def people(lab):
    return lab.rows("users")


def test_F01_a_good_token_signs_in_here_and_everywhere(lab, keys):
    text = token(keys["k1"], sub="first", email="first@example.org", name="Ann")
    status, _, answer = sign_in(lab, text)
    assert status == 200, answer
    assert answer["token_type"].lower() == "bearer" and answer["expires_in"] > 0 and answer["refresh_token"]
    assert (answer["user"]["email"], answer["user"]["name"], answer["user"]["role"]) == ("first@example.org", "Ann", "viewer")
    own = me(lab, answer["access_token"])
    assert own[0] == 200 and own[2]["id"] == answer["user"]["id"]
    status, _, again = lab.call("/api/auth/refresh", "POST", json.dumps({"refresh_token": answer["refresh_token"]}),
                                {"Content-Type": "application/json"}, key=False)
    assert status == 200 and again["refresh_token"] != answer["refresh_token"]
    # The ID token itself, in the place of our access token; a role given here counts for it.
    assert me(lab, text)[2]["id"] == answer["user"]["id"]
    listing = lab.call("/api/admin/sessions", headers={"Authorization": f"Bearer {text}"}, key=False)
    assert listing[0] == 403 and listing[2]["code"] == "scope"
    lab.server.sql(f"update users set role = 'admin' where id = '{answer['user']['id']}'")
    assert lab.call("/api/admin/sessions", headers={"Authorization": f"Bearer {text}"}, key=False)[0] == 200
    # Somebody seen for the first time as Bearer gets an account, a viewer's, once.
    before = people(lab)
    new = token(keys["k2"], kid="k2", sub="bearer-first", email="second@example.org")
    with ThreadPoolExecutor(8) as pool:
        ids = {answer[2]["id"] for answer in pool.map(lambda _: me(lab, new), range(16))}
    assert len(ids) == 1 and people(lab) == before + 1
    assert sign_in(lab, new)[2]["user"]["id"] in ids
    assert lab.certificates.hits <= 1


def table(keys):
    """Tokens, what Google's verifier says of them, and what we do: stricter where a third entry says why."""
    k1, now = keys["k1"], int(time.time())
    aud, iss = PROJECT, f"https://securetoken.google.com/{PROJECT}"
    text = token(k1)
    head, body, signature = text.split(".")
    spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twisted = text[:-1] + spare[spare.index(text[-1]) + 1]
    doubled = json.dumps(claims())[:-1] + ', "sub": "somebody-else"}'
    flipped = bytearray(base64.urlsafe_b64decode(signature + "=="))
    flipped[7] ^= 1
    return {
        "good": (text, True), "good, the other key": (token(keys["k2"], kid="k2"), True),
        "no e-mail": (token(k1, sub="nomail", email=..., email_verified=...), True),
        "longest sub": (token(k1, sub="x" * 128, email=...), True),
        "within the skew": (token(k1, exp=now - 30, iat=now - 3630), True), "made 30 s ahead": (token(k1, iat=now + 30), True),
        "key of another kid": (token(k1, kid="k2"), False), "unknown kid": (token(k1, kid="zzz"), False),
        "no kid": (token(k1, kid=None), False), "kid as a path": (token(k1, kid="../../dev/null"), False),
        "aud of another project": (token(k1, aud="other-proj"), False), "aud missing": (token(k1, aud=...), False),
        "aud a list with ours": (token(k1, aud=[aud]), False), "aud null": (token(k1, aud=None), False),
        "iss http": (token(k1, iss=iss.replace("https", "http")), False), "iss of another project": (token(k1, iss=iss + "x"), False),
        "iss with a slash": (token(k1, iss=iss + "/"), False), "iss missing": (token(k1, iss=...), False),
        "iss of session cookies": (token(k1, iss=f"https://session.firebase.google.com/{aud}"), False),
        "alg none": (token(k1, alg="none", kid=None), False), "alg none with a kid": (token(k1, alg="none"), False),
        "alg HS256 under the PEM": (token(k1, alg="HS256"), False), "alg RS512": (token(k1, alg="RS512"), False),
        "alg PS256": (token(k1, alg="PS256"), False), "header HS256, body signed RS256": (
            token(k1, header={"alg": "HS256", "kid": "k1"}), False),
        "expired": (token(k1, exp=now - 300, iat=now - 3900), False), "exp missing": (token(k1, exp=...), False),
        "iat ahead": (token(k1, iat=now + 600), False), "iat missing": (token(k1, iat=...), False),
        "sub missing": (token(k1, sub=...), False), "sub empty": (token(k1, sub=""), False), "sub 129": (token(k1, sub="x" * 129), False),
        "sub a number": (token(k1, sub=7), False), "changed signature": (f"{head}.{body}.{b64(bytes(flipped))}", False),
        "no signature": (f"{head}.{body}.", False), "two parts": (f"{head}.{body}", False), "four parts": (text + ".x", False),
        "another body": (f"{head}.{b64(json.dumps(claims(sub='admin')))}.{signature}", False), "claims no JSON": (token(k1, raw="x"), False),
        "claims a list": (token(k1, raw="[]"), False),
        # Where we are stricter.
        "aud with its array spelt out": (token(k1, aud=[aud, "other-proj"]), False),
        "auth_time ahead": (token(k1, auth_time=now + 600), True, "Google's verifier leaves it to its caller"),
        "auth_time missing": (token(k1, auth_time=...), True, "as above"),
        "auth_time text": (token(k1, auth_time=str(now)), True, "as above"),
        "sub with a look-alike": (token(k1, sub="u\u0456d1"), True, "user ids are ASCII to us"),
        "sub with a NUL": (token(k1, sub="uid\u0000"), True, "no text holds a NUL"),
        "good for a day": (token(k1, exp=now + 86_400), True, "ID tokens hold an hour"),
        "exp 1e300": (token(k1, raw=json.dumps(claims()).replace(str(claims()["exp"]), "1e300")), True, "times are whole"),
        "exp a fraction": (token(k1, exp=now + 100.5), True, "times are whole"),
        "nbf ahead": (token(k1, nbf=now + 600), True, "it is not in Google's tokens, and means what it says"),
        "a tenant's": (token(k1, firebase={"sign_in_provider": "password", "tenant": "t1"}), True, "tenants' ids may meet"),
        "no provider": (token(k1, firebase=...), True, "Google's tokens have one"),
        "email_verified text": (token(k1, email_verified="true"), True, "a truth value or nothing"),
        "a claim twice": (token(k1, raw=doubled), True, "one reading alone"),
        "crit": (token(k1, header={"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": False}), True, "unknown parameters"),
        "jku": (token(k1, header={"alg": "RS256", "kid": "k1", "jku": "http://127.0.0.1:1/"}), True, "unknown parameters"),
        "spare bits": (twisted, True, "a token has one spelling"), "padding": (text + "==", True, "as above"),
    }


def test_F02_F03_F04_F10_F11_D07_D08_D09_D12_verdicts_beside_googles(lab, keys):
    oracle = Oracle(lab.certificates)
    try:
        wrong = []
        for name, (text, google, *stricter) in table(keys).items():
            ours = bool(google) and not stricter
            status, fields, answer = sign_in(lab, text)
            if (status == 200) != ours or status not in (200, 401):
                wrong.append((name, "sign-in", status, answer))
            if status == 401 and (answer["code"], fields["WWW-Authenticate"]) != ("credentials_invalid", "Bearer"):
                wrong.append((name, "refusal", answer))
            if (bearer := me(lab, text)[0]) != (200 if ours else 401):
                wrong.append((name, "bearer", bearer))
            if oracle.accepts(text) != google:
                wrong.append((name, "google"))
        assert not wrong
    finally:
        oracle.stop()
    # A short key signs nothing, whoever lists it.
    weak = Key(bits=1024)
    lab.certificates.keys["weak"] = weak
    a_minute_later(lab)
    assert sign_in(lab, token(weak, kid="weak"))[0] == 401 and sign_in(lab, token(keys["k1"]))[0] == 200


def test_what_is_no_request_to_sign_in(lab, keys):
    for body, status, code in (("{}", 400, "field_missing"), ('{"id_token": 7}', 400, None), ('{"id_token": ""}', 400, None),
                               ("[]", 400, None), ("x", 400, "bad_request"), (json.dumps({"id_token": "x" * 40_000}), None, None)):
        got = lab.call("/api/auth/social-login", "POST", body, {"Content-Type": "application/json"}, key=False)
        assert 400 <= got[0] < 500 and (status is None or got[0] == status) and (code is None or got[2]["code"] == code), (body[:40], got)
    assert sign_in(lab, "x.y.z")[0] == 401 and sign_in(lab, "é")[0] in (400, 401)


def test_F05_F06_random_kids_bring_one_fetch(lab, keys):
    before = people(lab)
    texts = [token(keys["k1"], kid=f"random{index}") for index in range(40)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda index: (me if index % 2 else sign_in)(lab, texts[index % 40])[0], range(800)))
    # While the one fetch runs nobody can say that a name is unknown.
    assert set(answers) <= {401, 503} and answers.count(401) > 700
    assert lab.certificates.hits == 1 and people(lab) == before
    assert sign_in(lab, texts[0])[0] == 401 and sign_in(lab, token(keys["k1"]))[0] == 200 and lab.certificates.hits == 1


def test_F07_the_server_is_down(lab, keys):
    text = token(keys["k1"], sub="down")
    assert sign_in(lab, text)[0] == 200
    lab.certificates.answer = lambda: (500, {}, b"down")
    # Fresh: nothing is asked. A day past its time it still counts, and the log says so; later it does not.
    assert sign_in(lab, text)[0] == 200 and lab.certificates.hits == 0
    aged(lab, 1000)
    alerts = len(events(lab, "firebase_certificates_stale"))
    assert sign_in(lab, text)[0] == 200 and me(lab, text)[0] == 200 and lab.certificates.hits == 1
    wait_for(lambda: len(events(lab, "firebase_certificates_stale")) == alerts + 1)
    assert events(lab, "firebase_certificates_stale")[-1]["level"] == "alert"
    aged(lab, 86_500)
    for status, fields, answer in (sign_in(lab, text), me(lab, text)):
        assert status == 503 and answer["code"] == "api_unavailable" and int(fields["Retry-After"]) > 0
    wait_for(lambda: events(lab, "firebase_certificates_missing"))
    # Everything else goes on, and so does whoever signed in before.
    assert lab.call("/health", key=False)[0] == 200
    lab.certificates.answer = None
    a_minute_later(lab)
    assert sign_in(lab, text)[0] == 200


def test_F08_bad_answers_leave_the_old_set(lab, keys):
    text, unknown = token(keys["k1"], sub="bad-answers"), token(keys["k1"], kid="unknown")
    good = lab.certificates.document()
    followed = Certificates(keys)
    kept = open(f"{lab.run}/firebase-certificates").read()
    for answer in ((200, {}, b"<!doctype html><title>Sign in to the network</title>"), (200, {}, b"{}"), (200, {}, b"[]"),
                   (200, {}, b'{"k1": "' + b"x" * 10_000_000 + b'"}'), (200, {}, b""), (404, {}, good),
                   (302, {"Location": followed.address + "/"}, b""), (200, {}, json.dumps({"k1": "-----BEGIN"}).encode())):
        lab.certificates.answer = lambda: answer
        before = lab.certificates.hits
        a_minute_later(lab)
        assert sign_in(lab, unknown)[0] == 401 and lab.certificates.hits == before + 1
        assert sign_in(lab, text)[0] == 200
    assert followed.hits == 0 and open(f"{lab.run}/firebase-certificates").read() == kept
    followed.stop()
    for field, seconds in (("max-age=0", 300), ("max-age=1000000000000", 86_400), ("max-age=7200", 7200)):
        lab.certificates.answer = lambda: (200, {"Cache-Control": field}, good)
        a_minute_later(lab)
        assert sign_in(lab, unknown)[0] == 401
        kept = json.load(open(f"{lab.run}/firebase-certificates"))
        assert kept["until"] - kept["fetched"] == seconds, field


def test_F09_a_rotated_key_counts_no_more(lab, keys):
    old = token(keys["k2"], kid="k2", sub="rotated")
    assert sign_in(lab, old)[0] == 200
    new = Key()
    lab.certificates.keys = {"k1": keys["k1"], "k3": new}
    # A new key's first token brings the set that lacks the old one.
    assert sign_in(lab, token(new, kid="k3", sub="rotated"))[0] == 200 and lab.certificates.hits == 1
    assert {sign_in(lab, old)[0] for _ in range(8)} == {401} and me(lab, old)[0] == 401


def test_F12_F13_no_account_is_joined_by_an_unseen_address(lab, keys):
    def local(email, **columns):
        columns = {"email": email, "name": "Local", "role": "viewer", "password_hash": "x", **columns}
        names, values = ", ".join(columns), ", ".join(f"'{value}'" for value in columns.values())
        return lab.server.sql(f"insert into users ({names}) values ({values}) returning id")[0]

    def signed(sub, email, verified, provider):
        return sign_in(lab, token(keys["k1"], sub=sub, email=email, email_verified=verified,
                                  firebase={"sign_in_provider": provider}))[2]["user"]
    seen = local("seen@example.org", email_verified_at="2026-01-01")
    unseen = local("unseen@example.org")
    admin = local("admin@example.org", email_verified_at="2026-01-01", role="admin")
    # An address nobody vouches for joins nothing, and is not kept either.
    for sub, email in (("f12a", "seen@example.org"), ("f12b", "unseen@example.org"), ("f12c", "SEEN@example.org")):
        user = signed(sub, email, False, "password")
        assert user["id"] not in (seen, unseen, admin) and user["email"] is None
    # One that both sides have seen joins; one that only they have seen, or an admin's, does not.
    assert signed("f13a", "seen@example.org", True, "google.com")["id"] == seen
    assert signed("f13b", "unseen@example.org", True, "google.com")["id"] not in (unseen, seen)
    assert signed("f13c", "admin@example.org", True, "google.com")["id"] not in (admin, seen)
    # Another provider is another identity only where Firebase says so: it is the subject that counts, never the address.
    assert signed("f13a", "other@example.org", True, "apple.com")["id"] == seen
    mine = signed("f13d", "mine@example.org", True, "google.com")
    assert signed("f13d", "mine@example.org", False, "facebook.com")["id"] == mine["id"]
    assert signed("f13e", "mine@example.org", False, "facebook.com")["id"] != mine["id"]
    assert lab.server.sql("select role from users where id = '%s'" % admin) == ["admin"]


def test_F11_joining_an_account_takes_a_fresh_sign_in(lab, keys):
    owner = lab.server.sql("insert into users (email, name, role, email_verified_at)"
                           " values ('fresh@example.org', 'Local', 'viewer', now()) returning id")[0]
    given = dict(sub="f11", email="fresh@example.org")
    before = people(lab)
    for attempt in (sign_in, me):
        status, _, answer = attempt(lab, token(keys["k1"], auth_time=int(time.time()) - 3600, **given))
        assert (status, answer["code"]) == (401, "sign_in_again") and people(lab) == before
    assert sign_in(lab, token(keys["k1"], **given))[2]["user"]["id"] == owner
    # Once joined it is the subject that counts, and an older sign-in will do.
    assert sign_in(lab, token(keys["k1"], auth_time=int(time.time()) - 3600, **given))[2]["user"]["id"] == owner


def test_F14_whoever_is_shut_out_is_so_at_once(lab, keys):
    text = token(keys["k1"], sub="shut-out", email="shut-out@example.org")
    answer = sign_in(lab, text)[2]
    assert me(lab, text)[0] == 200
    lab.server.sql(f"update users set disabled_at = now() where id = '{answer['user']['id']}'")
    status, _, refused = sign_in(lab, text)
    assert (status, refused["code"]) == (403, "account_disabled")
    assert me(lab, text)[0] == 401 and me(lab, answer["access_token"])[0] == 401


def test_F15_a_clock_that_is_behind_is_told(lab, keys):
    now = int(time.time())
    assert sign_in(lab, token(keys["k1"], sub="ahead", iat=now + 40))[0] == 200
    for _ in range(30):
        assert sign_in(lab, token(keys["k1"], sub="ahead", iat=now + 600))[0] == 401
    wait_for(lambda: events(lab, "clock_behind"))
    told = events(lab, "clock_behind")
    assert told[0]["level"] == "alert" and told[0]["from_the_future"] * 100 > told[0]["tokens"]


def test_F16_a_token_replayed_makes_few_sessions(keys):
    certificates = Certificates(keys)
    lab = UploadLab(api=2, upload=1, FIREBASE_PROJECT_ID=PROJECT, FIREBASE_CERTS_URL=certificates.address + "/certs",
                    RATE_ANONYMOUS="1000000", RATE_SIGN_INS="1000000", RATE_ALL_SIGN_INS="500000")
    try:
        lab.start()
        text, other = token(keys["k1"], sub="replayed", email=...), token(keys["k1"], sub="another", email=...)
        assert sign_in(lab, other)[0] == 200
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: sign_in(lab, text)[:2], range(1000)))
        statuses = [status for status, _ in answers]
        made = lab.server.sql("select count(*) from sign_ins")
        assert set(statuses) == {200, 429} and statuses.count(200) < 50 and int(made[0]) == statuses.count(200) + 1
        assert all(int(fields["Retry-After"]) > 0 for status, fields in answers if status == 429)
        # Nobody else is held up.
        assert sign_in(lab, other)[0] == 200
    finally:
        lab.stop()
        certificates.stop()


def test_a_start_with_a_malformed_setting_is_refused(lab):
    for more, named in ({"FIREBASE_PROJECT_ID": "No Project"}, "FIREBASE_PROJECT_ID"), ({"FIREBASE_CERTS_URL": "http://mirror.example/"}, "FIREBASE_CERTS_URL"):
        done = subprocess.run([f"{programs()}/reelgate-api"], env={**lab.settings, **more}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 78 and named in done.stderr
        assert all(value not in done.stderr for value in more.values())
    without = {name: value for name, value in lab.settings.items() if name != "FIREBASE_PROJECT_ID"}
    done = subprocess.run([f"{programs()}/reelgate-api"], env=without, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "FIREBASE_CERTS_URL needs FIREBASE_PROJECT_ID" in done.stderr


def test_without_a_project_nobody_signs_in(keys):
    lab = UploadLab(api=1, upload=1)
    try:
        lab.start()
        status, _, answer = sign_in(lab, token(keys["k1"]))
        assert (status, answer["code"]) == (404, "not_found") and me(lab, token(keys["k1"]))[0] == 401
    finally:
        lab.stop()
