"""Accounts as people, sites and attackers meet them: signing up and in, sessions that end, mail, second factors, roles."""
import base64, ctypes, hashlib, hmac, json, os, re, shutil, struct, subprocess, time
from concurrent.futures import ThreadPoolExecutor

import pytest

from playwright.sync_api import sync_playwright

from lab import ROOT, programs, wait_for
from mailbox import Directory, MailServer, link
from pagelab import chromium
from tokens import sign
from uploadlab import SECRETS, UploadLab

PASSWORD = "correct horse battery"
MANY = {name: "100000" for name in ("RATE_REGISTRATIONS", "RATE_SIGN_INS", "RATE_ALL_SIGN_INS", "RATE_ANONYMOUS")}


class People(UploadLab):
    """The API with a worker, which sends the mail."""

    def __init__(self, **settings):
        super().__init__(api=3, upload=1, **settings)
        self.worker = None

    def start(self):
        shutil.copytree(f"{ROOT}/nginx/www", f"{self.base}/w", dirs_exist_ok=True)
        super().start()
        self.admin_key = self.reelgate("keys", "add", "--name", "admin", "--scopes", "admin").strip()
        self.work(self.settings)
        return self

    def work(self, settings):
        self.rest()
        log = open(f"{self.base}/worker.log", "ab")
        self.worker = subprocess.Popen([f"{programs()}/reelgate-worker"], env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def rest(self):
        if self.worker:
            self.worker.kill()
            self.worker.wait()
            self.worker = None

    def stop(self):
        self.rest()
        super().stop()

    def ask(self, method, path, body=None, token=None, **headers):
        """Status and body; `token` goes as Bearer."""
        given = {"Content-Type": "application/json", **headers}
        if token:
            given["Authorization"] = f"Bearer {token}"
        status, _, answer = self.call(path, method, json.dumps(body) if body is not None else None, given, key=False)
        return status, answer

    def register(self, email, password=PASSWORD, name="Ann"):
        status, answer = self.ask("POST", "/api/auth/register", {"email": email, "password": password, "name": name})
        assert status == 201, answer
        return answer

    def login(self, email, password=PASSWORD, **more):
        return self.ask("POST", "/api/auth/login", {"email": email, "password": password, **more})

    def make(self, email, role="admin", password=PASSWORD):
        subprocess.run([f"{programs()}/reelgate", "users", "add", "--email", email, "--name", "Boss", "--role", role],
                       env=self.settings, input=password + "\n", text=True, check=True, capture_output=True)
        status, answer = self.login(email, password)
        assert status == 200, answer
        return answer


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    mail = tmp_path_factory.mktemp("mail")
    os.chmod(mail, 0o755)
    made = People(MAIL_FILE_DIR=str(mail), MAIL_FROM="no-reply@video.example", **MANY)
    made.mail = Directory(str(mail))
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def admin(lab):
    return lab.make("boss@example.com")


def code(answer):
    return answer[1]["code"] if isinstance(answer[1], dict) else answer[1]


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def totp(secret, step):
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((int.from_bytes(digest[at:at + 4], "big") & 0x7FFFFFFF) % 1_000_000)


def now_step():
    """A step with time left, so that what follows stays in it or the next one."""
    return int(time.time()) // 30


# Signing up and in

def test_sign_up_sign_in_and_me(lab):
    made = lab.register("Ann.One@Example.com")
    assert made["token_type"] == "Bearer" and made["expires_in"] == 900
    user = made["user"]
    assert user == {"id": user["id"], "email": "ann.one@example.com", "name": "Ann", "role": "viewer", "subscription_level": "free",
                    "preferences": {}, "language": "", "email_verified": False, "totp": False, "created_at": user["created_at"]}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", user["created_at"])
    said = claims(made["access_token"])
    assert said["aud"] == "reelgate-api" and said["typ"] == "access" and said["exp"] - said["iat"] == 900
    for path in ("/api/users/me", f"/api/users/{user['id']}", "/api/users/users/me", f"/api/users/users/{user['id']}"):
        assert lab.ask("GET", path, token=made["access_token"]) == (200, user), path
    status, answer = lab.login("ANN.ONE@example.COM")
    assert status == 200 and answer["user"]["id"] == user["id"]
    assert lab.server.sql("select email from users where name = 'Ann' and email like 'ann.one%'") == ["ann.one@example.com"]
    assert code(lab.ask("POST", "/api/auth/register", {"email": "ann.one@EXAMPLE.com", "password": PASSWORD, "name": "Eve"})) == "email_taken"


@pytest.mark.parametrize("change", [
    {"email": "\u212aate@example.com"}, {"email": "caf\u00e9@example.com"}, {"email": "a@b@c"}, {"email": 7}, {"email": "a@b\r\nBcc: c@d"},
    {"password": "short"}, {"password": "x" * 129}, {"password": None}, {"name": ""}, {"name": "a\nb"}, {"name": "x" * 201},
    {"role": "admin"}, {"subscription_level": "family"}, {"id": "00000000-0000-4000-8000-000000000000"}, {"email_verified": True}])
def test_J13_D02_D03_what_is_no_registration(lab, change):
    before = lab.rows("users")
    body = {"email": "fine@example.com", "password": PASSWORD, "name": "Fine", **change}
    status, answer = lab.ask("POST", "/api/auth/register", body)
    assert status == 400 and answer["code"] == "bad_request", answer
    assert lab.rows("users") == before


def test_E31_a_huge_password_is_refused_unread(lab):
    for path in ("/api/auth/login", "/api/auth/register"):
        status, answer = lab.ask("POST", path, {"email": "a@example.com", "password": "x" * (1 << 20), "name": "A"})
        assert status == 413, answer
    lab.register("bounds@example.com", "b" * 128)
    assert lab.login("bounds@example.com", "b" * 128)[0] == 200
    assert code(lab.login("bounds@example.com", "b" * 129)) == "sign_in_failed"
    # Whoever can write the table can't make a sign-in cost more than twice what it costs.
    lab.server.sql("update users set password_hash = replace(password_hash, 'm=65536', 'm=4194304') where email = 'bounds@example.com'")
    assert code(lab.login("bounds@example.com", "b" * 128)) == "sign_in_failed"


def test_a_hash_with_older_parameters_is_made_anew(lab):
    lab.register("older@example.com")
    encoded, salt = ctypes.create_string_buffer(128), b"somesaltsomesalt"
    made = ctypes.CDLL("libargon2.so.1").argon2id_hash_encoded(
        2, 4096, 1, PASSWORD.encode(), ctypes.c_size_t(len(PASSWORD)), salt, ctypes.c_size_t(len(salt)), ctypes.c_size_t(32),
        encoded, ctypes.c_size_t(128))
    assert made == 0 and encoded.value.startswith(b"$argon2id$v=19$m=4096,t=2,p=1$")
    lab.server.sql(f"update users set password_hash = '{encoded.value.decode()}' where email = 'older@example.com'")
    assert code(lab.login("older@example.com", "another password")) == "sign_in_failed"
    assert lab.login("older@example.com")[0] == 200
    assert lab.server.sql("select password_hash like '$argon2id$v=19$m=65536,t=3,p=1$%' from users where email = 'older@example.com'") == ["t"]
    assert lab.login("older@example.com")[0] == 200


def test_B28_J25_unknown_and_wrong_get_one_answer(lab):
    lab.register("known@example.com")
    lab.server.sql("insert into users (email, name, role) values ('elsewhere@example.com', 'Fire', 'viewer')")
    said = []
    for email in ("known@example.com", "unknown@example.com", "elsewhere@example.com"):
        status, headers, answer = lab.call("/api/auth/login", "POST", json.dumps({"email": email, "password": "wrong password"}),
                                           {"Content-Type": "application/json"}, key=False)
        answer.pop("request_id")
        fields = {name: value for name, value in headers.items() if name.lower() not in ("date", "etag")}
        said.append((status, answer, fields))
    assert said[0] == said[1] == said[2] and said[0][0] == 401, said
    for path in ("/api/auth/password-reset", "/api/auth/verify"):
        answers = [lab.ask("POST", path, {"email": email}) for email in ("known@example.com", "unknown@example.com")]
        assert answers[0] == answers[1] and answers[0][0] == 202, answers


def test_B28_guesses_at_one_account(lab):
    """1,000 addresses would not help: it is the account that is counted, known or not, also of guesses at once."""
    lab.register("guessed@example.com")
    for email in ("guessed@example.com", "guessed-nobody@example.com"):
        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(lambda n: code(lab.login(email, f"wrong password {n}")), range(16)))
        assert said.count("sign_in_failed") == 10 and said.count("too_many") == 6, said
        status, headers, answer = lab.call("/api/auth/login", "POST", json.dumps({"email": email, "password": PASSWORD}),
                                           {"Content-Type": "application/json"}, key=False)
        assert status == 429 and 0 < int(headers["Retry-After"]) <= 1800, answer
    # Others are not touched, and right passwords are no failures.
    lab.register("untouched@example.com")
    assert {lab.login("untouched@example.com")[0] for _ in range(14)} == {200}


# Sessions

def test_E32_refresh_rotates_and_reuse_ends_the_family(lab):
    first = lab.register("rotating@example.com")
    other = lab.login("rotating@example.com")[1]
    status, second = lab.ask("POST", "/api/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert status == 200 and second["refresh_token"] != first["refresh_token"]
    assert lab.ask("GET", "/api/users/me", token=second["access_token"])[0] == 200
    assert code(lab.ask("POST", "/api/auth/refresh", {"refresh_token": first["refresh_token"]})) == "refresh_invalid"
    for token in (first["access_token"], second["access_token"]):
        assert code(lab.ask("GET", "/api/users/me", token=token)) == "credentials_invalid"
    assert code(lab.ask("POST", "/api/auth/refresh", {"refresh_token": second["refresh_token"]})) == "refresh_invalid"
    # Another sign-in of the same person is another family.
    assert lab.ask("GET", "/api/users/me", token=other["access_token"])[0] == 200
    for junk in ("", "x", "rgr_" + "0" * 32 + "_" + "A" * 43, other["refresh_token"] + "A", other["access_token"]):
        assert code(lab.ask("POST", "/api/auth/refresh", {"refresh_token": junk})) == "refresh_invalid", junk
    hashes = "".join(lab.server.sql("select encode(secret_hash, 'escape') from sign_ins"))
    assert other["refresh_token"].split("_")[-1] not in hashes


def test_E32_logout_one_and_all(lab):
    tokens = [lab.register("leaving@example.com")] + [lab.login("leaving@example.com")[1] for _ in range(3)]

    def lives():
        return [lab.ask("GET", "/api/users/me", token=one["access_token"])[0] == 200 for one in tokens]
    assert lab.ask("POST", "/api/auth/logout", {"refresh_token": tokens[0]["refresh_token"]})[0] == 204
    assert lives() == [False, True, True, True]
    assert lab.ask("POST", "/api/auth/logout", {"refresh_token": tokens[0]["refresh_token"]})[0] == 204, "again is no mistake"
    status, listed = lab.ask("GET", "/api/auth/sessions", token=tokens[1]["access_token"])
    assert status == 200 and len(listed["items"]) == 3 and listed["next_cursor"] is None
    assert lab.ask("DELETE", f"/api/auth/sessions/{claims(tokens[2]['access_token'])['sid']}", token=tokens[1]["access_token"])[0] == 204
    assert lives() == [False, True, False, True]
    stranger = lab.register("stranger@example.com")
    for identity in (claims(tokens[1]["access_token"])["sid"], "00000000-0000-4000-8000-000000000000"):
        assert code(lab.ask("DELETE", f"/api/auth/sessions/{identity}", token=stranger["access_token"])) == "not_found"
    assert lab.ask("POST", "/api/auth/logout", {"all": True}, token=tokens[1]["access_token"])[0] == 204
    assert lives() == [False] * 4
    assert code(lab.ask("POST", "/api/auth/logout", {"all": True})) == "credentials_missing"
    assert code(lab.ask("POST", "/api/auth/logout", {})) == "field_missing"
    assert lab.ask("POST", "/api/auth/logout", {"refresh_token": stranger["refresh_token"], "all": True})[0] == 204
    assert lab.ask("GET", "/api/users/me", token=stranger["access_token"])[0] == 401


def test_E32_a_new_password_ends_what_was(lab):
    made = lab.register("changing@example.com")
    other = lab.login("changing@example.com")[1]
    wrong = lab.ask("POST", "/api/auth/password", {"current_password": "wrong password", "new_password": "a new good password"}, made["access_token"])
    assert wrong[0] == 403 and code(wrong) == "password_wrong"
    status, fresh = lab.ask("POST", "/api/auth/password", {"current_password": PASSWORD, "new_password": "a new good password"}, made["access_token"])
    assert status == 200
    for old in (made, other):
        assert lab.ask("GET", "/api/users/me", token=old["access_token"])[0] == 401
        assert code(lab.ask("POST", "/api/auth/refresh", {"refresh_token": old["refresh_token"]})) == "refresh_invalid"
    assert lab.ask("GET", "/api/users/me", token=fresh["access_token"])[0] == 200
    assert code(lab.login("changing@example.com")) == "sign_in_failed"
    assert lab.login("changing@example.com", "a new good password")[0] == 200


def test_a_sites_own_tokens_go_on(lab, admin):
    def own(**more):
        return sign({"alg": "HS256", "typ": "JWT"}, {"exp": int(time.time()) + 300, **more}, SECRETS["JWT_SECRET"])
    unknown = "/api/tasks/00000000-0000-4000-8000-000000000000"
    assert lab.ask("GET", unknown, token=own(sub="t1", role="instructor"))[0] == 404
    assert lab.ask("GET", unknown, token=own(id="t1", role="instructor"))[0] == 404
    assert lab.ask("GET", "/api/admin/users", token=own(sub="site-admin", role="admin"))[0] == 200
    assert code(lab.ask("GET", "/api/users/me", token=own(sub="t1"))) == "not_found"
    for bad in (own(sub="t1", aud="elsewhere"), own(sub="t1", typ="refresh"), own(sub="t1", typ="access", aud="reelgate-api"),
                own(sub=admin["user"]["id"], typ="access", aud="reelgate-api", sid="00000000-0000-4000-8000-000000000000")):
        assert code(lab.ask("GET", "/api/users/me", token=bad)) == "credentials_invalid"
    # A person of ours who is shut out comes in by no token.
    made = lab.register("shut@example.com")
    assert lab.ask("GET", "/api/users/me", token=own(sub=made["user"]["id"]))[0] == 200
    assert lab.ask("PUT", f"/api/admin/users/{made['user']['id']}", {"disabled": True}, admin["access_token"])[0] == 200
    assert code(lab.ask("GET", "/api/users/me", token=own(sub=made["user"]["id"]))) == "credentials_invalid"


# Mail

def test_J26_E32_reset_by_mail(lab):
    made = lab.register("forgot@example.com")
    lab.mail.wait("forgot@example.com")
    body = json.dumps({"email": "Forgot@example.com"})
    poisoned = {"Content-Type": "application/json", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert lab.call("/api/auth/password-reset", "POST", body, poisoned, key=False)[0] == 202
    mail = lab.mail.wait("forgot@example.com", 2)
    base, purpose, token = link(mail)
    assert base == lab.address and purpose == "reset" and mail["From"] == "no-reply@video.example"
    assert "evil" not in mail.as_string() and mail["Subject"] == "Choose a new password"
    confirm = "/api/auth/password-reset/confirm"
    assert lab.ask("POST", confirm, {"token": token, "new_password": "short"})[0] == 400
    assert code(lab.ask("POST", confirm, {"token": "A" * 43, "new_password": "a new good password"})) == "link_invalid"
    assert code(lab.ask("POST", "/api/auth/verify/confirm", {"token": token})) == "link_invalid"
    assert lab.ask("POST", confirm, {"token": token, "new_password": "a new good password"})[0] == 200
    assert code(lab.ask("POST", confirm, {"token": token, "new_password": "a newer good password"})) == "link_invalid"
    assert lab.ask("GET", "/api/users/me", token=made["access_token"])[0] == 401
    assert code(lab.login("forgot@example.com")) == "sign_in_failed"
    status, answer = lab.login("forgot@example.com", "a new good password")
    assert status == 200 and answer["user"]["email_verified"] is True
    assert token not in str(lab.server.sql("select payload, error_detail from jobs")) + str(lab.server.sql("select encode(hash, 'escape') from mail_links"))


def test_the_page_that_a_mailed_link_opens(lab):
    """In a browser: the secret leaves the address at once, is sent to nobody but us, and sets the password."""
    lab.register("browser@example.com")
    lab.ask("POST", "/api/auth/password-reset", {"email": "browser@example.com"})
    base, _, token = link(lab.mail.wait("browser@example.com", 2))
    with sync_playwright() as play:
        browser = chromium(play)
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{base}/account.html#reset={token}")
        page.get_by_label("New password").fill("a new good password")
        assert "#" not in page.url
        page.get_by_role("button", name="Set password").click()
        page.get_by_role("status").get_by_text("The password was changed").wait_for()
        page.goto(f"{base}/account.html#reset={token}")
        page.get_by_label("New password").fill("a newer good password")
        page.get_by_role("button", name="Set password").click()
        page.locator("[data-code=link_invalid]").wait_for()
        assert not [url for url in asked if token in url.split("#")[0]]
        browser.close()
    assert lab.login("browser@example.com", "a new good password")[0] == 200


def test_confirming_an_address(lab):
    made = lab.register("confirm@example.com")
    _, purpose, token = link(lab.mail.wait("confirm@example.com"))
    assert purpose == "verify"
    assert lab.ask("POST", "/api/auth/verify", {"email": "confirm@example.com"})[0] == 202
    _, _, second = link(lab.mail.wait("confirm@example.com", 2))
    assert lab.ask("POST", "/api/auth/verify/confirm", {"token": token})[0] == 200
    assert lab.ask("GET", "/api/users/me", token=made["access_token"])[1]["email_verified"] is True
    assert code(lab.ask("POST", "/api/auth/verify/confirm", {"token": second})) == "link_invalid"


def test_nobody_is_mailed_without_end(lab):
    lab.register("bombed@example.com")
    for _ in range(12):
        assert lab.ask("POST", "/api/auth/password-reset", {"email": "bombed@example.com"})[0] == 202
    assert lab.server.sql("select count(*) from jobs where payload->>'email' = 'bombed@example.com'") == ["5"]


def test_mail_through_a_server(lab, tmp_path):
    """TLS is required; without it nothing is sent, not even the password."""
    server = MailServer(str(tmp_path))
    settings = {**{n: v for n, v in lab.settings.items() if n != "MAIL_FILE_DIR"}, "SMTP_URL": server.url, "SMTP_USER": "site",
                "SMTP_PASSWORD": "p4ss word", "SMTP_CA_FILE": server.certificate}

    def job(email):
        return lab.server.sql(f"select state, coalesce(error_code, '') from jobs where payload->>'email' = '{email}' order by id desc limit 1")[0]

    def mailed(email, state):
        lab.register(email)
        wait_for(lambda: job(email).startswith(state), 60)
    try:
        lab.work(settings)
        mailed("smtp@example.com", "done")
        sender, to, mail, secure = server.taken[0]
        assert sender.startswith("MAIL FROM:<no-reply@video.example>") and to.startswith("RCPT TO:<smtp@example.com>") and secure
        assert link(mail)[0] == lab.address and mail["Subject"] == "Confirm your e-mail address"
        server.refuse = {"RCPT": "550 no such box"}
        mailed("nobox@example.com", "dead|mail_refused")
        server.refuse = {"RCPT": "451 later"}
        mailed("later@example.com", "queued|mail_failed")
        server.refuse = {}
        lab.server.sql("update jobs set run_after = now() where payload->>'email' = 'later@example.com'")
        wait_for(lambda: job("later@example.com").startswith("done"), 60)
        # A certificate nobody vouches for.
        lab.work({**settings, "SMTP_CA_FILE": "/etc/ssl/certs/ca-certificates.crt"})
        mailed("untrusted@example.com", "queued|mail_failed")
        # A server that offers no TLS: nothing goes out unless that is allowed.
        plain = MailServer(str(tmp_path), plain=True)
        lab.work({**settings, "SMTP_URL": plain.url})
        mailed("clear@example.com", "queued|mail_failed")
        assert not [line for line in plain.commands if line.split()[0] in ("AUTH", "MAIL", "DATA")] and not plain.taken
        lab.work({**settings, "SMTP_URL": plain.url, "SMTP_PLAINTEXT": "true"})
        lab.server.sql("update jobs set run_after = now() where payload->>'email' = 'clear@example.com'")
        wait_for(lambda: job("clear@example.com").startswith("done"), 60)
        assert plain.taken[0][3] is False
    finally:
        lab.work(lab.settings)


# Second factors

def test_totp(lab, admin):
    boss = lab.make("totp@example.com")
    token = boss["access_token"]
    assert lab.ask("GET", "/api/auth/totp", token=token)[1] == {"enabled": False, "recovery_codes_left": 0}
    assert code(lab.ask("POST", "/api/auth/totp", {"current_password": "wrong password"}, token)) == "password_wrong"
    status, made = lab.ask("POST", "/api/auth/totp", {"current_password": PASSWORD}, token)
    assert status == 201 and f"secret={made['secret']}&" in made["uri"] and made["uri"].startswith("otpauth://totp/127.0.0.1:")
    assert lab.login("totp@example.com")[0] == 200, "it does not count before its first code"
    assert code(lab.ask("POST", "/api/auth/totp/confirm", {"totp": "000000" if totp(made["secret"], now_step()) != "000000" else "000001"}, token)) == "totp_invalid"
    step = now_step()
    status, confirmed = lab.ask("POST", "/api/auth/totp/confirm", {"totp": totp(made["secret"], step)}, token)
    assert status == 200 and len(set(confirmed["recovery_codes"])) == 10
    assert code(lab.ask("POST", "/api/auth/totp", {"current_password": PASSWORD}, token)) == "conflict"
    assert code(lab.login("totp@example.com")) == "totp_required"
    assert code(lab.login("totp@example.com", "wrong password")) == "sign_in_failed"
    assert code(lab.login("totp@example.com", totp=totp(made["secret"], step))) == "totp_invalid", "a used step"
    assert code(lab.login("totp@example.com", totp=totp(made["secret"], step - 5))) == "totp_invalid"
    # The next step's code is taken early, once, also when two come at once.
    with ThreadPoolExecutor(2) as pool:
        said = sorted(status for status, _ in pool.map(lambda _: lab.login("totp@example.com", totp=totp(made["secret"], step + 1)), range(2)))
    assert said == [200, 401]
    recovery = confirmed["recovery_codes"][0]
    assert lab.login("totp@example.com", totp=recovery.lower())[0] == 200
    assert code(lab.login("totp@example.com", totp=recovery)) == "totp_invalid"
    assert lab.ask("GET", "/api/auth/totp", token=token)[1] == {"enabled": True, "recovery_codes_left": 9}
    assert made["secret"] not in str(lab.server.sql("select encode(secret, 'escape') from second_factors"))
    disable = {"current_password": PASSWORD, "totp": confirmed["recovery_codes"][1]}
    assert lab.ask("POST", "/api/auth/totp/disable", disable, token)[0] == 200
    assert lab.login("totp@example.com")[0] == 200
    assert code(lab.ask("POST", "/api/auth/totp/disable", disable, token)) == "conflict"


# People

def test_J13_what_a_person_may_change(lab):
    made = lab.register("self@example.com")
    path, token = f"/api/users/{made['user']['id']}", made["access_token"]
    status, answer = lab.ask("PUT", path, {"name": "Anna", "language": "PT-br", "preferences": {"autoplay": True}}, token)
    assert status == 200 and (answer["name"], answer["language"], answer["preferences"]) == ("Anna", "pt-BR", {"autoplay": True})
    kept = {"large": 1.7e308, "small": 5e-324, "whole": 6.8283530792038504e16, "\u0013": {"": [None]}}
    status, answer = lab.ask("PUT", path, {"preferences": kept}, token)
    assert status == 200 and answer["preferences"] == kept, "what a client keeps comes back as it was"
    assert lab.ask("PUT", path.replace("/users/", "/users/users/", 1), {"language": ""}, token)[1]["language"] == ""
    for body in ({"role": "admin"}, {"subscription_level": "family"}, {"disabled": False}, {"email": "x@example.com"}, {"id": made["user"]["id"]},
                 {"name": "Anna", "owner": "x"}, {"preferences": []}, {"preferences": {"x": "y" * 9000}}, {"language": "??"}, {"name": ""}, [], "x"):
        status, answer = lab.ask("PUT", path, body, token)
        assert status == 400, (body, answer)
    after = lab.ask("GET", path, token=token)[1]
    assert (after["role"], after["subscription_level"], after["name"]) == ("viewer", "free", "Anna")


def test_J12_other_peoples_accounts_are_not_there(lab, admin):
    one, two = lab.register("one@example.com"), lab.register("two@example.com")
    foreign, unknown = f"/api/users/{two['user']['id']}", "/api/users/00000000-0000-4000-8000-000000000000"
    for path in (foreign, unknown, "/api/users/1", "/api/users/" + two["user"]["id"].upper()):
        for method, body in (("GET", None), ("PUT", {"name": "Eve"})):
            assert code(lab.ask(method, path, body, one["access_token"])) == "not_found", (method, path)
            assert code(lab.ask(method, path, body)) == "credentials_missing"
    assert lab.ask("GET", foreign, token=admin["access_token"])[1] == two["user"]
    assert lab.call(foreign, headers={"X-API-Key": lab.admin_key}, key=False)[2] == two["user"]
    assert lab.call(foreign)[2]["code"] == "scope"
    for method, path in (("GET", "/api/admin/users"), ("GET", f"/api/admin/users/{one['user']['id']}"), ("PUT", f"/api/admin/users/{one['user']['id']}"),
                         ("DELETE", f"/api/admin/users/{one['user']['id']}"), ("GET", "/api/keys"), ("POST", "/api/keys"), ("DELETE", "/api/keys/abcdefghijkl")):
        assert code(lab.ask(method, path, token=one["access_token"])) == "scope", path
        assert code(lab.ask(method, path)) == "credentials_missing", path


def test_what_an_admin_does(lab, admin):
    token = admin["access_token"]
    made = lab.register("managed@example.com", name="Zebedee")
    path = f"/api/admin/users/{made['user']['id']}"
    status, listed = lab.ask("GET", "/api/admin/users?search=zebed&role=viewer&subscription_level=free&disabled=false", token=token)
    assert status == 200 and [one["id"] for one in listed["items"]] == [made["user"]["id"]]
    seen, cursor = [], ""
    while cursor is not None:
        part = lab.ask("GET", f"/api/admin/users?limit=3{cursor}", token=token)[1]
        seen += [one["id"] for one in part["items"]]
        cursor = part["next_cursor"] and "&cursor=" + part["next_cursor"]
    assert len(seen) == len(set(seen)) == lab.rows("users")
    for query in ("limit=0", "limit=101", "limit=x", "cursor=x", "cursor=eAp4", "role=root", "disabled=1", "search=", "role=viewer&role=admin"):
        assert lab.ask("GET", f"/api/admin/users?{query}", token=token)[0] == 400, query
    status, answer = lab.ask("PUT", path, {"role": "instructor", "subscription_level": "family"}, token)
    assert status == 200 and (answer["role"], answer["subscription_level"]) == ("instructor", "family")
    # A role counts from the next request on: the token of before does not decide.
    assert code(lab.ask("GET", "/api/admin/users", token=made["access_token"])) == "scope"
    assert lab.ask("PUT", path, {"role": "admin"}, token)[0] == 200
    assert lab.ask("GET", "/api/admin/users", token=made["access_token"])[0] == 200
    assert lab.ask("PUT", path, {"role": "viewer"}, token)[0] == 200
    assert code(lab.ask("GET", "/api/admin/users", token=made["access_token"])) == "scope"
    for body in ({"role": "root"}, {"role": 1}, {"subscription_level": "gold"}, {"disabled": "yes"}, {"password": PASSWORD}, {"email": "x@y"}):
        assert lab.ask("PUT", path, body, token)[0] == 400, body
    own = f"/api/admin/users/{admin['user']['id']}"
    for method, body in (("PUT", {"disabled": True}), ("PUT", {"role": "viewer"}), ("DELETE", None)):
        assert code(lab.ask(method, own, body, token)) == "conflict"


def test_E32_shutting_out_and_removing(lab, admin):
    token = admin["access_token"]
    made = lab.register("out@example.com")
    path = f"/api/admin/users/{made['user']['id']}"
    status, answer = lab.ask("PUT", path, {"disabled": True}, token)
    assert status == 200 and answer["disabled_at"]
    assert code(lab.ask("GET", "/api/users/me", token=made["access_token"])) == "credentials_invalid"
    assert code(lab.ask("POST", "/api/auth/refresh", {"refresh_token": made["refresh_token"]})) == "refresh_invalid"
    assert code(lab.login("out@example.com")) == "account_disabled"
    assert code(lab.login("out@example.com", "wrong password")) == "sign_in_failed"
    assert lab.server.sql(f"select kind from revocations where value = '{made['user']['id']}'") == ["user"]
    lab.server.sql("insert into videos (rel, owner) values ('t/c/m/out', 't') on conflict do nothing")
    for_him = f"/api/get-video-token/v2?rel=t%2Fc%2Fm%2Fout&user_id={made['user']['id']}"
    assert lab.call(for_him)[2]["code"] == "suspended", "a service gets no token for him, either"
    assert lab.ask("PUT", path, {"disabled": False}, token)[1]["disabled_at"] is None
    assert lab.call(for_him)[0] == 200
    assert lab.ask("GET", "/api/users/me", token=made["access_token"])[0] == 401, "what ended stays ended"
    status, again = lab.login("out@example.com")
    assert status == 200
    assert lab.ask("DELETE", path, token=token)[0] == 204
    assert code(lab.ask("GET", "/api/users/me", token=again["access_token"])) == "credentials_invalid"
    assert code(lab.ask("POST", "/api/auth/refresh", {"refresh_token": again["refresh_token"]})) == "refresh_invalid"
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        assert code(lab.ask(method, path, body, token)) == "not_found"


def test_keys_over_http(lab, admin):
    token = admin["access_token"]
    status, made = lab.ask("POST", "/api/keys", {"name": "A site", "scopes": ["tokens", "catalog"]}, token)
    assert status == 201 and re.fullmatch(r"rgk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", made["key"])
    listed = lab.ask("GET", "/api/keys?limit=100", token=token)[1]
    mine = next(one for one in listed["items"] if one["id"] == made["id"])
    assert mine["scopes"] == ["tokens", "catalog"] and mine["revoked_at"] is None and made["key"].split("_", 2)[2] not in json.dumps(listed)
    assert lab.call("/api/admin/users", headers={"X-API-Key": made["key"]}, key=False)[2]["code"] == "scope"
    assert lab.call("/api/keys", headers={"X-API-Key": lab.admin_key}, key=False)[0] == 200
    # A key makes no keys, whatever it may do.
    assert lab.call("/api/keys", "POST", '{"name":"x","scopes":["upload"]}', {"X-API-Key": lab.admin_key, "Content-Type": "application/json"}, key=False)[2]["code"] == "scope"
    for body in ({"name": "x"}, {"name": "x", "scopes": []}, {"name": "x", "scopes": ["root"]}, {"name": "x", "scopes": ["upload", "upload"]},
                 {"name": "", "scopes": ["upload"]}, {"name": "x", "scopes": "upload"}, {"name": "x", "scopes": ["upload"], "id": "abcdefghijkl"}):
        assert lab.ask("POST", "/api/keys", body, token)[0] == 400, body
    assert lab.ask("DELETE", f"/api/keys/{made['id']}", token=token)[0] == 204
    assert lab.call("/api/keys", headers={"X-API-Key": made["key"]}, key=False)[2]["code"] == "credentials_invalid"
    for name in (made["id"], "x", "%27%20or%201%3D1--"):
        assert code(lab.ask("DELETE", f"/api/keys/{name}", token=token)) == "not_found"


# The operator

def test_users_by_the_operator(lab):
    def run(*words, text=None):
        done = subprocess.run([f"{programs()}/reelgate", "users", *words], env=lab.settings, input=text, capture_output=True, text=True)
        return done.returncode, done.stdout
    made = lab.register("operated@example.com")
    identity = made["user"]["id"]
    assert run("list", "--search", "operated")[1].split()[0] == identity
    assert "address confirmed: no" in run("show", "Operated@example.com")[1]
    assert " instructor  premium " in run("set", identity, "--role", "instructor", "--level", "premium")[1]
    assert run("password", "operated@example.com", text="a new good password\n")[0] == 0
    assert lab.ask("GET", "/api/users/me", token=made["access_token"])[0] == 401
    assert lab.login("operated@example.com", "a new good password")[0] == 200
    assert " disabled " in run("disable", identity)[1] and code(lab.login("operated@example.com", "a new good password")) == "account_disabled"
    assert " good " in run("enable", identity)[1] and lab.login("operated@example.com", "a new good password")[0] == 200
    assert run("remove", identity)[0] == 0 and run("show", identity)[0] == 1
    for words in (["set", identity, "--role", "root"], ["show"], ["list", "x"], ["password", identity, "--password", "x"]):
        assert run(*words, text="")[0] == 2, words


# Another way to get an account, and few sign-ins a minute

@pytest.fixture(scope="module")
def careful(tmp_path_factory):
    mail = tmp_path_factory.mktemp("mail2")
    made = People(MAIL_FILE_DIR=str(mail), MAIL_FROM="no-reply@video.example", REGISTRATION="confirmed", **{**MANY, "RATE_SIGN_INS": "12", "RATE_REGISTRATIONS": "12"})
    made.mail = Directory(str(mail))
    try:
        yield made.start()
    finally:
        made.stop()


def test_J25_signing_up_says_nothing_about_who_is_there(careful):
    body = {"email": "quiet@example.com", "password": PASSWORD, "name": "Ann"}
    first = careful.ask("POST", "/api/auth/register", body)
    assert first[0] == 202 and careful.ask("POST", "/api/auth/register", {**body, "password": "another good password"}) == first
    assert careful.ask("POST", "/api/auth/register", {**body, "email": "other@example.com"}) == first
    assert code(careful.login("quiet@example.com")) == "email_unverified"
    assert code(careful.login("quiet@example.com", "another good password")) == "sign_in_failed"
    _, purpose, token = link(careful.mail.wait("quiet@example.com", 2))
    assert purpose == "verify" and careful.ask("POST", "/api/auth/verify/confirm", {"token": token})[0] == 200
    assert careful.login("quiet@example.com")[0] == 200
    # Whoever has the mailbox learns that there is an account; nobody else does.
    assert careful.ask("POST", "/api/auth/register", body) == first
    assert careful.mail.wait("quiet@example.com", 3)["Subject"] == "You have an account already"


def test_B28_one_address_has_few_sign_ins_a_minute(careful):
    """The address is nginx's, whatever the client says; one password tried at many accounts counts as well."""
    said = [careful.ask("POST", "/api/auth/login", {"email": f"p{n}@example.com", "password": PASSWORD}, **{"X-Forwarded-For": f"192.0.2.{n}"})
            for n in range(40)]
    codes = [code(one) for one in said]
    assert set(codes) == {"sign_in_failed", "too_many"} and codes[-1] == "too_many", codes
    said = [careful.ask("POST", "/api/auth/password-reset", {"email": f"p{n}@example.com"})[0] for n in range(40)]
    assert 429 in said
