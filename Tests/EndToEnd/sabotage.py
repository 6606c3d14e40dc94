"""One thing broken on purpose, to prove that the oracle would see it: an edit of the rendered nginx set, or a shim between
nginx and the real gates that asks them something else than nginx asked. The product knows nothing of either."""
import base64, hashlib, hmac, json, re

from fcgi import Stub, call
from lab import Gates, Lab
from oracle import UNNAMED, Oracle
from tokens import SECRET, b64, sign
from tree import SEGMENT

LESSON_OF = re.compile(r"(/(?:hls2|mobile/hls2|play/[^/]+)/)((?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}/){3}[A-Za-z0-9][A-Za-z0-9_-]{0,63})/.")
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def decide_raw(values):
    """The lesson is read off the path as the client wrote it, and what follows is not looked at."""
    match = LESSON_OF.match(values["RG_RAW"].partition("?")[0])
    if match and values["RG_KIND"] == "f":
        path = f"{match.group(1)}{match.group(2)}/{SEGMENT}"
        return {"RG_URI": path, "RG_RAW": path}
    return {}


def forget_raw(values):
    """What the client wrote is not compared with what nginx made of it."""
    return {"RG_RAW": values["RG_URI"]}


def compare_letters(values):
    """A token is good for every lesson whose path begins with the letters of its own."""
    match = LESSON_OF.match(values["RG_URI"])
    carried = TOKEN.search(" ".join(values.get(n, "") for n in ("RG_URI", "RG_ARGS", "HTTP_AUTHORIZATION")))
    if not match or not carried:
        return {}
    head, payload, mac = carried.group().split(".")
    expected = b64(hmac.new(SECRET.encode(), f"{head}.{payload}".encode(), hashlib.sha256).digest())
    if mac != expected:
        return {}
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    if not match.group(2).startswith(claims["rel"]):
        return {}
    other = sign(json.loads(base64.urlsafe_b64decode(head + "==")), {**claims, "rel": match.group(2)})
    return {name: values[name].replace(carried.group(), other)
            for name in ("RG_URI", "RG_RAW", "RG_ARGS", "HTTP_AUTHORIZATION") if carried.group() in values.get(name, "")}


class Shim(Gates):
    """Takes nginx's questions, changes parameters, and asks the real gates on a socket of their own."""

    def __init__(self, gates, change):
        super().__init__(gates.path + ".real", gates.environment, gates.count, gates.program)
        self.front, self.change, self.stub = gates.path, change, None

    def start(self):
        super().start()
        self.stub = Stub(self.front)
        self.stub.answer = self.answer

    def answer(self, values):
        self.stub.seen.clear()
        changes = self.change(values)
        return call(self.path, [(name.encode("latin-1"), changes.get(name, value).encode("latin-1")) for name, value in values["pairs"]])

    def stop(self):
        if self.stub:
            self.stub.close()
        super().stop()


class Sabotage:
    """What is broken, and what the oracle must say within how many requests; `sign` is a kind of fault, or the word
    "collapse": hardly anything is served any more, and the run fails for that."""

    def __init__(self, within, sign, edits=(), change=None):
        self.within, self.sign, self.edits, self.change = within, sign, edits, change

    def lab(self):
        made = Lab()
        if self.change:
            made.gates = Shim(made.gates, self.change)
        configure = made.configure

        def broken():
            configure()
            for file, pattern, replacement in self.edits:
                with open(f"{made.conf}/{file}") as opened:
                    text = opened.read()
                changed = re.sub(pattern, replacement, text, flags=re.S)
                assert changed != text, file
                with open(f"{made.conf}/{file}", "w") as opened:
                    opened.write(changed)
        made.configure = broken
        return made

    def run(self, seed):
        """The oracle's run beside a hostile neighbour, and whether it saw what is broken."""
        made = self.lab()
        try:
            oracle = Oracle(made.start(), made.neighbour, seed)
            if self.sign == "collapse":
                oracle.run(self.within, until="nothing ends it early")
                return oracle, oracle.share() < 0.02 and not oracle.passed()
            oracle.run(self.within, until=self.sign)
            return oracle, oracle.found(self.sign) and not oracle.passed()
        finally:
            made.stop()


LOCATIONS = ("hls2", "mobile", "play")
SABOTAGES = {
    "raw-path": Sabotage(2000, "leak", change=decide_raw),
    "no-caret": Sabotage(2000, "leak", [(f"locations/{name}.conf", r"location \^~ ", "location ") for name in LOCATIONS]),
    "rel-prefix": Sabotage(2000, "leak by a token for another lesson", change=compare_letters),
    "no-canonical": Sabotage(20_000, UNNAMED, change=forget_raw),
    "set-misplaced": Sabotage(1000, "collapse", [
        *[(f"locations/{name}.conf", r" +set \$rg_uri \$uri;\n", "") for name in LOCATIONS],
        ("locations/gate.conf", r"internal;", "internal; set $rg_uri $uri;")]),
    "no-question": Sabotage(2000, "leak", [("parts/media.conf", r"auth_request /_gate;", "")]),
    "other-directory": Sabotage(2000, "refused what must be served", [("locations/hls2.conf", r"(alias [^;]*hls/);", r"\1t1/;")]),
    "no-caret-older": Sabotage(20_000, "refused what must be served", [("locations/older.conf", r"location \^~ /hls/", "location /hls/")]),
    "other-directory-older": Sabotage(2000, "refused what must be served", [("locations/older.conf", r"(alias [^;]*hls/);", r"\1u1/;")]),
}
