"""A media tree in which every file tells its own path: any 16 bytes of an answer say which file they are from."""
import hashlib, os, re, secrets

from tokens import media_key

MASTER = bytes(range(7, 39))
PUBLICATION = "_0123456789ab-k1-d6000"
LESSON = "t1/c1/m1/l1"
# Prefixes, case variants and neighbours of each other.
LESSONS = [LESSON, "t1/c1/m1/l10", "t1/c1/m1/l1-x", "t1/c1/m1/L1", "t1/c1/m10/l1", "t1/c10/m1/l1", "t10/c1/m1/l1",
           "T1/c1/m1/l1", "t2/c9/m1/l1", "t1/c1/m1/key"]
# Videos of the older routes: one lies above lessons, one is the beginning of another.
OLDERS = ["t1/c1", "u1/film", "u1/film2", "u2/film"]
SEGMENT = f"{PUBLICATION}/720p/0.ts"
FILES = ["output.m3u8", SEGMENT, f"{PUBLICATION}/720p/1.ts", f"{PUBLICATION}/720p/12.ts", f"{PUBLICATION}/720p/index.m3u8",
         f"{PUBLICATION}/audio/0.ts", f"{PUBLICATION}/audio/index.m3u8", f"{PUBLICATION}/thumbs/0.jpg",
         f"{PUBLICATION}/captions/0.vtt"]
# What must never come out, whatever the token.
HIDDEN = [".pending-x", "job.json", "source.mp4", "x.tmp", ".key.wrapped", ".staging/0.ts", f"{PUBLICATION}/720p/0.ts.tmp",
          f"{PUBLICATION}/.720p/0.ts", f"{PUBLICATION}/720p/job.json", "work/720p/0.ts", f"{PUBLICATION}/720p/a/0.ts",
          f"{PUBLICATION}/720p/00.ts", f"{PUBLICATION}/0.ts", f"{PUBLICATION}/720p/source.mp4", "_BA9876543210-k1-d6000/720p/0.ts",
          "_ba9876543210-k0-d6000/720p/0.ts", "_ba9876543210-k1/720p/0.ts", "_ba987654321-k1-d6000/720p/0.ts",
          "_ba9876543210-k01-d6000/720p/0.ts"]
KEYS = [0, 1, 65536, 131072]


def unit(path):
    """Sixteen bytes that name a file."""
    return b"<" + hashlib.sha256(path.encode()).hexdigest()[:14].encode() + b">"


class Tree:
    """The tree below one DATA_DIR, and the windows that give its bytes away."""

    def __init__(self, data):
        self.data, self.windows, self.content = data, {}, {}
        for rel in LESSONS:
            for name in FILES + HIDDEN:
                self.write(f"hls/{rel}/{name}")
            for number in KEYS:
                self.windows[media_key(MASTER, rel, PUBLICATION, number)] = f"key {rel} {number}"
            self.write(f"originals/{rel}/{rel.split('/')[3]}_lesson.mp4")
            self.write(f"uploads/{rel}/task.mp4")
        for rel in OLDERS:
            for name in FILES + HIDDEN:
                self.write(f"hls/{rel}/{name}")
            for number in KEYS:
                self.windows[media_key(MASTER, rel, PUBLICATION, number)] = f"key {rel} {number}"
            self.write(f"originals/{rel}.mp4")
        self.write("secret/app.env")
        self.write("hls/t1/c1/m1/old/segment_000.ts")
        self.write("hls/t1/c1/m1/old/output.m3u8")
        key = secrets.token_bytes(16)
        self.put("hls/t1/c1/m1/old/enc.key", key)
        self.windows[key] = "hls/t1/c1/m1/old/enc.key"
        os.makedirs(f"{data}/hls/t1/c1/m1/soon")
        open(f"{data}/hls/t1/c1/m1/soon/.pending", "w").close()
        for link, target in (("7.ts", f"{data}/secret/app.env"), ("8.ts", f"../../../l10/{SEGMENT}")):
            os.symlink(target, f"{data}/hls/{LESSON}/{PUBLICATION}/720p/{link}")
        os.makedirs(f"{data}/hls/t1/c1/m1/linked")
        os.symlink(f"{data}/secret/app.env", f"{data}/hls/t1/c1/m1/linked/output.m3u8")
        os.symlink(f"../l10/{PUBLICATION}", f"{data}/hls/t1/c1/m1/linked/{PUBLICATION}")
        self.write("presentation_videos/courses/c1/presentation.mp4", secret=False)
        self.write("presentation_videos/courses/c1/.presentation.mp4.part")
        self.write("presentation_videos/modules/c1/m1/presentation.webm", secret=False)
        self.write("presentation_videos/courses/c1/presentation.php")
        self.write("presentation_videos/courses/c1/notes.mp4")

    def write(self, path, secret=True):
        mark = unit(path)
        if path.endswith("output.m3u8"):
            body = b"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS=\"avc1.4d401f\"\n" + (
                f"{PUBLICATION}/720p/index.m3u8\n".encode()) + b"#" + mark * 3 + b"\n"
        elif path.endswith(".m3u8"):
            body = b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:METHOD=AES-128,URI=\"../key/0\",IV=0x01\n" + (
                b"#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n#") + mark * 3 + b"\n#EXT-X-ENDLIST\n"
        else:
            body = mark * 40
        self.put(path, body)
        if secret:
            for turn in range(16):
                self.windows[(mark * 2)[turn:turn + 16]] = path

    def put(self, path, body):
        full = f"{self.data}/{path}"
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(body)
        self.content[path] = body

    def sources(self, body):
        """Every file (or key) of which 16 bytes in a row stand in `body`."""
        found = set()
        if len(body) == 16 and body in self.windows:
            found.add(self.windows[body])
        if b"<" in body:
            for hit in re.finditer(rb"<[0-9a-f]{14}>", body):
                if name := self.windows.get(hit.group()):
                    found.add(name)
        for index in range(0, min(len(body) - 15, 48)):
            if name := self.windows.get(body[index:index + 16]):
                found.add(name)
        return found
