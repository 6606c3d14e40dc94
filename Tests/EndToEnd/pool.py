"""The real pool over stand-in children (Tests/Support/poolchild), a FastCGI client, and a look at processes."""
import json, os, random, shutil, signal, socket, struct, subprocess, tempfile, threading, time

from lab import programs, wait_for
from tokens import SECRET

SETTINGS = {
    "DATABASE_URL": "postgresql:///none", "PUBLIC_BASE_URL": "http://127.0.0.1:9", "SECRET_KEY": SECRET,
    "JWT_SECRET": "pW3eK8nV6yT1rX5uZ0qM7bJ2hG9fD4sL", "MEDIA_MASTER_KEY": "1:" + bytes(range(32)).hex(), "GATE_PROCESSES": "4", "API_PROCESSES": "2", "UPLOAD_PROCESSES": "2",
    "WORKER_PROCESSES": "1", "DRAIN_SECONDS": "20"}


def record(kind, body):
    return struct.pack(">BBHHBx", 1, kind, 1, len(body), 0) + body


def send(path, url, **parameters):
    """Opens a FastCGI request as nginx does (one a connection) and answers the socket."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(30)
    connection.connect(path)
    named = {"PATH": url, "REQUEST_METHOD": "GET", **parameters}
    pair = b"".join(bytes([len(n), len(v)]) + n.encode() + v.encode() for n, v in named.items())
    connection.sendall(record(1, b"\0\1\0\0\0\0\0\0") + record(4, pair) + record(4, b"") + record(5, b""))
    return connection


def receive(connection):
    """The body, or None when the answer broke off."""
    data = b""
    with connection:
        while True:
            try:
                more = connection.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                break
            data += more
    out, ended = b"", False
    while len(data) >= 8:
        _, kind, _, length, padding = struct.unpack(">BBHHBx", data[:8])
        body, data = data[8:8 + length], data[8 + length + padding:]
        out += body if kind == 6 else b""
        ended = ended or kind == 3
    return out.partition(b"\r\n\r\n")[2].decode() if ended else None


def ask(path, url="/", **parameters):
    try:
        return receive(send(path, url, **parameters))
    except OSError:
        return None


def stat(process):
    """Name, state and parent, or None when there is no such process."""
    try:
        with open(f"/proc/{process}/stat") as file:
            text = file.read()
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return name, fields[0], int(fields[1])


def children(process):
    """Process ids of living children by program name (as cut by the kernel)."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (seen := stat(entry)) and seen[2] == process and seen[1] != "Z":
            found.setdefault(seen[0], []).append(int(entry))
    return found


def alive(process):
    seen = stat(process)
    return seen is not None and seen[1] != "Z"


class PoolLab:
    """A directory with the pool's program and its children's, all of them stand-ins but those named in `real`."""

    def __init__(self, arguments=(), real=(), **settings):
        self.base = tempfile.mkdtemp(prefix="rp", dir="/tmp")
        self.run, self.bin, self.log = f"{self.base}/r", f"{self.base}/b", f"{self.base}/log"
        os.makedirs(self.run)
        os.makedirs(self.bin)
        for name in ("reelgate", "reelgate-pool", *real):
            shutil.copy(f"{programs()}/{name}", f"{self.bin}/{name}")
        for name in ("gate", "api", "worker", "keeper"):
            if f"reelgate-{name}" not in real:
                shutil.copy(f"{programs()}/poolchild", f"{self.bin}/reelgate-{name}")
        self.arguments = list(arguments)
        self.environment = {"DATA_DIR": self.base, "RUN_DIR": self.run, **SETTINGS, **settings}
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def start(self):
        self.process = subprocess.Popen(
            [f"{self.bin}/reelgate", "serve", *self.arguments], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=open(self.log, "ab"), start_new_session=True)
        wait_for(lambda: self.events("ready") or self.process.poll() is not None, 20)
        assert self.process.poll() is None, open(self.log).read()

    def __exit__(self, *_):
        known = [p for group in children(self.process.pid).values() for p in group]
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for process in known:  # each leads a group: its helpers go with it
            try:
                os.killpg(process, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.base, ignore_errors=True)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def socket(self, role="gate"):
        return f"{self.run}/{role}.sock"

    def pids(self, program="reelgate-gate"):
        return children(self.process.pid).get(program[:15], [])

    def events(self, name):
        found = []
        with open(self.log) as file:
            for line in file:
                if line.startswith("{") and (entry := json.loads(line))["event"] == name:
                    found.append(entry)
        return found

    def metrics(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(f"{self.run}/metrics.sock")
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b""
            while more := connection.recv(65536):
                text += more
        values = {}
        for line in text.decode().partition("\r\n\r\n")[2].splitlines():
            if not line.startswith("#"):
                name, value = line.split(" ")
                values[name] = float(value)
        return values


class PooledGates:
    """Real gates behind a lab's nginx, kept alive by the pool."""

    def __init__(self, lab, **settings):
        self.lab, self.settings, self.pool = lab, settings, None

    def start(self):
        self.pool = PoolLab(["--role", "gate"], real=["reelgate-gate"], **{**self.lab.settings, **self.settings})
        self.pool.run = self.lab.run
        self.pool.environment["RUN_DIR"] = self.lab.run
        self.pool.start()

    def stop(self):
        self.pool.__exit__()


class Load:
    """Clients that ask again and again while something happens: a socket by FastCGI, or by a function of theirs."""

    def __init__(self, path, clients=6, tries=1, urls=("/",)):
        self.ask = ask if isinstance(path, str) else path
        self.path, self.tries, self.urls = path, tries, urls
        self.good = self.bad = 0
        self.seen, self.going, self.lock = set(), True, threading.Lock()
        self.threads = [threading.Thread(target=self.go, args=(n,), daemon=True) for n in range(clients)]

    def go(self, number):
        choose = random.Random(number)
        while self.going:
            for _ in range(self.tries):
                answer = self.ask(self.path, choose.choice(self.urls))
                if answer is not None:
                    break
            with self.lock:
                if answer is None:
                    self.bad += 1
                else:
                    self.good += 1
                    self.seen.add(answer)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.going = False
        for thread in self.threads:
            thread.join(40)
            assert not thread.is_alive()

    def pass_requests(self, count, seconds=30):
        until = self.good + count
        wait_for(lambda: self.good >= until, seconds)


def steady(lab, program="reelgate-gate", count=4):
    """Waits until as many children serve as should."""
    wait_for(lambda: len(lab.pids(program)) == count, 20)
