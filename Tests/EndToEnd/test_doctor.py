"""A68: `reelgate doctor <base-url>` finds nothing on what we ship, and each deliberately broken configuration by the id of
its own cause, in an nginx that really runs it."""
import http.server, json, os, re, shutil, subprocess, threading

import pytest

from client import Site as Client
from fcgi import Stub
from lab import HOST, NGINX, Gates, Lab, programs, wait_for
from tokens import mint
from tree import LESSON, SEGMENT

OTHER = "t2/c9/m1/l1"
OWN_PLACE = "location / { error_page"


class Site:
    """A rendered set and its gates; nginx is started anew for each configuration."""

    def __init__(self):
        self.lab = Lab()
        os.unlink(f"{self.lab.www}/hls2")
        self.lab.configure()
        self.lab.gates.start()
        self.copy, self.nginx = f"{self.lab.base}/copy", None

    def start(self, edits=()):
        """The set with edits: (file below the set, `main` or `example`; what to find; what to put there)."""
        lab = self.lab
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(lab.conf, self.copy)
        for source in ("nginx.conf", "example.conf"):
            shutil.copy(f"{lab.base}/{source}", f"{self.copy}/{source}")
        for directory, _, names in os.walk(self.copy):
            for name in names:
                change(f"{directory}/{name}", re.escape(lab.conf + "/"), self.copy + "/", needed=False)
                change(f"{directory}/{name}", re.escape(f"{lab.base}/example.conf"), f"{self.copy}/example.conf", needed=False)
        for file, pattern, replacement in edits:
            path = f"{self.copy}/" + {"main": "nginx.conf", "example": "example.conf"}.get(file, file)
            if pattern is None:
                with open(path, "w") as out:
                    out.write(self.fill(replacement))
            else:
                change(path, self.fill(pattern), self.fill(replacement))
        self.nginx = subprocess.Popen([NGINX, "-c", f"{self.copy}/nginx.conf"], stderr=open(f"{lab.base}/nginx.err", "wb"))
        wait_for(lambda: self.nginx.poll() is not None or lab.listens(lab.port))
        assert self.nginx.poll() is None, open(f"{lab.base}/nginx.err").read()

    def fill(self, text):
        lab = self.lab
        for name, value in (("@DATA@", lab.data), ("@COPY@", self.copy), ("@BASE@", lab.base), ("@WWW@", lab.www), ("@PORT@", lab.port),
                            ("@PLAIN@", lab.plain), ("@HOST@", HOST)):
            text = text.replace(name, str(value))
        return text

    def stop(self):
        if self.nginx:
            self.nginx.terminate()
            self.nginx.wait(10)
            self.nginx = None

    def doctor(self, port="port", *words, environment=None, trust=True):
        """Its exit code and its report."""
        lab = self.lab
        scheme = "https" if port == "tls" else "http"
        trusted = ["--ca", f"{lab.base}/cert.pem"] if trust else []
        done = subprocess.run(
            [f"{programs()}/reelgate", "doctor", f"{scheme}://{HOST}:{getattr(lab, port)}", "--address", "127.0.0.1", "--rel", LESSON,
             "--other-rel", OTHER, "--http-port", str(lab.plain), "--json", *trusted, *words],
            env={**lab.settings, **(environment or {})}, capture_output=True, text=True)
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def ids(self, port="port", *words, **more):
        """The ids of the findings: those seen from outside, and those of nginx's configuration."""
        code, report, said = self.doctor(port, "--nginx-conf", f"{self.copy}/nginx.conf", *words, **more)
        assert report is not None, said
        assert code == (1 if report["findings"] else 0)
        found = {f["id"] for f in report["findings"]}
        lint = {f for f in found if f.startswith("nginx.")}
        return found - lint, lint, report


def change(path, pattern, replacement, needed=True):
    with open(path) as file:
        text = file.read()
    changed = re.sub(pattern, replacement if re.search(r"\\\d", replacement) else replacement.replace("\\", "\\\\"), text, flags=re.S)
    assert changed != text or not needed, f"{pattern} is not in {path}"
    with open(path, "w") as file:
        file.write(changed)


@pytest.fixture(scope="module")
def site():
    made = Site()
    try:
        yield made
    finally:
        made.stop()
        made.lab.stop()


@pytest.fixture(autouse=True)
def nothing_left(request):
    yield
    if "site" in request.fixturenames:
        made = request.getfixturevalue("site")
        made.stop()
        shutil.rmtree(made.copy, ignore_errors=True)


@pytest.mark.parametrize("port", ["port", "neighbour", "tls"])
def test_A68_the_good_configuration_has_no_finding(site, port):
    site.start()
    outside, lint, report = site.ids(port)
    assert (outside, lint) == (set(), set()), report["findings"]
    ids = [p["id"] for p in report["probes"]]
    assert len(ids) == len(set(ids)) and len(ids) >= 600
    assert all(p["ok"] and p["title"] and p["expected"] and p["severity"] in ("critical", "high", "medium", "low") for p in report["probes"])
    groups = {p["group"] for p in report["probes"]}
    assert groups >= {"token", "good", "path", "referrer", "transport", "host", "field", "method", "internal", "origin", "file", "alias", "hidden"}
    assert "eyJ" not in json.dumps(report)


MEDIA_OPEN = [("parts/open.conf", None, "include @COPY@/parts/headers-cors.conf; add_header Cache-Control $rg_cache; auth_request off;"
               " error_log @BASE@/l/x emerg; access_log @BASE@/l/y reelgate; include @COPY@/parts/errors-media.conf; types { video/mp2t ts; }")]
INCLUDE_MEDIA = r"include [^;]*/parts/media\.conf;"
STATIC = "auth_request off; include @COPY@/parts/headers-cors.conf; add_header Cache-Control \"private, no-store\" always;"
NAMED_ALL = ["locations/hls2.conf", "locations/mobile.conf", "locations/play.conf"]

# Name: what is broken, where it is probed, what is found from outside (exactly), what the lint finds (at least).
BROKEN = {
    "no ^~ beside a site's regular expression": (
        [("locations/hls2.conf", r"location \^~ /hls2/", "location /hls2/")], "neighbour", {"site-location-wins"}, {"A51"}),
    "segments without auth_request": (
        [("locations/hls2.conf", r"(# Keys: no files)", r'location ~ "\\.ts\\z" { ' + STATIC.replace("always", "") + r" }\n    \1")], "port",
        {"files-unguarded"}, {"A67"}),
    "playlists without auth_request": (
        [("locations/hls2.conf", r"(# Keys: no files)", r'location ~ "output\\.m3u8\\z" { ' + STATIC + r" }\n    \1")], "port",
        {"playlists-unguarded"}, {"A67"}),
    "mobile without auth_request": (
        MEDIA_OPEN + [("locations/mobile.conf", INCLUDE_MEDIA, "include @COPY@/parts/open.conf;")], "port", {"mobile-unguarded"}, {"A54"}),
    "play without auth_request": (
        MEDIA_OPEN + [("locations/play.conf", INCLUDE_MEDIA, "include @COPY@/parts/open.conf;")], "port", {"play-unguarded"}, {"A54"}),
    "satisfy any": ([("parts/media.conf", r"satisfy all;", "satisfy any; allow 127.0.0.1;")], "port", {"guard-off", "originals-served"}, {"A55"}),
    "the raw target given as RG_URI": (
        [(f, r"set \$rg_uri \$uri;", "set $rg_uri $request_uri;") for f in NAMED_ALL], "port", {"path-capture-raw"}, {"A03"}),
    "set in the gate's location only": (
        [(f, r"set \$rg_uri \$uri;", "") for f in NAMED_ALL] + [("locations/gate.conf", r"internal;", "internal; set $rg_uri $uri;")], "port",
        {"path-capture-missing"}, {"A03"}),
    "merge_slashes off and no stray rule": (
        [("vhosts/default-server.conf", r"server_tokens off;", "server_tokens off; merge_slashes off;"), ("server.conf", r"if \(\$rg_stray\) \{[^}]*\}", "")], "neighbour",
        {"double-slash", "refusal-html"}, {"A20", "server.conf"}),
    "an alias without its slash": (
        [("main", re.escape(OWN_PLACE), "location /static { alias @DATA@/presentation_videos/; } " + OWN_PLACE)], "port", {"alias-climb"}, {"A52"}),
    "a refusal that serves files": (
        [("locations/refusals.conf", r"location @rg_401 \{.*?\n\}",
          "location @rg_401 { auth_request off; rewrite ^/(?:mobile/)?hls2/(.*)$ /$1 break; root @DATA@/hls; }")], "port",
        {"refusal-serves-file", "refusal-html"}, {"A47"}),
    "the site's root is the data directory": (
        [("main", re.escape(OWN_PLACE) + r" 404 = @rg_404; return 404; \}", "location / { root @DATA@; }")], "port", {"originals-served"}, {"A54"}),
    "the site's root is above the data directory": (
        [("main", re.escape(OWN_PLACE) + r" 404 = @rg_404; return 404; \}", "location / { root @BASE@; }")], "port", {"data-served", "originals-served", "dot-files"}, {"A54"}),
    "originals as files": (
        [("main", re.escape(OWN_PLACE), "location /originals/ { alias @DATA@/originals/; } " + OWN_PLACE)], "port", {"originals-served"}, set()),
    "a listing": (
        [("main", re.escape(OWN_PLACE), "location /files/ { alias @DATA@/presentation_videos/; autoindex on; } " + OWN_PLACE)], "port",
        {"directory-listing"}, set()),
    "no default server": (
        [("main", r"listen 127\.0\.0\.1:@PORT@ default_server;", "listen 127.0.0.1:@PORT@;"),
         ("main", r"listen 127\.0\.0\.1:@PORT@; server_name @HOST@;", "listen 127.0.0.1:@PORT@ default_server; server_name @HOST@;")], "port",
        {"foreign-host"}, {"A70"}),
    "enc.key as a file": (
        [("locations/hls2.conf", r'(location ~ "[^"]*enc\\\.key[^"]*") \{.*?\}', r"\1 { " + STATIC + " }")], "port", {"keys-unguarded"}, {"A67"}),
    "every origin is reflected": ([("http/cors.conf", r'default "";', "default $http_origin;")], "port", {"cors-reflects"}, set()),
    "every origin by *": (
        [("parts/headers-cors.conf", r"Access-Control-Allow-Origin \$rg_origin", "Access-Control-Allow-Origin *")], "port", {"cors-any", "cors-missing"}, {"B23"}),
    "preflights are not answered": ([("server.conf", r"if \(\$rg_preflight\) \{[^}]*\}", "")], "port", {"cors-missing"}, {"server.conf"}),
    "an access log with URLs": (
        [("parts/media.conf", r"access_log ([^;]*) reelgate;", r"access_log \1 combined;")], "port", {"log-holds-token"}, {"E25"}),
    "refusals in HTML": ([("server.conf", r"error_page 400 414[^;]*;", "")], "port", {"refusal-html"}, {"server.conf"}),
    "refusals that may be kept": (
        [("parts/problem.conf", r'add_header Cache-Control "no-store" always;', "")], "port", {"refusal-cacheable"}, set()),
    "answers without security headers": (
        [("parts/headers-cors.conf", r"add_header X-Content-Type-Options nosniff always;", "")], "port", {"headers-missing"}, set()),
    "keys that may be kept": (
        [("parts/answer.conf", r'"private, no-store"', '"public, max-age=60"')], "port", {"media-cacheable"}, set()),
    "other methods reach keys": ([("parts/gate-params.conf", r"RG_METHOD \$request_method", "RG_METHOD GET")], "port", {"method-open"}, {"A03"}),
    "the gate's location is not internal": ([("locations/gate.conf", r"    internal;\n", "")], "port", {"internal-reachable"}, {"A41"}),
    "a cache in front of the gate": (
        [("parts/gate-params.conf", r"fastcgi_cache off;", "fastcgi_cache z; fastcgi_cache_key $rg_uri; fastcgi_cache_valid 200 204 60s;"),
         ("parts/gate-params.conf", r"fastcgi_ignore_headers", "fastcgi_ignore_headers Cache-Control Expires"),
         ("main", r"access_log off;", "access_log off; fastcgi_cache_path @COPY@/z keys_zone=z:1m;")], "port", {"gate-answer-cached"}, {"A58"}),
    "the server's version": ([("server.conf", r"server_tokens off;", "server_tokens on;")], "port", {"server-version"}, set()),
    "old TLS": (
        [("example", r"(ssl_certificate_key [^;]*;)\s*#[^\n]*\n\s*ssl_protocols [^;]*;\s*(include [^;]*default-server)", r"\1 ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers DEFAULT:@SECLEVEL=0; \2"),
         ("example", r"ssl_protocols TLSv1\.2 TLSv1\.3;\s*ssl_ciphers [^;]*;", "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers DEFAULT:@SECLEVEL=0;")],
        "tls", {"tls-old"}, {"K09"}),
    "no HSTS": ([("http/caching.conf", r'on      "max-age=31536000";', 'on "";')], "tls", {"hsts-missing"}, set()),
    "lessons over plain http": (
        [("example", r"(listen 127\.0\.0\.1:@PLAIN@;\s*server_name @HOST@;).*?return 308[^}]*\}",
          r"\1 include @COPY@/server.conf; include @COPY@/locations.conf; location / { return 404; }")], "tls", {"plain-http"}, set()),
    "subrequests by SSI": ([("parts/media.conf", r"ssi off;", "ssi on;")], "port", set(), {"A56"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_A68_each_broken_configuration_is_found_by_its_own_id(site, name):
    edits, port, outside, lint = BROKEN[name]
    if port == "neighbour":
        os.symlink(f"{site.lab.data}/hls", f"{site.lab.www}/hls2")
    try:
        site.start(edits)
        seen, rules, report = site.ids(port)
    finally:
        if port == "neighbour":
            os.unlink(f"{site.lab.www}/hls2")
    assert seen == outside, [(f["id"], f["evidence"][:3]) for f in report["findings"]]
    assert rules >= {f"nginx.{rule}" for rule in lint}, rules
    for finding in report["findings"]:
        assert finding["remedy"] and finding["probes"] and finding["evidence"]
    assert "eyJ" not in json.dumps(report)


def test_A47_with_the_gate_down_nothing_comes_out_and_a_fallback_is_found(site):
    site.start()
    code, report, said = site.doctor("port", "--no-nginx", "--gate-stopped")
    assert code == 3 and report is None and "the gate still answers" in said
    site.lab.gates.stop()
    try:
        outside, lint, report = site.ids("port", "--gate-stopped")
        assert (outside, lint) == (set(), set()) and len(report["probes"]) > 50, report["findings"]
        site.stop()
        site.start([("parts/errors-media.conf", r"error_page 429 [^;]*;", "error_page 500 502 503 504 = @fallback;"),
                    ("locations/refusals.conf", r"\Z", "location @fallback { rewrite ^/(?:mobile/)?hls2/(.*)$ /$1 break; root @DATA@/hls; }\n")])
        outside, lint, report = site.ids("port", "--gate-stopped")
        assert outside >= {"fail-open"} and "nginx.A47" in lint
    finally:
        site.lab.gates.start()


def test_B01_loose_referrers_are_found(site):
    wide = {"ALLOWED_REFERRERS": "https://good.example,https://*.example"}
    site.lab.gates.stop()
    gates = Gates(f"{site.lab.run}/gate.sock", {**site.lab.settings, **wide})
    gates.start()
    try:
        site.start()
        outside, lint, _ = site.ids("port", environment=wide)
        assert (outside, lint) == ({"referrer-loose"}, set())
    finally:
        gates.stop()
        site.lab.gates.start()


def test_E02_a_gate_that_does_not_verify_is_found(site):
    """It lets in whoever shows anything like a token."""
    def answer(params):
        shown = params.get("HTTP_AUTHORIZATION") or "token=" in params.get("RG_ARGS", "") or "/play/" in params.get("RG_URI", "")
        good = shown and params["RG_METHOD"] == "GET" and params["RG_RAW"].partition("?")[0] == params["RG_URI"]
        return b"Status: 204 X\r\n\r\n" if good else b"Status: 401 X\r\nX-Reelgate-Reason: token_missing\r\n\r\n"
    site.lab.gates.stop()
    stub = Stub(f"{site.lab.run}/gate.sock")
    stub.answer = answer
    try:
        site.start()
        outside, lint, _ = site.ids()
        assert outside >= {"token-unverified", "other-lesson", "token-expired-accepted"} and not lint
    finally:
        stub.close()
        site.lab.gates.start()


def test_hidden_files_are_found(site):
    with open(f"{site.lab.www}/.env", "w") as file:
        file.write("SECRET_KEY=x\n")
    try:
        site.start()
        outside, _, report = site.ids("neighbour")
        assert outside == {"dot-files"} and report["findings"][0]["probes"] == ["hidden..env"]
    finally:
        os.unlink(f"{site.lab.www}/.env")


def test_K09_a_certificate_that_does_not_hold_is_found(site):
    site.start()
    outside, _, _ = site.ids("tls", trust=False)
    assert outside == {"tls-certificate"}


class Bucket(http.server.BaseHTTPRequestHandler):
    """A store that answers anybody, or nobody."""
    open_to_all = True

    def do_GET(self):
        body = b"<ListBucketResult/>" if self.open_to_all else b"<Error><Code>AccessDenied</Code></Error>"
        self.send_response(200 if self.open_to_all else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("public", [True, False])
def test_a_public_store_is_found(site, public):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Made", (Bucket,), {"open_to_all": public}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        site.start()
        outside, _, report = site.ids(environment={"S3_BUCKET_NAME": "lessons", "S3_ENDPOINT": f"http://127.0.0.1:{server.server_port}"})
        assert outside == ({"store-public"} if public else set())
        assert sum(p["group"] == "store" for p in report["probes"]) >= 8
    finally:
        server.shutdown()


def test_tokens_by_hand_and_no_settings(site):
    """On another host: no settings, no data directory, files found by walking the playlists."""
    site.start()
    lab = site.lab
    words = [f"{programs()}/reelgate", "doctor", f"http://{HOST}:{lab.port}", "--address", "127.0.0.1", "--json", "--no-nginx",
             "--origin", "https://good.example", "--referrer", "https://good.example",
             "--token", mint(LESSON, platform="mobile"), "--other-token", mint(OTHER, platform="mobile")]
    done = subprocess.run(words, env={"PATH": "/usr/bin:/bin", "DATA_DIR": "/nonexistent"}, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert done.returncode == 0 and not report["findings"], report["findings"]
    assert len(report["probes"]) > 300 and "eyJ" not in done.stdout


@pytest.mark.parametrize("words,code", [
    (["http://media.test:1", "--address", "127.0.0.1"], 3), (["ftp://x", "http://y"], 2), (["http://x/path"], 2), (["http://x", "--what"], 2),
    (["http://x", "--address", "y"], 2), (["http://x", "--rel", "a/b", "--no-nginx"], None), (["http://x", "--no-nginx", "--nginx-conf", "y"], 2), (["nonsense"], 2)])
def test_wrong_words_are_2_and_a_silent_site_is_3(site, words, code):
    site.start()
    if code is None:
        words, code = [f"http://{HOST}:{site.lab.port}", "--address", "127.0.0.1", *words[1:]], 2
    done = subprocess.run([f"{programs()}/reelgate", "doctor", *words], env=site.lab.settings, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_plain_report_says_what_to_mend(site):
    site.start([("locations/gate.conf", r"    internal;\n", "")])
    done = subprocess.run(
        [f"{programs()}/reelgate", "doctor", f"http://{HOST}:{site.lab.port}", "--address", "127.0.0.1", "--rel", LESSON, "--no-nginx"],
        env=site.lab.settings, capture_output=True, text=True)
    assert done.returncode == 1 and "high  internal-reachable" in done.stdout and "mend: " in done.stdout and "eyJ" not in done.stdout
    assert re.search(r"\d+ probes, \d+ ok, 1 findings", done.stdout)


def test_A68_the_whole_product_has_no_finding(demo, tmp_path):
    """Two lessons really uploaded; lessons and tokens are found by the doctor itself, with the demo's settings."""
    site, clip = Client(demo), f"{tmp_path}/clip.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=426x240:r=25:d=8", "-f", "lavfi", "-i", "sine=f=440:d=8",
                    "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-y", clip], check=True)
    for rel in ("doctor/c1/m1/l1", "doctor/c1/m1/l10"):
        site.make(clip, rel)
    settings = {"PATH": "/usr/bin:/bin", "DATA_DIR": f"{demo.data}/data", "RUN_DIR": f"{demo.data}/run", "PUBLIC_BASE_URL": demo["BASE_URL"],
                "ALLOWED_ORIGINS": demo["ALLOWED_ORIGIN"], **{name: demo[name] for name in ("DATABASE_URL", "SECRET_KEY", "JWT_SECRET")}}
    done = subprocess.run([f"{programs()}/reelgate", "doctor", demo["BASE_URL"], "--nginx-conf", f"{demo.data}/nginx/vhosts/demo.conf", "--json"],
                          env=settings, capture_output=True, text=True)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert done.returncode == 0 and not report["findings"], report["findings"]
    assert len(report["probes"]) > 500 and all(p["ok"] for p in report["probes"])
    assert sum(p["id"].startswith("good.") and p["status"] == 200 for p in report["probes"]) >= 12
