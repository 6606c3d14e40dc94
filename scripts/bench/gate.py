"""What bench-gate runs: three nginx set-ups over the same files, wrk at each in turn."""
import argparse, os, re, statistics, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/Tests/EndToEnd")
import encoding  # noqa: E402
from lab import GOOD, HOST, Gates, Lab  # noqa: E402
from tokens import mint  # noqa: E402
from tree import LESSON, PUBLICATION  # noqa: E402

GATES = 4
FILES = {"750 kB segment": ("100.ts", 750_000), "16-byte file": ("101.ts", 16)}


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
        path = f"{self.conf}/parts/media.conf"
        with open(path) as file:
            text = file.read().replace("auth_request /_gate;", "")
        with open(path, "w") as file:
            file.write(text)


def wrk(lab, name, token, seconds, connections=16):
    """Requests a second."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", f"Host: {HOST}", "-H", f"Authorization: Bearer {token}",
         "-H", f"Referer: {GOOD}/", f"http://127.0.0.1:{lab.port}/hls2/{LESSON}/{PUBLICATION}/720p/{name}"],
        capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in done, done
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)), int(re.search(r"(\d+) requests in", done).group(1))


def processes(gates):
    """The children that answer, those the authorizer forked included."""
    first = [p.pid for p in gates.processes]
    found = list(first)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) in first:
                        found.append(int(entry))
            except OSError:
                pass
    return found


def busy(pids):
    """Seconds of processor time, user and system."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        total += int(words[11]) + int(words[12])
    return total / os.sysconf("SC_CLK_TCK")


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f}…{max(values):.3f})"


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return int(re.search(r"Pss:\s+(\d+) kB", file.read()).group(1)) / 1024


def main():
    words = argparse.ArgumentParser(prog="bench-gate")
    words.add_argument("--seconds", type=int, default=4)
    words.add_argument("--pairs", type=int, default=5)
    words.add_argument("--while-encoding", action="store_true")
    words.add_argument("--rate", type=int, default=500)
    words.add_argument("--nice", type=int, action="append")
    words.add_argument("--policy", choices=("other", "batch", "idle"), default="other")
    words.add_argument("--film")
    words = words.parse_args()
    if words.while_encoding:
        return encoding.measure(words.film, words.rate, words.seconds, words.pairs, words.nice or [10], words.policy)
    token = mint(LESSON, exp=int(__import__("time").time()) + 80_000)
    labs = {}
    try:
        for name, kind in (("unguarded", Unguarded), ("gate", Lab), ("authorizer", Lab)):
            lab = labs[name] = kind()
            for file, size in FILES.values():
                lab.tree.put(f"hls/{LESSON}/{PUBLICATION}/720p/{file}", os.urandom(size))
            if name == "authorizer":
                lab.gates = Authorizer(lab.gates.path, lab.settings)
            lab.start()
        asked, costs = 0, {"gate": [], "authorizer": []}
        for title, (file, _) in FILES.items():
            rates = {name: [] for name in labs}
            for _ in range(words.pairs):
                for name, lab in labs.items():
                    before = busy(processes(lab.gates))
                    rate, count = wrk(lab, file, token, words.seconds)
                    if name in costs:
                        costs[name].append((busy(processes(lab.gates)) - before) / count * 1e6)
                    rates[name].append(rate)
                    asked += count if name == "gate" else 0
            for name in labs:
                print(f"{title}: {name} {statistics.median(rates[name]):.0f} requests a second "
                      f"({min(rates[name]):.0f}…{max(rates[name]):.0f})")
            pairs = list(zip(rates["unguarded"], rates["gate"], rates["authorizer"]))
            print(f"{title}: guarded ÷ unguarded {spread([g / u for u, g, _ in pairs])}, "
                  f"with the C authorizer {spread([c / u for u, _, c in pairs])}")
            print(f"{title}: gate ÷ C authorizer {spread([g / c for _, g, c in pairs])}   (goal: at least 0.9)", flush=True)
        print("processor time a question, µs: gate " + spread(costs["gate"]) + ", C authorizer " + spread(costs["authorizer"]))
        while asked < GATES * 110_000:
            asked += wrk(labs["gate"], "101.ts", token, words.seconds)[1]
        sizes = sorted(pss(p.pid) for p in labs["gate"].gates.processes)
        print(f"a gate child after {asked // GATES} requests: Pss {sizes[-1]:.1f} MB at most, {sizes[0]:.1f} at least   (goal: at most 15)")
    finally:
        for lab in labs.values():
            lab.stop()


main()
