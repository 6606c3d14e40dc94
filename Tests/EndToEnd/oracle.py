"""The differential oracle: requests from a generator, judged by what came back alone. It knows nothing of what nginx
normalises. Every file tells its own path, so three things can be said of any answer: whose bytes it holds, whether the
raw path named exactly that file, and whether the token was for it. Two more hold over all: how many were served, because
a configuration that refuses everything leaks nothing, and how many were one edit away from one that is."""
import random, re, time

from lab import GOOD, HOST
from tokens import claims, mint, older, sign
from tree import FILES, HIDDEN, KEYS, LESSON, LESSONS, OLDERS, PUBLICATION, SEGMENT
from wire import Connection, octets, request

PIECES = [".", "..", "%2e", "%2E", "%2e%2e", "..%2f", "%2f", "%2F", "%5c", "\\", "//", "/", "/./", "/../", ";", "..;", "%00", "%0a", "%0d%0a",
          "%252e", "%252f", "%c0%ae", "%c0%af", "%u002e", "#", "?", "%3f", "%23", "%20", " ", "+", "\t", "%", "\xe0\x80\xae", "\xff", "~", "*", "&",
          "%09", "@", ":", "=", "..%00/", "%2e%2e%5c", "....//", "%ef%bc%8f", "\x7f", "_", "-", "0", "a"]
SHAPE = re.compile(r"/(hls2|mobile/hls2|play/([^/]+))/((?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}/){3}[A-Za-z0-9][A-Za-z0-9_-]{0,63})/(.+)")
# Videos of two parts: what lies directly below them, or in a publication.
OLDER_SHAPE = re.compile(r"/(hls|mobile/hls|play/([^/]+))/([A-Za-z0-9][A-Za-z0-9_-]{0,63}/[A-Za-z0-9][A-Za-z0-9_-]{0,63})/((?:_[^/]+/.+)|[^/]+)")
ABSOLUTE = re.compile(r"[A-Za-z]+://[^/?#]*")
NEAR = {rel: [other for other in LESSONS if other != rel and (other.startswith(rel) or rel.startswith(other))] or LESSONS for rel in LESSONS}
UNNAMED = "served what the raw path does not name"
TOKEN_IN_PLAYLIST = re.compile(rb"\?token=[A-Za-z0-9_.-]+")
FOREIGN_HOSTS = ["evil.example", "127.0.0.1", HOST + ".evil.example", ""]


class Case:
    """One request, and what may come of it."""

    def __init__(self, data, method, target, token, transport, extra, simple):
        self.data, self.method, self.target, self.token, self.transport = data, method, target, token, transport
        self.extra, self.simple = extra, simple


class Oracle:
    """Generates, sends and judges."""

    def __init__(self, lab, port, seed):
        self.lab, self.port, self.random = lab, port, random.Random(seed)
        self.end = int(time.time()) + 40_000
        self.good = {(kind, rel): mint(rel, platform=platform, exp=self.end, **more) for rel in LESSONS for kind, platform, more in (
            ("web", "web", {}), ("app", "mobile", {}), ("path", "web", {"tr": "path"}))}
        for rel in OLDERS:
            for kind, platform, more in (("web", "web", {}), ("app", "mobile", {}), ("path", "web", {"tr": "path"})):
                self.good[kind, rel] = older(*rel.split("/"), platform=platform, exp=self.end, **more)
        self.rel_of = {token: (kind, rel) for (kind, rel), token in self.good.items()}
        app = self.good["app", LESSON]
        self.bad = ["", "none", app[:-2], mint(LESSON, exp=1_700_000_000), mint(LESSON, secret="y" * 32), sign({"alg": "none"}, claims(LESSON)), app + "="]
        self.requests = self.served = self.edited_once = 0
        self.faults = []

    def case(self):
        """A legitimate request (3 in 10), one edit away from one (most), or further."""
        draw = self.random
        edits = draw.choices((0, 1, 2, 3, 6), (32, 46, 12, 6, 4))[0]
        self.edited_once += edits == 1
        transport = draw.choice(("hls2", "mobile", "play"))
        rel = LESSON if draw.random() < 0.3 else draw.choice(LESSONS + OLDERS[:2])
        two = rel.count("/") == 1
        names = FILES + [f"{PUBLICATION}/key/{n}" for n in KEYS] + ["master.m3u8", "playlist.m3u8"]
        name = draw.choice(names)
        kind = {"hls2": ("web", "app"), "mobile": ("app",), "play": ("app", "path")}[transport]
        token = self.good[draw.choice(kind), rel]
        state = {"method": "GET", "version": "HTTP/1.1", "host": HOST, "extra": [], "header": transport == "hls2", "simple": True}
        if transport == "mobile" and draw.random() < 0.3:
            state["header"] = True
        cookie = transport == "hls2" and draw.random() < 0.3
        path = name
        for _ in range(edits):
            token, rel, path = self.edit(state, token, rel, path, names)
        path = f"{rel}/{path}"
        tree = "hls" if two else "hls2"
        prefix = {"hls2": f"/{tree}/", "mobile": f"/mobile/{tree}/", "play": f"/play/{token or 'x'}/"}[transport]
        target = prefix + path
        for _ in range(edits):
            if draw.random() < 0.35:
                target = self.scratch(target)
                state["simple"] = False
        if transport == "mobile" and not state["header"]:
            target += ("&" if "?" in target else "?") + "token=" + token
        if draw.random() < 0.02:
            target = f"http://{HOST}" + target
            state["simple"] = False
        headers = [("Referer", GOOD + "/")] + state["extra"]
        if state["header"] and transport != "play" and token:
            headers.append(("Cookie", f"a=b; reelgate_play={token}") if cookie else ("Authorization", f"Bearer {token}"))
        data = request(target, state["host"], headers, state["method"], state["version"])
        return Case(data, state["method"], target, token, transport, state["extra"], state["simple"])

    def edit(self, state, token, rel, path, names):
        """One step away."""
        draw = self.random
        what = draw.randrange(13)
        state["simple"] = False
        if what < 4:
            path = self.scratch(path)
        elif what == 4:
            rel = self.scratch(rel)
        elif what == 5:
            rel = draw.choice(NEAR.get(rel, LESSONS) if draw.random() < 0.7 else LESSONS + OLDERS)
        elif what == 6:
            token = draw.choice(list(self.good.values()) + self.bad * 3)
        elif what == 7:
            path = draw.choice((HIDDEN + ["key", "enc.key", ""], [
                f"../{draw.choice(LESSONS).split('/')[3]}/{SEGMENT}", f"../../../../{draw.choice(LESSONS)}/{SEGMENT}",
                f"%2e%2e/{draw.choice(LESSONS).split('/')[3]}/{SEGMENT}", f"..%2f..%2fm10/l1/{SEGMENT}", "../../../../../secret/app.env",
                f"../../../../../originals/{rel}/{rel.split('/')[-1]}_lesson.mp4"])[draw.random() < 0.5])
        elif what == 8:
            state["method"] = draw.choice(("HEAD", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "FOO", "get"))
        elif what == 9:
            state["extra"] = state["extra"] + [draw.choice((
                ("Range", "bytes=0-99"), ("Range", "bytes=-40"), ("Range", "bytes=0-31,64-95"), ("Range", "bytes=999999-"), ("If-None-Match", "*"),
                ("X-Original-URI", f"/hls2/{LESSON}/{SEGMENT}"), ("Referer", "https://evil.example/"), ("Origin", GOOD),
                ("RG_URI", f"/hls2/{LESSON}/{SEGMENT}"), ("X-Rewrite-URL", "/x"), ("Authorization", f"Bearer {token}"),
                ("Cookie", f"reelgate_play={token}")))]
        elif what == 10:
            state["version"] = draw.choice(("HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/2.0", "http/1.1", ""))
        elif what == 11:
            state["host"] = draw.choice([HOST.upper(), HOST + ":80", HOST + "."] + FOREIGN_HOSTS)
        else:
            path = draw.choice(names) + draw.choice(("?", "?x=1", f"?token={token}", "?a=/hls2/" + rel, "#x"))
        return token, rel, path

    def scratch(self, text):
        """One mutation of a path."""
        draw = self.random
        at = draw.randrange(len(text) + 1)
        what = draw.randrange(7)
        if what < 3:
            return text[:at] + draw.choice(PIECES) + text[at:]
        if what == 3 and at < len(text):
            return text[:at] + ("%%%02x" if draw.random() < 0.5 else "%%%02X") % (ord(text[at]) & 255) + text[at + 1:]
        if what == 4 and at < len(text) and text[at].isascii():
            return text[:at] + text[at].swapcase() + text[at + 1:]
        if what == 5:
            slashes = [i for i, c in enumerate(text) if c == "/"] or [0]
            place = draw.choice(slashes)
            return text[:place] + draw.choice(PIECES) + text[place:]
        return text[:at] + text[at + draw.randrange(1, 4):]

    def named(self, case):
        """The file (or key) that the raw target names literally, and the rel it lies in; None when it names none."""
        target = case.target
        if absolute := ABSOLUTE.match(target):
            target = target[absolute.end():]
        path = re.split(r"[?#]", target.strip(" "), maxsplit=1)[0].rstrip(" ")
        match = SHAPE.fullmatch(path) or OLDER_SHAPE.fullmatch(path)
        if not match:
            return None, None
        rel, name = match.group(3), match.group(4)
        name = {"playlist.m3u8": "output.m3u8", "master.m3u8": "output.m3u8"}.get(name, name)
        if key := re.fullmatch(re.escape(PUBLICATION) + r"/key/(\d+)", name):
            return f"key {rel} {key.group(1)}", rel
        file = f"hls/{rel}/{name}"
        return (file, rel) if file in self.lab.tree.content else (None, rel)

    def judge(self, case, answer):
        """Whose bytes, which file, which token."""
        self.requests += 1
        sources = self.lab.tree.sources(answer.body)
        served = answer.status in (200, 206) and answer.header("content-type") != "text/html"
        file, rel = self.named(case)
        self.served += served
        if sources:
            if sources != {file}:
                theirs = self.rel_of.get(case.token, (None, None))[1]
                own = {f"hls/{theirs}/{name}" for name in FILES} | {f"key {theirs} {number}" for number in KEYS}
                self.fault(UNNAMED if sources <= own else "leak", case, answer, sources)
            elif self.rel_of.get(case.token, (None, None))[1] != rel and not self.other_token(case, rel):
                self.fault("leak by a token for another lesson", case, answer, sources)
        if served:
            if file is None:
                return self.fault(UNNAMED, case, answer, sources)
            body = self.lab.tree.content.get(file)
            if case.method != "HEAD" and body is not None:
                # Under /mobile the gate writes the token behind each URI of a playlist; nothing else may differ.
                found = TOKEN_IN_PLAYLIST.sub(b"", answer.body) if file.endswith(".m3u8") else answer.body
                if found != body if answer.status == 200 else answer.body not in body:
                    self.fault("other bytes than the file's", case, answer, sources)
        elif case.simple and self.rel_of.get(case.token, (None, None))[1] == rel:
            self.fault("refused what must be served", case, answer, sources)
        elif answer.status and answer.header("content-type") == "text/html" and self.port == self.lab.port:
            self.fault("HTML from nginx", case, answer, sources)

    def other_token(self, case, rel):
        """Whether a token for that lesson stands anywhere else in the request."""
        return any(token.encode() in case.data for (_, r), token in self.good.items() if r == rel)

    def fault(self, what, case, answer, sources):
        self.faults.append((what, case.data[:600], answer, sources))

    def run(self, count, until=None):
        """Sends `count` requests, pipelined over kept connections, and judges each answer; ends early after 20 faults, or
        at the first fault of the kind `until`."""
        while self.requests < count and not (self.found(until) if until else len(self.faults) >= 20):
            cases = [self.case() for _ in range(self.random.randint(1, 32))]
            while cases:
                with Connection(self.port) as connection:
                    old = next((i for i, c in enumerate(cases) if self.closes(c)), len(cases) - 1)
                    batch, cases = cases[:old + 1], cases[old + 1:]
                    connection.send(b"".join(c.data for c in batch))
                    for place, case in enumerate(batch):
                        answer = connection.read(case.method)
                        self.judge(case, answer)
                        if answer.status == 0 or answer.header("connection") == "close":
                            cases = batch[place + 1:] + cases
                            break
        return self

    def found(self, kind):
        """Whether there is a fault of this kind."""
        return any(what.startswith(kind) for what, *_ in self.faults)

    def passed(self):
        """Whether nothing is wrong, and enough was asked and served that this means something."""
        return not self.faults and self.share() >= 0.2 and self.edited_once >= 0.3 * self.requests

    @staticmethod
    def closes(case):
        """Whether nothing can follow on the same connection: an old protocol, a line that may not be one."""
        first = case.data.partition(b"\r\n")[0]
        return not first.endswith(b" HTTP/1.1") or any(c in octets(case.target) for c in b" \t\x7f\xff") or "%" in case.target

    def share(self):
        return self.served / max(self.requests, 1)

    def report(self):
        lines = [f"{self.requests} requests, {self.share():.1%} served, {self.edited_once / max(self.requests, 1):.1%} one edit away, "
                 f"{len(self.faults)} faults"]
        return "\n".join(lines + [f"{what}: {answer} {sources}\n  {data!r}" for what, data, answer, sources in self.faults[:20]])
