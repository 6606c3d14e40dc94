"""What bench-api measures: the catalogue through nginx, the product and a peer in turn. Each question of `questions` is a
kind, a limit for its p95, the paths to ask, and whether the peer answers it; further features add theirs there."""
import argparse, json, multiprocessing, os, random, re, socket, subprocess, sys, time, urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{ROOT}/Tests/EndToEnd", os.path.dirname(os.path.abspath(__file__))]
import catalogue, searches  # noqa: E402
from lab import NGINX, Lab, free_port, wait_for  # noqa: E402
from tokens import sign  # noqa: E402
from uploadlab import SECRETS, UploadLab, as_postgres  # noqa: E402

WORKERS = 4
PEOPLE = 600
PEERS = f"{ROOT}/scripts/bench/peers"


class BenchLab(UploadLab):
    """The product with a filled catalogue, and a peer behind a second nginx with the same files."""

    def __init__(self, rows, options):
        super().__init__(api=WORKERS, upload=1, RATE_KEY="1000000", RATE_ANONYMOUS="1000000")
        self.rows, self.options, self.peer, self.peer_port = rows, options, None, free_port()

    def start(self):
        super().start()
        self.key = self.reelgate("keys", "add", "--name", "bench", "--scopes", "catalog").strip()
        began = time.time()
        catalogue.fill(self.server.url(), self.rows, self.options.users, self.options.history)
        say(f"filling the database took {time.time() - began:.0f} s")
        began = time.time()
        self.reelgate("recommendations", "rebuild")
        say(f"making the recommendations took {time.time() - began:.0f} s")
        if not self.options.no_peer:
            self.start_peer()
        return self

    def start_peer(self):
        socket, files = f"{self.base}/r/peer.sock", f"{self.base}/p"
        self.peer = subprocess.Popen(
            ["/usr/bin/python3", "-m", "gunicorn", "--workers", str(WORKERS), "--bind", f"unix:{socket}", "--chdir", PEERS, "--log-level", "warning",
             "catalog:application"], env={"PATH": "/usr/bin:/bin", "HOME": self.base, "DATABASE_URL": self.server.url(), "API_KEY": self.key,
                                          "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL, stderr=open(f"{self.base}/peer.log", "wb"), start_new_session=True)
        self.reelgate("nginx", "render", "--demo", "--port", str(self.peer_port), "--from", f"{ROOT}/nginx", "--www", f"{self.base}/w",
                      "--logs", f"{self.base}/l", "--out", files)
        with open(f"{files}/parts/api.conf") as file:
            text = file.read()
        text = re.sub(r"include [^;]*/fastcgi.conf;.*fastcgi_pass rg_api;", f"proxy_pass http://unix:{socket};\nproxy_set_header Host $host;", text, flags=re.S)
        assert "proxy_pass" in text
        with open(f"{files}/parts/api.conf", "w") as file:
            file.write(text)
        conf = f"{files}/vhosts/demo.conf"
        with open(conf) as file:
            text = re.sub(r"pid [^;]*;", f"pid {self.base}/r/peer.pid;", file.read())
        with open(conf, "w") as file:
            file.write(text)
        wait_for(lambda: os.path.exists(socket) or self.peer.poll() is not None, 20)
        subprocess.run([NGINX, "-c", conf, "-p", self.base], check=True)
        wait_for(lambda: Lab.listens(self.peer_port))

    def stop(self):
        if self.peer:
            with open(f"{self.base}/r/peer.pid") as file:
                os.kill(int(file.read()), 15)
            self.peer.terminate()
            self.peer.wait()
        super().stop()


def say(text):
    print(text, flush=True)


def bearer(user):
    """A site's own access token for one of its people."""
    claims = {"sub": user, "role": "viewer", "exp": int(time.time()) + 3600}
    return {"Authorization": "Bearer " + sign({"alg": "HS256", "typ": "JWT"}, claims, SECRETS["JWT_SECRET"])}


def client(port, asked, results):
    """One of several that ask at once, each over its own connection; milliseconds and what was found. It shares the cores
    with what it measures, so while it asks it does little but send and read."""
    requests = [(number, "".join([f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n", *(f"{name}: {value}\r\n" for name, value in headers.items()), "\r\n"]).encode())
                for number, (path, headers) in asked]
    connection, answers = socket.create_connection(("127.0.0.1", port), timeout=60), []
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for number, request in requests:
        began = time.perf_counter()
        connection.sendall(request)
        head, more, body = connection.recv(1 << 18), True, b""
        while b"\r\n\r\n" not in head and more:
            head += (more := connection.recv(1 << 18))
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1])
        while len(body) < length and more:
            body += (more := connection.recv(1 << 18))
        answers.append((number, 1000 * (time.perf_counter() - began), head, body))
    found = []
    for number, took, head, body in answers:
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"{head[:20]} at {dict(asked)[number][0]}: {body[:300]}")
        shown = json.loads(body)
        found.append((number, took, [item["id"] for item in shown["items"]] if "items" in shown else [shown["id"]]))
    results.put(found)


def ask(port, asked, parallel):
    """Every path with its headers once, `parallel` at a time, in the order of the list."""
    results, numbered = multiprocessing.Queue(), list(enumerate(asked))
    processes = [multiprocessing.Process(target=client, args=(port, numbered[n::parallel], results)) for n in range(parallel)]
    for process in processes:
        process.start()
    answers = sorted(answer for _ in processes for answer in results.get(timeout=600))
    for process in processes:
        process.join()
    return [took for _, took, _ in answers], [ids for _, _, ids in answers]


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def questions(lab, rows, made):
    """Kind, what its p95 may be in milliseconds (None: it is only printed), paths with their headers, and whether the peer can be asked too."""
    def service(paths):
        return [(path, {"X-API-Key": lab.key}) for path in paths]
    chance = random.Random(3)
    shown = [row for row in rows if row["type"] != "episode"]
    orders = ["newest", "views", "rating", "year", "title"]
    filters = ["", "&type=movie", "&genre=drama", "&language=de", "&genre=western&year=2019", "&required_level=premium&type=series"]
    people = [bearer(user) for user in lab.server.sql(f"select id from users where role = 'viewer' order by email limit {PEOPLE}")]
    return [
        ("search", 50, service("/api/content?limit=10&search=" + urllib.parse.quote(typed) for _, typed, _, _ in made), True),
        ("list", 15, service(f"/api/content?limit=20&sort={chance.choice(orders)}{chance.choice(filters)}" for _ in range(600)), True),
        ("title", 15, service("/api/content/" + chance.choice(shown)["id"] for _ in range(600)), True),
        ("personal", 50, [("/api/recommendations/personalized", who) for who in people], False),
        ("similar", None, [(f"/api/recommendations/similar/{chance.choice(shown)['id']}", chance.choice(people)) for _ in range(600)], False),
    ]


def recall(truth, made, answers):
    """By kind: the share of what must be found that was found among the first ten."""
    kinds = {}
    for (kind, _, words, unfinished), ids in zip(made, answers):
        good, count = truth.best(words, unfinished)
        kinds.setdefault(kind, []).append(len(set(ids[:10]) & good) / count if count else float(not ids))
    return {kind: sum(values) / len(values) for kind, values in kinds.items()}, sum(map(sum, kinds.values())) / len(made)


def plans(lab, rows, made):
    """What one question of each kind reads, statement by statement, as the product sends them."""
    log = f"{lab.base}/pg/log"
    settings = {"shared_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on",
                "auto_explain.log_buffers": "on", "auto_explain.log_timing": "off", "auto_explain.log_nested_statements": "on"}
    subprocess.run(
        as_postgres(f"{lab.server.bin}/pg_ctl", "-D", f"{lab.base}/pg/d", "-w", "-s", "-m", "fast", "-l", log, "-o",
                    f"-c listen_addresses= -c fsync=off -c unix_socket_directories={lab.base}/pg "
                    + " ".join(f"-c {name}={value}" for name, value in settings.items()), "restart"), check=True, cwd="/")
    kinds = {kind: asked for kind, _, asked, _ in questions(lab, rows, made)}
    first = {name: asked[0] for name, asked in kinds.items() if name != "search"}
    for (kind, typed, _, _), asked in zip(made, kinds["search"]):
        if not any(name.startswith(kind) for name in first):
            first[f"{kind}: {typed}"] = asked
    for name, asked in first.items():
        for _ in range(2):  # the first one also warms the cache
            start = os.path.getsize(log)
            ask(lab.port, [asked], 1)
            time.sleep(0.3)
        with open(log, errors="replace") as file:
            file.seek(start)
            text = file.read()
        say(f"\n{name}")
        for part in text.split("duration: ")[1:]:
            buffers = re.search(r"Buffers: (.*)", part)
            scans = re.findall(r"(Bitmap Index Scan on \w+|Index (?:Only )?Scan using \w+|Seq Scan on \w+)", part)
            say(f"  {part.split(' ms')[0]:>8} ms  {buffers[1] if buffers else 'no buffers':40} {', '.join(dict.fromkeys(scans))}")


def main():
    parser = argparse.ArgumentParser()
    for name, value in (("titles", 50_000), ("users", 10_000), ("history", 1_000_000), ("searches", 1000), ("parallel", 8)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--plans", action="store_true")
    options = parser.parse_args()
    rows = catalogue.titles(options.titles)
    made = searches.searches(rows, options.searches)
    truth = searches.Truth(rows)
    lab, missed = BenchLab(rows, options), []
    try:
        lab.start()
        sides = [("product", lab.port)] + ([] if options.no_peer else [("flask", lab.peer_port)])
        say(f"{'':8} {'':9} {'p50 ms':>8} {'p95 ms':>8} {'a second':>9}   {options.parallel} at once")
        for kind, limit, asked, by_peer in questions(lab, rows, made):
            found, middle = {}, {}
            for side, port in sides[:1 + by_peer]:
                ask(port, asked[:100], options.parallel)
            for side, port in sides[:1 + by_peer]:
                began = time.perf_counter()
                times, found[side] = ask(port, asked, options.parallel)
                rate = len(asked) / (time.perf_counter() - began)
                middle[side] = quantile(times, 0.5)
                say(f"{kind:8} {side:9} {quantile(times, 0.5):8.1f} {quantile(times, 0.95):8.1f} {rate:9.0f}")
                if side == "product" and limit and quantile(times, 0.95) > limit:
                    missed.append(f"{kind}: p95 {quantile(times, 0.95):.1f} ms is over {limit}")
                if kind == "search":
                    for one in searches.MIX:
                        own = [took for (name, *_), took in zip(made, times) if name == one]
                        say(f"  {one:8} {'':7} {quantile(own, 0.5):8.1f} {quantile(own, 0.95):8.1f}")
            if len(found) == 2:
                say(f"{kind:8} product takes {middle['product'] / middle['flask']:.2f} of the peer's time (p50)")
                if middle["product"] >= middle["flask"]:
                    missed.append(f"{kind}: the peer is ahead")
            if len(found) == 2 and found["product"] != found["flask"]:
                differ = sum(a != b for a, b in zip(found["product"], found["flask"]))
                missed.append(f"{kind}: {differ} of {len(asked)} answers differ between the two")
            if kind == "search":
                by_kind, whole = recall(truth, made, found["product"])
                say(f"recall@10 {whole:.3f}   " + "  ".join(f"{name} {value:.3f}" for name, value in by_kind.items()))
                if whole < 0.9:
                    missed.append(f"recall@10 {whole:.3f} is below 0.9")
        times, _ = ask(lab.port, questions(lab, rows, made)[0][2], 1)
        say(f"search   product   {quantile(times, 0.5):8.1f} {quantile(times, 0.95):8.1f}             one at a time")
        if options.plans:
            plans(lab, rows, made)
    finally:
        lab.stop()
    for text in missed:
        say(f"MISSED {text}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
