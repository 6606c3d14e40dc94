"""The gate and nginx, for real, over a tree made for tests: no database, no pool. nginx runs the rendered set three
times: as a host of its own, beside a hostile neighbour in one vhost, and as the shipped example with TLS and HTTP/2."""
import os, re, shutil, signal, socket, subprocess, sys, tempfile, time

from tokens import SECRET
from tree import MASTER, Tree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NGINX = next((p for p in ("/usr/sbin/nginx", "/usr/local/sbin/nginx") if os.access(p, os.X_OK)), "nginx")
HOST = "media.test"
GOOD = "https://good.example"

NEIGHBOUR = """
    location / { root @WWW@; try_files $uri $uri/ =404; }
    location ~* \\.(?:js|css|ts|jpg|mp4|key|vtt|m3u8)$ { root @WWW@; expires 1d; }
"""
OWN = "location / { error_page 404 = @rg_404; return 404; }"


def programs():
    """Where the built programs are: REELGATE_BIN, or the newest build."""
    if found := os.environ.get("REELGATE_BIN"):
        return found
    built = [f"{ROOT}/.build/{kind}" for kind in ("release", "debug") if os.path.exists(f"{ROOT}/.build/{kind}/reelgate-gate")]
    assert built, "build first: swift build"
    return max(built, key=lambda d: os.stat(f"{d}/reelgate-gate").st_mtime)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain")


class Gates:
    """As many gate processes as nginx would meet in the product, on one socket (descriptor 0, as spawn-fcgi gives it)."""

    def __init__(self, path, environment, count=4, program="reelgate-gate"):
        self.path, self.environment, self.count, self.program = path, environment, count, program
        self.processes = []

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        os.chmod(self.path, 0o660)
        listener.listen(1024)
        self.processes = [
            subprocess.Popen(self.command(), stdin=listener, env=self.environment,
                             stdout=subprocess.DEVNULL, stderr=sys.stderr if os.environ.get("REELGATE_E2E_LOUD") else
                             open(os.path.dirname(self.path) + "/gate.log", "ab"))
            for _ in range(self.count)]
        listener.close()
        time.sleep(0.1)
        assert all(p.poll() is None for p in self.processes), open(os.path.dirname(self.path) + "/gate.log").read()

    def command(self):
        return [f"{programs()}/{self.program}"]

    def stop(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        self.processes = []


class Lab:
    """Everything below one short directory."""

    def __init__(self, settings=None):
        self.base = tempfile.mkdtemp(prefix="rg", dir="/tmp")
        self.data, self.run, self.conf, self.logs, self.www = (f"{self.base}/{n}" for n in ("d", "r", "n", "l", "w"))
        for directory in (self.data, self.run, self.logs, self.www, f"{self.data}/tmp"):
            os.makedirs(directory)
        self.port, self.neighbour, self.h2c, self.tls, self.plain = (free_port() for _ in range(5))
        self.tree = Tree(self.data)
        # What an older server left in the site's own web root.
        os.symlink(f"{self.data}/hls", f"{self.www}/hls2")
        with open(f"{self.www}/index.html", "w") as page:
            page.write("<p>the neighbour's page</p>")
        self.settings = {
            "PATH": "/usr/bin:/bin", "DATA_DIR": self.data, "RUN_DIR": self.run, "SECRET_KEY": SECRET,
            "MEDIA_MASTER_KEY": "1:" + MASTER.hex(), "JWT_SECRET": "pW3eK8nV6yT1rX5uZ0qM7bJ2hG9fD4sL",
            "PUBLIC_BASE_URL": f"http://{HOST}:{self.port}", "ALLOWED_ORIGINS": GOOD,
            "ALLOWED_REFERRERS": f"{GOOD},https://*.wild.example", "SWIFT_BACKTRACE": "enable=no",
            "SIGNING_KEYS_FILE": f"{self.base}/keys", **(settings or {})}
        with open(f"{self.base}/keys", "w") as keys:
            keys.write("next nX4cV8bM2kL6jH0gF5dS9aP3oI7uY1tR\n")
        self.gates = Gates(f"{self.run}/gate.sock", self.settings)
        self.nginx = None

    def render(self, **more):
        done = subprocess.run(
            [f"{programs()}/reelgate", "nginx", "render", "--out", self.conf, "--logs", self.logs, "--www", self.www,
             "--certificate", f"{self.base}/cert.pem", "--key", f"{self.base}/key.pem"],
            env={**self.settings, **more}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def configure(self):
        """Writes nginx.conf over the rendered set; the example's ports become free ones."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", f"{self.base}/key.pem",
             "-out", f"{self.base}/cert.pem"], check=True, capture_output=True)
        self.render()
        example = open(f"{self.conf}/vhosts/example.conf").read()
        example = re.sub(r"listen \[::\]:\d+[^;]*;", "", example)
        example = re.sub(r"listen 443", f"listen 127.0.0.1:{self.tls}", example)
        example = re.sub(r"listen 80", f"listen 127.0.0.1:{self.plain}", example)
        with open(f"{self.base}/example.conf", "w") as file:
            file.write(example)

        def host(port, body, flags=""):
            default = f"listen 127.0.0.1:{port}{flags} default_server; include {self.conf}/vhosts/default-server.conf;"
            own = (f"listen 127.0.0.1:{port}{flags}; server_name {HOST}; include {self.conf}/server.conf;"
                   f" include {self.conf}/locations.conf; {body.replace('@WWW@', self.www)}")
            return f"server {{ {default} }}\nserver {{ {own} }}\n"
        user = "user root;" if os.getuid() == 0 else ""
        temporary = "".join(f"{n}_temp_path {self.base}/t-{n};" for n in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        with open(f"{self.base}/nginx.conf", "w") as file:
            file.write(
                f"daemon off; {user} pid {self.base}/nginx.pid; error_log {self.logs}/error.log error; worker_processes 2;\n"
                f"events {{ worker_connections 2048; }}\nhttp {{ {temporary} keepalive_requests 100000;\n"
                f"access_log off; server_names_hash_bucket_size 128;\n"
                f"include {self.base}/example.conf;\n"
                + host(self.port, OWN) + host(self.neighbour, NEIGHBOUR) + host(self.h2c, OWN, " http2") + "}\n")

    def start(self):
        self.configure()
        self.gates.start()
        self.nginx = subprocess.Popen([NGINX, "-c", f"{self.base}/nginx.conf"], stderr=open(f"{self.base}/nginx.err", "wb"))
        wait_for(lambda: self.nginx.poll() is not None or self.listens(self.port))
        assert self.nginx.poll() is None, open(f"{self.base}/nginx.err").read()
        return self

    @staticmethod
    def listens(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def log_text(self):
        """All that nginx logged so far, for grep."""
        text = ""
        for name in os.listdir(self.logs):
            with open(f"{self.logs}/{name}", encoding="utf-8", errors="replace") as file:
                text += file.read()
        return text

    def stop(self):
        if self.nginx and self.nginx.poll() is None:
            self.nginx.send_signal(signal.SIGTERM)
            self.nginx.wait(10)
        self.gates.stop()
        shutil.rmtree(self.base, ignore_errors=True)
