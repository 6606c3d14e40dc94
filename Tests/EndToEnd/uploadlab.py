"""The API for real, without pool and workers: PostgreSQL, nginx as rendered, and as many api and upload processes as
wanted, on sockets at descriptor 0 as spawn-fcgi gives them. Tasks stay queued: nobody makes lessons here."""
import glob, http.client, json, os, shutil, socket, struct, subprocess, tempfile

from lab import NGINX, ROOT, Gates, Lab, free_port, programs, wait_for

SECRETS = {
    "SECRET_KEY": "kX7mQ2vR9tB4wN6zL1pS8dF3gH5jC0aY", "JWT_SECRET": "pW3eK8nV6yT1rX5uZ0qM7bJ2hG9fD4sL",
    "MEDIA_MASTER_KEY": "1:9c1e5d7a3f8b2046d1c3e5f7091b2d4f6a8c0e1f3b5d7f9a2c4e6081a3c5e7f9",
}


def as_postgres(*words):
    return ["runuser", "-u", "postgres", "--", *words] if os.getuid() == 0 else list(words)


class Server:
    """A PostgreSQL of the tests' own below one directory, on a unix socket."""

    def __init__(self, base):
        self.base, self.bin = base, sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        os.makedirs(f"{base}/pg")
        if os.getuid() == 0:
            shutil.chown(f"{base}/pg", "postgres")

    def start(self):
        quiet = dict(check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        subprocess.run(as_postgres(f"{self.bin}/initdb", "-D", f"{self.base}/pg/d", "-U", "reelgate", "--auth=trust", "--no-sync",
                                   "-E", "UTF8", "--locale=C.UTF-8"), **quiet)
        subprocess.run(as_postgres(f"{self.bin}/pg_ctl", "-D", f"{self.base}/pg/d", "-w", "-s", "-l", f"{self.base}/pg/log", "-o",
                                   f"-c listen_addresses= -c fsync=off -c unix_socket_directories={self.base}/pg", "start"), **quiet)
        self.sql("create database reelgate", "postgres")

    def url(self, database="reelgate"):
        return f"postgresql:///{database}?host={self.base}/pg&user=reelgate"

    def sql(self, statement, database="reelgate"):
        """The answer's lines, columns joined by |."""
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database)],
                              capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if line]

    def stop(self):
        subprocess.run(as_postgres(f"{self.bin}/pg_ctl", "-D", f"{self.base}/pg/d", "-m", "immediate", "-s", "stop"), cwd="/")


class UploadLab:
    """Everything below one short directory."""

    def __init__(self, api=2, upload=3, data=None, **settings):
        self.base = tempfile.mkdtemp(prefix="ru", dir="/tmp")
        os.chmod(self.base, 0o755)
        self.data, self.run = data or f"{self.base}/d", f"{self.base}/r"
        for directory in (self.data, f"{self.data}/tmp", self.run, f"{self.base}/l", f"{self.base}/w"):
            os.makedirs(directory, exist_ok=True)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.server = Server(self.base)
        self.settings = {
            "PATH": "/usr/bin:/bin", "DATA_DIR": self.data, "RUN_DIR": self.run, "DATABASE_URL": self.server.url(),
            "PUBLIC_BASE_URL": self.address, "SWIFT_BACKTRACE": "enable=no", **SECRETS, **settings}
        self.api = Gates(f"{self.run}/api.sock", {**self.settings, "REELGATE_ROLE": "api"}, api, "reelgate-api")
        self.upload = Gates(f"{self.run}/upload.sock", {**self.settings, "REELGATE_ROLE": "upload"}, upload, "reelgate-api")
        self.gates = Gates(f"{self.run}/gate.sock", self.settings, 1)
        self.nginx = None

    def reelgate(self, *words, **more):
        return subprocess.run([f"{programs()}/reelgate", *words], env=self.settings, capture_output=True, text=True, check=True, **more).stdout

    def start(self):
        self.server.start()
        self.reelgate("migrate", "--migrations", f"{ROOT}/migrations")
        self.key = self.reelgate("keys", "add", "--name", "lab", "--scopes", "upload,tokens").strip()
        for processes in (self.api, self.upload, self.gates):
            processes.start()
        self.reelgate("nginx", "render", "--demo", "--port", str(self.port), "--from", f"{ROOT}/nginx", "--www", f"{self.base}/w",
                      "--logs", f"{self.base}/l", "--out", f"{self.base}/n")
        subprocess.run([NGINX, "-c", f"{self.base}/n/vhosts/demo.conf", "-p", self.base], check=True, stderr=subprocess.DEVNULL)
        wait_for(lambda: Lab.listens(self.port))
        return self

    def stop(self):
        pid = f"{self.run}/nginx.pid"
        if os.path.exists(pid):
            subprocess.run([NGINX, "-c", f"{self.base}/n/vhosts/demo.conf", "-p", self.base, "-s", "stop"], stderr=subprocess.DEVNULL)
            wait_for(lambda: not os.path.exists(pid))
        for processes in (self.api, self.upload, self.gates):
            processes.stop()
        self.server.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    # What clients do

    def call(self, path, method="GET", body=None, headers=None, key=True):
        """Status, headers, and the body as JSON where it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"X-API-Key": self.key} if key is True else {}
        connection.request(method, path, body, {**given, **(headers or {})})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        try:
            return answer.status, answer.headers, json.loads(data)
        except ValueError:
            return answer.status, answer.headers, data

    def curl(self, file, *more, rel="t1/c1/m1/l1", path="/upload/lesson", name=None):
        """A form by curl: status and JSON."""
        names = zip(("trainer_id", "course_id", "module_id", "lesson_id"), rel.split("/"))
        form = [part for pair in names for part in ("-F", "=".join(pair))]
        shown = f";filename=\"{name}\"" if name else ""
        done = subprocess.run(["curl", "-sS", "-m", "120", "-H", f"X-API-Key: {self.key}", *form, "-F", f"video=@{file}{shown}", *more,
                               "-w", "\n%{http_code}", self.address + path], capture_output=True, text=True, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    # What there is to see

    def rows(self, table):
        return int(self.server.sql(f"select count(*) from {table}")[0])

    def incoming(self):
        return sorted(glob.glob(f"{self.data}/uploads/.incoming/*"))

    def stored(self):
        return sorted(glob.glob(f"{self.data}/uploads/*/*/*/*/*"))

    def requests(self):
        """The access log's lines of all processes."""
        with open(f"{self.run}/gate.log", encoding="utf-8", errors="replace") as log:
            return [json.loads(line) for line in log if '"event":"request"' in line]

    def peak(self):
        """The highest resident memory of an upload process so far, in bytes."""
        def kilobytes(process):
            with open(f"/proc/{process.pid}/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        return max(kilobytes(process) for process in self.upload.processes) * 1024


class Sender:
    """A FastCGI client: what nginx would send, in pieces, or cut off in the middle."""

    def __init__(self, path, length, key, type="multipart/form-data; boundary=XX", method="POST", uri="/upload/lesson"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        params = {"REQUEST_METHOD": method, "REQUEST_URI": uri, "CONTENT_TYPE": type, "CONTENT_LENGTH": length,
                  "REMOTE_ADDR": "192.0.2.1", "HTTP_X_API_KEY": key}
        pairs = b"".join(self.length(n) + self.length(v) + n.encode() + str(v).encode() for n, v in params.items())
        self.record(1, struct.pack("!HB5x", 1, 0))
        self.record(4, pairs)
        self.record(4, b"")

    @staticmethod
    def length(text):
        count = len(str(text).encode())
        return bytes([count]) if count < 128 else struct.pack("!I", count | 1 << 31)

    def record(self, kind, content):
        self.socket.sendall(struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content)

    def body(self, data):
        for at in range(0, len(data), 32768):
            self.record(5, data[at:at + 32768])

    def finish(self):
        """Ends the body; answers the status."""
        self.record(5, b"")
        return self.answer()

    def answer(self):
        data, out = self.socket.makefile("rb"), b""
        while head := data.read(8):
            _, kind, _, length, padding = struct.unpack("!BBHHBx", head)
            content = data.read(length)
            data.read(padding)
            if kind == 6:
                out += content
        return int(out[8:11]) if out.startswith(b"Status: ") else 0

    def close(self):
        self.socket.close()
