"""What bench-gate runs: several nginx set-ups over the same files, wrk at each in turn."""
import argparse, os, re, statistics, subprocess, time

import encoding
import setups
from setups import GATES, Authorizer, Unguarded

from allocations import measure  # noqa: E402
from lab import GOOD, HOST, Lab  # noqa: E402
from tokens import mint  # noqa: E402
from tree import LESSON, PUBLICATION  # noqa: E402

FILES = {"750 kB segment": ("100.ts", 750_000), "16-byte file": ("101.ts", 16)}


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


def spread(values, digits=3):
    """Median, lower quartile, and both ends."""
    values = sorted(values)
    quartile = statistics.quantiles(values, n=4, method="inclusive")[0] if len(values) > 1 else values[0]
    return (f"{statistics.median(values):.{digits}f} (lower quartile {quartile:.{digits}f}, "
            f"{values[0]:.{digits}f}…{values[-1]:.{digits}f})")


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return int(re.search(r"Pss:\s+(\d+) kB", file.read()).group(1)) / 1024


def started(lab, *files):
    """A lab with these files in it."""
    for file, size in files:
        lab.tree.put(f"hls/{LESSON}/{PUBLICATION}/720p/{file}", os.urandom(size))
    return lab.start()


def against_the_least(token, seconds, pairs):
    """The gate, no question at all, and the least authorizer there can be."""
    labs = {}
    try:
        for name, kind in (("unguarded", Unguarded), ("gate", Lab), ("authorizer", Lab)):
            lab = labs[name] = kind()
            if name == "authorizer":
                lab.gates = Authorizer(lab.gates.path, lab.settings)
            started(lab, *FILES.values())
        asked, costs = 0, {"gate": [], "authorizer": []}
        for title, (file, _) in FILES.items():
            rates = {name: [] for name in labs}
            for _ in range(pairs):
                for name, lab in labs.items():
                    before = busy(processes(lab.gates))
                    rate, count = wrk(lab, file, token, seconds)
                    if name in costs:
                        costs[name].append((busy(processes(lab.gates)) - before) / count * 1e6)
                    rates[name].append(rate)
                    asked += count if name == "gate" else 0
            for name in labs:
                print(f"{title}: {name} {spread(rates[name], 0)} requests a second")
            rounds = list(zip(rates["unguarded"], rates["gate"], rates["authorizer"]))
            print(f"{title}: guarded ÷ unguarded {spread([g / u for u, g, _ in rounds])}, "
                  f"with the C authorizer {spread([c / u for u, _, c in rounds])}")
            print(f"{title}: gate ÷ C authorizer {spread([g / c for _, g, c in rounds])}   (goal: at least 0.9)", flush=True)
        print("processor time a question, µs: gate " + spread(costs["gate"], 1) + ", C authorizer " + spread(costs["authorizer"], 1))
        while asked < GATES * 110_000:
            asked += wrk(labs["gate"], "101.ts", token, seconds)[1]
        sizes = sorted(pss(p.pid) for p in labs["gate"].gates.processes)
        print(f"a gate child after {asked // GATES} requests: Pss {sizes[-1]:.1f} MB at most, {sizes[0]:.1f} at least   (goal: at most 15)")
    finally:
        for lab in labs.values():
            lab.stop()


def against_peers(token, seconds, pairs):
    """The gate and what other sites answer the same question with, on the small file, turn by turn."""
    labs = {"gate": Lab()}
    try:
        for name, kind in setups.found().items():
            labs[name] = setups.Beside(kind)
        for lab in labs.values():
            setups.honest(started(lab, FILES["16-byte file"]))
        rates = {name: [] for name in labs}
        for _ in range(pairs):
            for name, lab in labs.items():
                rates[name].append(wrk(lab, "101.ts", token, seconds)[0])
        for name in labs:
            title = "the gate" if name == "gate" else setups.ALL[name].title
            print(f"16-byte file: {title}, {GATES} workers: {spread(rates[name], 0)} requests a second")
        for name in list(labs)[1:]:
            print(f"16-byte file: gate ÷ {setups.ALL[name].title} {spread([g / p for g, p in zip(rates['gate'], rates[name])], 2)}", flush=True)
    finally:
        for lab in labs.values():
            lab.stop()


def memory(token, requests):
    """What a gate child holds before and after many requests."""
    lab = Lab()
    try:
        started(lab, FILES["16-byte file"])
        wrk(lab, "101.ts", token, 2)
        before = {p.pid: pss(p.pid) for p in lab.gates.processes}
        open_before = {pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in before}
        asked = 0
        while asked < requests:
            asked += wrk(lab, "101.ts", token, 5)[1]
        for pid, size in before.items():
            print(f"a gate child: Pss {size:.2f} MB before, {pss(pid):.2f} MB after {asked // GATES} requests of {asked}; "
                  f"{open_before[pid]} descriptors before, {len(os.listdir(f'/proc/{pid}/fd'))} after   (goal: grows by less than 2 MB)")
    finally:
        lab.stop()


def allocations(count):
    """Who allocates between accept and answer; whether the allow path is free of ours."""
    found = measure(count)
    for name, counts in found.items():
        each = ", ".join(f"{owner} {counts[owner] / counts['requests']:.2f}" for owner in ("ours", "libfcgi", "libcrypto"))
        print(f"allocations a request, {name if name == 'refusal' else 'allowed over /' + name}: {each}")
    return all(found[name]["ours"] == 0 for name in found if name != "refusal")


def main():
    words = argparse.ArgumentParser(prog="bench-gate")
    words.add_argument("--seconds", type=int, default=4)
    words.add_argument("--pairs", type=int, default=5)
    words.add_argument("--peers", action="store_true")
    words.add_argument("--memory", type=int, metavar="N")
    words.add_argument("--allocations", action="store_true")
    words.add_argument("--while-encoding", action="store_true")
    words.add_argument("--rate", type=int, default=500)
    words.add_argument("--nice", type=int, action="append")
    words.add_argument("--policy", choices=("other", "batch", "idle"), default="other")
    words.add_argument("--film")
    words = words.parse_args()
    token = mint(LESSON, exp=int(time.time()) + 80_000)
    if words.while_encoding:
        encoding.measure(words.film, words.rate, words.seconds, words.pairs, words.nice or [10], words.policy)
    elif words.allocations:
        raise SystemExit(0 if allocations(2000) else 1)
    elif words.memory:
        memory(token, words.memory)
    elif words.peers:
        against_peers(token, words.seconds, words.pairs)
    else:
        against_the_least(token, words.seconds, words.pairs)


main()
