"""Walks published lessons: decrypts and decodes every segment of every rendition, and compares times with the plan.

usage: walker.py DATA-DIR DATABASE-URL MEDIA-MASTER-KEY [REL…]    (all published lessons where no rel is named)

For each: one publication in the database and on disk, playlists that end and name every file there is and no other, every
segment decrypts (AES-128-CBC, PKCS#7, key by HKDF from the master secret), all segments of a rendition joined decode with
ffmpeg -xerror, times of decoding rise, each segment of picture opens with a whole picture at the plan's time and holds the
frames up to the next one's, all rungs hold the same frames, sound has no hole, and lasts as long as the plan.
"""
import hashlib, hmac, json, os, re, struct, subprocess, sys, tempfile

OFFSET = 900_000  # where the lesson's 0 stands on the streams' clock (90 kHz)


class Wrong(Exception):
    """What does not hold."""


def need(truth, text):
    if not truth:
        raise Wrong(text)


def key(master, rel, publication, number):
    """HKDF-SHA-256 with an empty salt: DESIGN's key n of a publication."""
    info = b"".join(struct.pack(">H", len(t)) + t for t in (rel.encode(), publication.encode())) + struct.pack(">I", number)
    extracted = hmac.new(bytes(32), master, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:16]


def decrypt(data, key_bytes, vector):
    done = subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", key_bytes.hex(), "-iv", vector], input=data, capture_output=True)
    need(done.returncode == 0, f"does not decrypt: {done.stderr.decode()[:200]}")
    return done.stdout


def sql(database, text):
    done = subprocess.run(["psql", "-qAtX", "-F", "\t", "-v", "ON_ERROR_STOP=1", database, "-c", text], capture_output=True, text=True)
    need(done.returncode == 0, done.stderr)
    return [line.split("\t") for line in done.stdout.splitlines() if line]


class Playlist:
    """A media playlist: its segments with lengths, keys and vectors, and its initialization section."""

    def __init__(self, path):
        text = open(path).read()
        need(text.startswith("#EXTM3U") and text.endswith("#EXT-X-ENDLIST\n"), f"{path} does not end")
        need("EXT-X-DISCONTINUITY" not in text, f"{path} is discontinuous")
        self.segments, self.map, now, length = [], None, (None, None), None
        for line in text.splitlines():
            if line.startswith("#EXT-X-KEY:"):
                now = (int(re.search(r'key/(\d+)"', line).group(1)), re.search(r"IV=0x([0-9a-fA-F]{32})", line).group(1))
            elif line.startswith("#EXT-X-MAP:"):
                self.map = (re.search(r'URI="([^"]+)"', line).group(1), *now)
            elif line.startswith("#EXTINF:"):
                length = float(line[8:].split(",")[0])
            elif line and not line.startswith("#"):
                self.segments.append((line, length, *now))


class Lesson:
    """One published lesson."""

    def __init__(self, root, database, masters, rel):
        self.root, self.rel, self.masters = root, rel, masters
        rows = sql(database, f"""select v.publication, t.facts from videos v join tasks t
            on t.video_id = v.id and t.publication = v.publication where v.rel = '{rel}' and v.deleted_at is null""")
        need(len(rows) == 1, f"{len(rows)} published versions in the database")
        self.publication, self.facts = rows[0][0], json.loads(rows[0][1])
        self.home = f"{root}/hls/{rel}"
        retired = {name for name, in sql(database, f"select name from retired_publications where rel = '{rel}'")}
        there = {n for n in os.listdir(self.home) if n.startswith("_")} - retired
        need(there == {self.publication}, f"on disk {there}, in the database {self.publication}")
        self.master = masters[int(re.search(r"-k(\d+)-", self.publication).group(1))]

    def walk(self):
        text = open(f"{self.home}/output.m3u8").read()
        listed = dict.fromkeys(re.findall(r"(?m)^(?:#EXT-X-MEDIA:TYPE=AUDIO.*URI=\")?(_[0-9a-z-]+/[a-z0-9-]+)/index\.m3u8", text))
        need(listed, "the master lists nothing")
        frames, segments = {}, 0
        for entry in listed:
            publication, name = entry.split("/")
            need(publication == self.publication, f"the master names {publication}")
            isSound = name.startswith("audio")
            times, count = self.rendition(name, isSound)
            segments += count
            if not isSound:
                frames[name] = times
        plan = self.facts["plan"]
        rate = (self.facts.get("video") or {}).get("frame_rate", [1, 1])
        most = max((len(times) for times in frames.values()), default=0)
        for name, times in frames.items():
            halved = len(times) <= most // 2 + len(plan["boundaries"]) and len(times) < most and rate[0] > 30 * rate[1]
            full = next(t for t in frames.values() if len(t) == most)
            need(set(times) <= set(full) if halved else times == full, f"{name} holds other frames: {len(times)} of {most}")
        return len(listed), segments, most

    def rendition(self, name, isSound):
        directory = f"{self.home}/{self.publication}/{name}"
        playlist = Playlist(f"{directory}/index.m3u8")
        files = [s[0] for s in playlist.segments] + ([playlist.map[0]] if playlist.map else [])
        need(sorted(files + ["index.m3u8"]) == sorted(os.listdir(directory)), f"{name}: other files than the playlist names")
        plan = self.facts["plan"]["boundaries"]
        count = len(plan) - 1 if isSound else self.facts["plan"]["video_segments"]
        need(isSound or len(playlist.segments) == count, f"{name}: {len(playlist.segments)} of {count} segments")
        need(len(playlist.segments) <= count and playlist.segments, f"{name}: {len(playlist.segments)} segments")
        head = self.clear(directory, playlist.map[0], playlist.map[1], playlist.map[2]) if playlist.map else b""
        parts = [self.clear(directory, uri, number, vector) for uri, _, number, vector in playlist.segments]
        with tempfile.NamedTemporaryFile(suffix=".mp4" if head else ".ts") as whole:
            whole.write(head + b"".join(parts))
            whole.flush()
            decoded = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", whole.name, "-map", "0", "-f", "null", "-"], capture_output=True, text=True)
            need(decoded.returncode == 0 and not decoded.stderr.strip(), f"{name} does not decode: {decoded.stderr[:300]}")
            entries = "packet=pts,dts,pos,flags,duration"
            found = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0" if isSound else "v:0", "-show_entries", entries, "-of", "json", whole.name], capture_output=True, text=True)
            scale = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=time_base", "-of", "csv=p=0", whole.name], capture_output=True, text=True).stdout.split()[0]
        top, bottom = map(int, scale.split("/"))
        ticks = lambda value: round(int(value) * top * 90_000 / bottom)
        packets = json.loads(found.stdout)["packets"]
        need(packets, f"{name} holds no packet")
        need(all("pts" in p and "dts" in p for p in packets), f"{name}: a packet without times")
        decoding = [ticks(p["dts"]) for p in packets]
        need(all(a < b for a, b in zip(decoding, decoding[1:])), f"{name}: times of decoding do not rise")
        borders, place = [], len(head)
        for part in parts:
            borders.append(place)
            place += len(part)
        groups, at = [[] for _ in parts], 0
        for packet in packets:
            position = packet.get("pos")
            while position is not None and at + 1 < len(borders) and int(position) >= borders[at + 1]:
                at += 1
            groups[at].append((ticks(packet["pts"]) - OFFSET, "K" in packet.get("flags", ""), ticks(packet.get("duration", 0))))
        if isSound:
            self.sound(name, groups, plan)
        else:
            self.picture(name, groups, plan)
        return [time for group in groups for time in sorted(t for t, _, _ in group)], len(parts)

    def picture(self, name, groups, plan):
        for number, group in enumerate(groups):
            need(group, f"{name}: segment {number} is empty")
            first, isWhole, _ = group[0]
            need(isWhole, f"{name}: segment {number} does not open with a whole picture")
            need(abs(first - plan[number]) <= 1, f"{name}: segment {number} opens at {first}, planned {plan[number]}")
            need(all(plan[number] - 1 <= t for t, _, _ in group), f"{name}: segment {number} holds an earlier frame")
            if number + 1 < len(groups):
                need(all(t < plan[number + 1] for t, _, _ in group), f"{name}: segment {number} holds a later frame")

    def sound(self, name, groups, plan):
        times = [t for group in groups for t, _, _ in group]
        steps = [b - a for a, b in zip(times, times[1:])]
        need(all(0 < step < 9_000 for step in steps), f"{name}: a hole of {max(steps, default=0)} ticks")
        for number, group in enumerate(groups[1:], 1):
            need(not group or abs(group[0][0] - plan[number]) < 9_000, f"{name}: segment {number} begins off the plan")

    def clear(self, directory, uri, number, vector):
        data = open(f"{directory}/{uri}", "rb").read()
        need(len(data) and len(data) % 16 == 0, f"{uri}: {len(data)} bytes")
        return decrypt(data, key(self.master, self.rel, self.publication, number), vector)


def masters_of(text):
    return {int(v): bytes.fromhex(k) for v, k in (entry.split(":") for entry in text.split(","))}


def main():
    root, database, secret, *rels = sys.argv[1:]
    if os.path.exists(secret):
        secret = open(secret).read().strip()
    rels = rels or [r for r, in sql(database, "select rel from videos where publication is not null and deleted_at is null order by rel")]
    failed = 0
    for rel in rels:
        try:
            renditions, segments, frames = Lesson(root, database, masters_of(secret), rel).walk()
            print(f"{rel}: {renditions} renditions, {segments} segments, {frames} frames as planned")
        except Wrong as wrong:
            failed += 1
            print(f"{rel}: {wrong}")
    sys.exit(f"{failed} of {len(rels)} lessons are wrong" if failed else 0)


if __name__ == "__main__":
    main()
