"""Who allocates while the gate has a request (allocations.c): one gate process under a counting malloc."""
import os, struct, subprocess

from gate import ask, token
from lab import GOOD, Lab
from test_cat import CBORTag, claims, mac
from tree import LESSON, SEGMENT

OWNERS = ("requests", "ours", "libfcgi", "libcrypto", "libc")


class Counted(Lab):
    """A lab whose one gate counts."""

    def __init__(self):
        super().__init__()
        self.counts, library = f"{self.base}/counts", f"{self.base}/allocations.so"
        with open(self.counts, "wb") as file:
            file.write(bytes(4096))
        source = f"{os.path.dirname(os.path.abspath(__file__))}/allocations.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-o", library, source], check=True)
        self.gates.count = 1
        self.gates.environment = {**self.settings, "LD_PRELOAD": library, "ALLOCATIONS_FILE": self.counts}

    def read(self):
        with open(self.counts, "rb") as file:
            return dict(zip(OWNERS, struct.unpack("5Q", file.read(40))))

    def during(self, transport, count, credential=None, status=200):
        """What is allocated while `count` questions are answered, after as many as wake everything up once."""
        def fetch(times):
            for _ in range(times):
                answer = ask(self, transport, f"{LESSON}/{SEGMENT}", credential)
                assert answer.status == status, answer
        fetch(20)
        before = self.read()
        fetch(count)
        return {name: value - before[name] for name, value in self.read().items()}


def measure(count):
    """Allocations on the allow path in each transport, and on a refusal."""
    lab = Counted()
    try:
        lab.start()
        found = {name: lab.during(name, count, token(name)) for name in ("hls2", "mobile", "play")}
        found["rules"] = lab.during("hls2", count, token(rules="deny agent:tool;allow net:127.0.0.0/8;deny *", ip="127.0.0.0/24"))
        found["cat"] = lab.during("hls2", count, mac(claims({
            311: [CBORTag(52, [8, b"\x7f"])], 312: {3: {1: "/hls2/"}}, 313: ["GET"], 315: {"referer": {1: GOOD}}})))
        found["refusal"] = lab.during("hls2", count, token(exp=1_700_000_000, iat=1_699_999_000), 401)
        return found
    finally:
        lab.stop()
