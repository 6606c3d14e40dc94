"""What bench-gate --while-encoding runs: the gate asked at a fixed rate, idle and while the product's helper encodes on all cores."""
import os, signal, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/Tests/EndToEnd")
from lab import GOOD, HOST, Lab  # noqa: E402
from tokens import mint  # noqa: E402
from tree import LESSON, PUBLICATION  # noqa: E402

NAMES = ("p50", "p90", "p99", "p99.9", "max")


class Encoders:
    """The product's plan and helper over a film, again and again, as workers run it: this niceness, best-effort 7 for the disk."""

    def __init__(self, film, nice, workers, policy):
        self.place = tempfile.mkdtemp(prefix="rgb", dir="/tmp")
        line = f'while :; do rm -rf "$2/out"; "$0" "$1" mp4 "$2/out" {workers} >/dev/null || exit 1; done'
        self.process = subprocess.Popen(
            ["chrt", f"--{policy}", "0", "nice", "-n", str(nice), "ionice", "-c", "2", "-n", "7", "sh", "-c", line, f"{os.environ['REELGATE_BIN']}/transcoder", film, self.place],
            process_group=0)  # a group, as the worker gives it, not a session: niceness may count within one only

    def busy(self):
        """Waits until it encodes on every core."""
        for _ in range(60):
            time.sleep(1)
            assert self.process.poll() is None, "the encoder ended"
            if share(1) > 0.95:
                return
        sys.exit("bench-gate: the encoders don't fill the machine")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        time.sleep(0.5)
        subprocess.run(["rm", "-rf", self.place])


def times():
    with open("/proc/stat") as file:
        words = [int(word) for word in file.readline().split()[1:]]
    return sum(words[:8]), words[3] + words[4]


def share(seconds, run=None):
    """The part of all cores that was busy."""
    all_before, idle_before = times()
    run() if run else time.sleep(seconds)
    all_after, idle_after = times()
    return 1 - (idle_after - idle_before) / (all_after - all_before)


def ask(lab, program, token, rate, seconds):
    request = (f"GET /hls2/{LESSON}/{PUBLICATION}/720p/101.ts HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
               f"Referer: {GOOD}/\r\n\r\n").encode()
    done = subprocess.run([program, str(lab.port), str(rate), str(seconds)], input=request, capture_output=True)
    return [float(word) for word in done.stdout.split()]


def measure(film, rate, seconds, rounds, nices, policy="other"):
    lab = Lab()
    program = f"{lab.base}/openloop"
    worst = {}
    try:
        subprocess.run(["cc", "-O2", "-o", program, f"{ROOT}/scripts/bench/openloop.c"], check=True)
        lab.tree.put(f"hls/{LESSON}/{PUBLICATION}/720p/101.ts", os.urandom(16))
        lab.start()
        token = mint(LESSON, exp=int(time.time()) + 80_000)
        for nice in (None, *nices):
            title = "nothing encoded" if nice is None else f"encoding, niceness {nice}, {policy}"
            encoders = Encoders(film, nice, os.cpu_count(), policy) if nice is not None else None
            try:
                if encoders:
                    encoders.busy()
                for _ in range(rounds):
                    figures = []
                    part = share(0, lambda: figures.extend(ask(lab, program, token, rate, seconds)))
                    answers, failed, connections, *rest = figures
                    worst.setdefault(title, []).append(rest[2])
                    print(f"{title}: {rate} requests a second, {int(answers)} answers, {int(failed)} failures, {int(connections)} connections, cores busy "
                          f"{part:.0%}; from the intended moment, ms: " + ", ".join(f"{name} {value:.1f}" for name, value in zip(NAMES, rest)) +
                          f"; asked late by p50 {rest[5]:.2f}, p99 {rest[6]:.1f}, max {rest[7]:.1f}", flush=True)
            finally:
                if encoders:
                    encoders.stop()
    finally:
        lab.stop()
    for title, values in worst.items():
        print(f"{title}: worst p99 of {rounds} runs {max(values):.1f} ms" + ("" if title == "nothing encoded" else "   (goal: at most 50)"))
