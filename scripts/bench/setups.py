"""The set-ups that bench-gate compares: the product's nginx files, and what answers the question behind them."""
import os, re, shutil, signal, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/Tests/EndToEnd")
from gate import ask  # noqa: E402
from lab import Gates, Lab, wait_for  # noqa: E402
from tokens import mint  # noqa: E402
from tree import LESSON, LESSONS, PUBLICATION  # noqa: E402

GATES = 4
PEERS = f"{ROOT}/scripts/bench/peers"


class Authorizer(Gates):
    """The C authorizer on the gate's socket: one process that forks the others."""

    def __init__(self, path, environment):
        super().__init__(path, environment, 1, "authorizer")
        self.binary = os.path.dirname(path) + "/authorizer"
        subprocess.run(["cc", "-O2", "-o", self.binary, f"{ROOT}/scripts/bench/authorizer.c"], check=True)

    def command(self):
        return [self.binary, str(GATES)]


class Unguarded(Lab):
    """The same set without the question."""

    def configure(self):
        super().configure()
        change(f"{self.conf}/parts/media.conf", "auth_request /_gate;", "")


def change(path, old, new):
    with open(path) as file:
        text = file.read()
    assert old in text, path
    with open(path, "w") as file:
        file.write(text.replace(old, new))


class Peer(Gates):
    """Somebody else's responder on the gate's socket, with as many workers as there are gates."""

    def start(self):
        base = os.path.dirname(self.path)
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.processes = [subprocess.Popen(self.line(base), env={**os.environ, **self.environment, "HOME": base, "PATH": os.environ["PATH"]},
                                           stdout=subprocess.DEVNULL, stderr=open(f"{base}/peer.log", "ab"), start_new_session=True)]
        wait_for(lambda: self.processes[0].poll() is not None or os.path.exists(self.path), 20)
        assert self.processes[0].poll() is None, open(f"{base}/peer.log").read()
        time.sleep(1)
        os.chmod(self.path, 0o666)

    def stop(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes = []


class PHP(Peer):
    needs, title, fastcgi = "php8.2-fpm", "php-fpm 8.2", True
    extra = f"fastcgi_param SCRIPT_FILENAME {PEERS}/authorize.php; fastcgi_param REQUEST_METHOD GET;"

    def line(self, base):
        user = "user = root\ngroup = root\n" if os.getuid() == 0 else ""
        with open(f"{base}/fpm.conf", "w") as file:
            file.write(f"[global]\nerror_log = {base}/fpm.log\ndaemonize = no\n[www]\n{user}listen = {self.path}\nlisten.backlog = 1024\n"
                       f"pm = static\npm.max_children = {GATES}\nclear_env = no\n")
        return ["php-fpm8.2", "-F", "-R", "-y", f"{base}/fpm.conf"]


class Go(Peer):
    needs, title, fastcgi = "golang-go", "Go net/http/fcgi", True
    extra = "fastcgi_param REQUEST_METHOD GET; fastcgi_param SERVER_PROTOCOL HTTP/1.1; fastcgi_param REQUEST_URI /;"

    def line(self, base):
        self.environment = {**self.environment, "GOMAXPROCS": str(GATES)}
        subprocess.run(["go", "build", "-o", f"{base}/authorize", f"{PEERS}/authorize.go"], check=True,
                       env={**os.environ, "GO111MODULE": "off", "GOCACHE": f"{base}/go", "HOME": base})
        return [f"{base}/authorize", self.path]


class Flask(Peer):
    needs, title, fastcgi = "gunicorn python3-flask", "gunicorn and Flask", False

    def line(self, base):
        return ["/usr/bin/python3", "-m", "gunicorn", "--workers", str(GATES), "--bind", f"unix:{self.path}", "--chdir", PEERS, "--log-level",
                "error", "--config", "/dev/null", "--pythonpath", PEERS, "authorize:application"]


class Node(Peer):
    needs, title, fastcgi = "nodejs", "Node", False

    def line(self, base):
        return ["node", f"{PEERS}/authorize.js", self.path, str(GATES)]


class Beside(Lab):
    """The product's nginx files with a peer behind `auth_request`."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.gates = kind(self.gates.path, self.settings)

    def configure(self):
        super().configure()
        gate = f"{self.conf}/locations/gate.conf"
        if self.kind.fastcgi:
            change(gate, "fastcgi_param RG_KIND f;", "fastcgi_param RG_KIND f; " + self.kind.extra)
            return
        with open(f"{self.conf}/http/upstreams.conf", "a") as file:
            file.write(f"upstream rg_peer {{ server unix:{self.gates.path}; keepalive 32; }}\n")
        with open(gate) as file:
            text = re.sub(r"    include [^;]*gate-params.conf;.*?fastcgi_pass rg_gate;\n", """    proxy_pass http://rg_peer/;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Uri $rg_uri;
""", file.read(), flags=re.S)
        assert "rg_peer" in text
        with open(gate, "w") as file:
            file.write(text)


def honest(lab):
    """A responder that lets everything through would be a fast one."""
    path = f"{LESSON}/{PUBLICATION}/720p/0.ts"
    good = mint(LESSON)
    for token, status in ((good, 200), (None, 401), (good[:-4] + "AAAA", 401), (mint(LESSON, exp=1_700_000_000, iat=1_699_999_000), 401),
                          (mint(LESSON, secret="x" * 32), 401), (mint(LESSONS[1]), 403), (mint(LESSON, {"alg": "none"}), 401)):
        answer = ask(lab, "hls2", path, token)
        assert answer.status == status, (type(lab.gates).__name__, status, answer)


ALL = {"php": PHP, "go": Go, "flask": Flask, "node": Node}
PROGRAMS = {"php": "php-fpm8.2", "go": "go", "flask": "gunicorn", "node": "node"}


def found():
    """The peers that are installed; the others are named."""
    there = {name: kind for name, kind in ALL.items() if shutil.which(PROGRAMS[name], path=os.environ["PATH"] + ":/usr/sbin")}
    for name in ALL:
        if name not in there:
            print(f"not here, so not compared: {ALL[name].title} (package {ALL[name].needs})")
    return there
