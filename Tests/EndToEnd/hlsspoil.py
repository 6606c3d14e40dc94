"""Packages that break one rule each, made from a good one: what hlscheck.py must be able to see.

SPOILED lists (rule, kind, name, spoil): `kind` is the packaging the spoil needs ("ts", "cmaf", or "" for both)."""
import posixpath, re

import hlsmedia

MASTER = "output.m3u8"


class Package:
    """The files of a lesson in memory: path → (status, content type, bytes), as the walk of a good one left them."""

    def __init__(self, files):
        self.files = dict(files)

    def get(self, path):
        return self.files.get(path, (404, "", b""))

    def text(self, path=MASTER):
        return self.files[path][2].decode()

    def write(self, path, text):
        status, kind, _ = self.files[path]
        self.files[path] = (status, kind, text.encode() if isinstance(text, str) else text)

    def replace(self, path, pattern, new, count=1):
        """Changes a playlist; a pattern that is not there is a mistake of the table."""
        text, found = re.subn(pattern, new, self.text(path), count=count, flags=re.M)
        assert found, (path, pattern)
        self.write(path, text)

    @property
    def picture(self):
        """The highest rung's playlist."""
        return re.findall(r"^[^#\s].*\.m3u8$", self.text(), re.M)[0]

    @property
    def second(self):
        return re.findall(r"^[^#\s].*\.m3u8$", self.text(), re.M)[1]

    @property
    def sound(self):
        return re.search(r'TYPE=AUDIO.*URI="([^"]+)"', self.text())[1]

    def named(self, playlist, number):
        """Path, key and vector of a segment (or of the initialization section, number -1)."""
        directory, key, at = posixpath.dirname(playlist), None, 0
        for line in self.text(playlist).splitlines():
            if line.startswith("#EXT-X-KEY"):
                key = re.search(r'URI="([^"]+)",IV=0x([0-9a-fA-F]{32})', line)
            name = re.search(r'#EXT-X-MAP:URI="([^"]+)"', line)
            if name and number == -1 or line and not line.startswith("#"):
                if number == -1 or at == number:
                    secret = self.files[posixpath.normpath(f"{directory}/{key[1]}")][2]
                    return f"{directory}/{name[1] if name else line}", secret, bytes.fromhex(key[2])
                at += 1
        raise AssertionError(number)

    def plain(self, playlist, number):
        path, key, vector = self.named(playlist, number)
        return hlsmedia.decrypt(self.files[path][2], key, vector)

    def put(self, playlist, number, plain):
        path, key, vector = self.named(playlist, number)
        self.write(path, hlsmedia.encrypt(bytes(plain), key, vector))

    def change(self, playlist, number, body):
        plain = bytearray(self.plain(playlist, number))
        self.put(playlist, number, body(plain) or plain)

    def drop(self, playlist, path=None):
        path = path or self.named(playlist, 0)[0]
        self.files[path] = (404, "text/plain", b"")

    def type(self, path, kind):
        status, _, data = self.files[path]
        self.files[path] = (status, kind, data)


def packets(plain, body):
    """Calls `body(packet as a slice of the segment's bytes, its PID)` for each packet of a transport stream."""
    for at in range(0, len(plain), 188):
        body(at, (plain[at + 1] & 31) << 8 | plain[at + 2])


def without_tables(plain):
    kept = [plain[at : at + 188] for at in range(0, len(plain), 188) if ((plain[at + 1] & 31) << 8 | plain[at + 2]) not in (0, 0x1000)]
    tables = [plain[at : at + 188] for at in range(0, len(plain), 188) if ((plain[at + 1] & 31) << 8 | plain[at + 2]) in (0, 0x1000)]
    return b"".join(kept[:40] + tables + kept[40:])


def two_programs(plain):
    # The entry of the programme association table comes twice.
    section = next(at for at in range(0, len(plain), 188) if not plain[at + 1] & 31 and not plain[at + 2]) + 5
    plain[section + 2] += 4
    plain[section + 12 : section + 16] = plain[section + 8 : section + 12]
    plain[section + 13] += 1


def counter(plain):
    at = 188 * 20
    plain[at + 3] = plain[at + 3] & 0xF0 | (plain[at + 3] + 5) & 15


def slice_type(plain):
    """The first IDR slice says that it is an ordinary one."""
    at = min(index for index in (plain.find(b"\0\0\1" + bytes([kind])) for kind in (0x65, 0x25, 0x45)) if index >= 0)
    plain[at + 3] = plain[at + 3] & ~31 | 1


def box(name, delta=0, value=None):
    """Changes a byte `delta` behind the name of the first such box."""
    def body(plain):
        at = plain.find(name)
        assert at >= 0, name
        plain[at + 4 + delta] = plain[at + 4 + delta] ^ 0xFF if value is None else value
    return body


def rename(name, other):
    def body(plain):
        at = plain.find(name)
        assert at >= 0, name
        plain[at : at + 4] = other
    return body


def later(seconds):
    """Moves the clock of a fragment, or of all PES packets of a transport stream segment."""
    def body(plain):
        if plain[:1] != b"\x47":
            at = plain.find(b"tfdt") + 8
            init = 90000
            value = int.from_bytes(plain[at : at + 8], "big") + int(seconds * init)
            plain[at : at + 8] = value.to_bytes(8, "big")
            return

        def stamp(at):
            p = plain[at : at + 5]
            value = (p[0] >> 1 & 7) << 30 | p[1] << 22 | p[2] >> 1 << 15 | p[3] << 7 | p[4] >> 1
            value += int(seconds * 90000)
            plain[at : at + 5] = bytes([p[0] & 0xF1 | value >> 29 & 14, value >> 22 & 255, value >> 14 & 254 | 1, value >> 7 & 255, value << 1 & 254 | 1])

        def one(at, pid):
            if pid < 0x100 or pid >= 0x1000 or not plain[at + 1] & 64:
                return
            start = at + 4 + (1 + plain[at + 4] if plain[at + 3] & 32 else 0)
            stamp(start + 9)
            if plain[start + 7] & 64:
                stamp(start + 14)
        packets(plain, one)
    return body


def last_entry(text):
    """A playlist without its last segment."""
    lines = text.splitlines()
    at = max(index for index, line in enumerate(lines) if line and not line.startswith("#"))
    start = max(index for index, line in enumerate(lines[:at]) if line.startswith("#EXTINF")) - 1
    return "\n".join(lines[:start] + lines[at + 1 :]) + "\n"


def sample_flag(plain):
    """The second sample of a fragment is flagged as one to begin at, or all are."""
    at = plain.find(b"trun") + 4
    if not int.from_bytes(plain[at + 1 : at + 4], "big") & 0x400:
        tfhd = plain.find(b"tfhd") + 4
        assert plain[tfhd + 3] & 0x20
        at = tfhd + 8 + sum(size for bit, size in ((1, 8), (2, 4), (8, 4), (16, 4)) if plain[tfhd + 3] & bit)
        plain[at : at + 4] = b"\2\0\0\0"
        return
    flags, at = int.from_bytes(plain[at + 1 : at + 4], "big"), at + 8
    at += 4 if flags & 1 else 0
    at += 4 if flags & 4 else 0
    row = sum(4 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
    at += row + sum(4 for bit in (0x100, 0x200) if flags & bit)
    plain[at : at + 4] = b"\2\0\0\0"


def with_edits(plain):
    """An edit list in the track, sizes of the boxes around it put right."""
    edits = (36).to_bytes(4, "big") + b"edts" + (28).to_bytes(4, "big") + b"elst" + bytes(4) + (1).to_bytes(4, "big") + bytes(8) + b"\0\1\0\0"
    tkhd = plain.find(b"tkhd") - 4
    at = tkhd + int.from_bytes(plain[tkhd : tkhd + 4], "big")
    for name in (b"moov", b"trak"):
        box = plain.find(name) - 4
        plain[box : box + 4] = (int.from_bytes(plain[box : box + 4], "big") + len(edits)).to_bytes(4, "big")
    return plain[:at] + edits + plain[at:]


def text(path, pattern, new, count=1):
    """A spoil that changes a playlist: `path` is MASTER or the name of a property of the package."""
    return lambda package: package.replace(getattr(package, path, path), pattern, new, count)


def segment(body, number=1, path="picture"):
    return lambda package: package.change(getattr(package, path), number, body)


def swapped(package):
    """The second segment comes with the file of the first."""
    package.put(package.picture, 1, package.plain(package.picture, 0))


def shared_key(package):
    """The sound is encrypted with a key of the picture."""
    first = re.search(r'URI="(\.\./key/\d+)"', package.text(package.picture))[1]
    contents = [package.plain(package.sound, number) for number in range(package.text(package.sound).count("#EXTINF"))]
    head = package.plain(package.sound, -1) if "EXT-X-MAP" in package.text(package.sound) else None
    package.replace(package.sound, r'URI="\.\./key/\d+"', f'URI="{first}"', 0)
    for number, content in enumerate(contents):
        package.put(package.sound, number, content)
    if head:
        package.put(package.sound, -1, head)


def same_vector(package):
    content = package.plain(package.picture, 1)
    vectors = re.findall(r"IV=0x([0-9a-f]{32})\n#EXTINF", package.text(package.picture))
    package.replace(package.picture, vectors[1], vectors[0])
    package.put(package.picture, 1, content)


def long_key(package):
    """Twenty-one segments in a row with one key."""
    path = package.picture
    lines, name = package.text(path).splitlines(), re.compile(r"^[^#]")
    last = max(index for index, line in enumerate(lines) if name.match(line))
    entry, number = lines[last - 2 : last + 1], int(lines[last].split(".")[0])
    directory, extension = posixpath.dirname(path), lines[last].split(".")[1]
    for more in range(1, 25):
        added = [entry[0][:-32] + f"{0xABC0000 + more:032x}", entry[1], f"{number + more}.{extension}"]
        lines[last + 1 + 3 * (more - 1) : last + 1 + 3 * (more - 1)] = added
        package.files[f"{directory}/{added[2]}"] = package.files[f"{directory}/{lines[last]}"]
    package.write(path, "\n".join(lines) + "\n")


def late_sound(package):
    for number in range(package.text(package.sound).count("#EXTINF")):
        package.change(package.sound, number, later(0.8))


def late_rung(package):
    for number in range(package.text(package.second).count("#EXTINF")):
        package.change(package.second, number, later(0.2))


def other_target(package):
    package.replace(package.second, r"^#EXT-X-TARGETDURATION:\d+", "#EXT-X-TARGETDURATION:11")


def shorter(package):
    package.write(package.second, last_entry(last_entry(package.text(package.second))))


def two_tracks(plain):
    """The programme map names a second stream."""
    at = next(at for at in range(0, len(plain), 188) if (plain[at + 1] & 31) << 8 | plain[at + 2] == 0x1000)
    section = at + 5
    length = (plain[section + 1] & 15) << 8 | plain[section + 2]
    end = section + 3 + length - 4
    plain[end : end + 5] = b"\x0f\xe1\x01\xf0\x00"
    plain[section + 1 : section + 3] = (0xB000 | length + 5).to_bytes(2, "big")


def adds(tag, path="picture", before="#EXTINF"):
    def spoil(package):
        package.replace(getattr(package, path, path), "^" + before, tag + "\n" + before)
    return spoil


def subtitles(content, kind="text/vtt"):
    """A group of subtitles with one segment that says `content`."""
    def spoil(package):
        package.replace(MASTER, r"^#EXT-X-STREAM-INF:", '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",LANGUAGE="en",URI="_s/captions/index.m3u8"\n#EXT-X-STREAM-INF:', 1)
        package.replace(MASTER, r"^(#EXT-X-STREAM-INF:.*)$", r'\1,SUBTITLES="captions"', 0)
        package.files["_s/captions/index.m3u8"] = (200, "application/vnd.apple.mpegurl", b"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:6.0,\n0.vtt\n#EXT-X-ENDLIST\n")
        package.files["_s/captions/0.vtt"] = (200, kind, content.encode())
    return spoil


GOOD_CAPTIONS = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nHello\n"


def pictures(tags="#EXT-X-I-FRAMES-ONLY\n", attributes='BANDWIDTH=90000000,URI="_i/iframes/index.m3u8"'):
    """A playlist for winding whose one segment is a whole segment of the film."""
    def spoil(package):
        path, key, vector = package.named(package.picture, 0)
        name = posixpath.basename(path)
        head = f'#EXT-X-MAP:URI="init.mp4"\n' if name.endswith("m4s") else ""
        package.write(MASTER, package.text() + f"#EXT-X-I-FRAME-STREAM-INF:{attributes}\n")
        if head:
            package.files["_i/iframes/init.mp4"] = (200, "video/mp4", package.plain(package.picture, -1))
        package.files[f"_i/iframes/{name}"] = (200, package.files[path][1], package.plain(package.picture, 0))
        text = f"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n{tags}{head}#EXTINF:6.0,\n{name}\n#EXT-X-ENDLIST\n"
        package.files["_i/iframes/index.m3u8"] = (200, "application/vnd.apple.mpegurl", text.encode())
    return spoil


def images(tiles="#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=5x5,DURATION=1.0\n", content=b"\x89PNG"):
    def spoil(package):
        package.write(MASTER, package.text() + '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1000,RESOLUTION=160x90,CODECS="jpeg",URI="_p/sprites/index.m3u8"\n')
        text = f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-IMAGES-ONLY\n#EXTINF:6.0,\n{tiles}0.jpg\n#EXT-X-ENDLIST\n"
        package.files["_p/sprites/index.m3u8"] = (200, "application/vnd.apple.mpegurl", text.encode())
        package.files["_p/sprites/0.jpg"] = (200, "image/jpeg", content)
    return spoil


SPOILED = [
    ("utf8", "", "a byte order mark", lambda p: p.write(MASTER, "\ufeff" + p.text())),
    ("utf8", "", "a control character", text("picture", r"^#EXTINF", "#\x07\n#EXTINF")),
    ("mime-playlist", "", "a playlist as plain text", lambda p: p.type(p.picture, "text/plain")),
    ("first-line", "", "a line before the first", lambda p: p.write(p.picture, "\n" + p.text(p.picture))),
    ("version-once", "", "two versions", adds("#EXT-X-VERSION:7", before="#EXT-X-TARGET")),
    ("version-once", "", "no version", text("picture", r"^#EXT-X-VERSION:\d\n", "")),
    ("version-enough", "", "version 2", text("picture", r"^#EXT-X-VERSION:\d", "#EXT-X-VERSION:2")),
    ("version-enough", "cmaf", "version 5 with EXT-X-MAP", text("picture", r"^#EXT-X-VERSION:\d", "#EXT-X-VERSION:5")),
    ("tags-not-mixed", "", "a master tag in a media playlist", adds('#EXT-X-STREAM-INF:BANDWIDTH=1')),
    ("tag-once", "", "two targets", adds("#EXT-X-TARGETDURATION:6")),
    ("attribute-syntax", "", "a space in an attribute list", text(MASTER, r",AVERAGE-", ", AVERAGE-")),
    ("attribute-syntax", "", "an attribute twice", text(MASTER, r"^#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:BANDWIDTH=1,")),
    ("uri-relative", "", "an absolute address", text(MASTER, r"^(_[^\n]*)$", r"https://other.example/\1")),
    ("served", "", "a segment that is not there", lambda p: p.drop(p.picture)),
    ("served", "", "a key that is not there", lambda p: p.drop(p.picture, next(path for path in p.files if "/key/" in path))),
    ("target-present", "", "no target", text("picture", r"^#EXT-X-TARGETDURATION:\d+\n", "")),
    ("target-enough", "", "a target that is too small", text("picture", r"^#EXT-X-TARGETDURATION:\d+", "#EXT-X-TARGETDURATION:3")),
    ("extinf", "", "a segment without EXTINF", text("picture", r"^#EXTINF:[^\n]*\n", "")),
    ("extinf", "", "an EXTINF without comma", text("picture", r"^(#EXTINF:[\d.]+),", r"\1")),
    ("sequence-first", "", "the sequence number at the end", lambda p: p.write(p.picture, re.sub(r"#EXT-X-MEDIA-SEQUENCE:0\n", "", p.text(p.picture)) + "#EXT-X-MEDIA-SEQUENCE:0\n")),
    ("type", "", "a type there is not", text("picture", r"TYPE:VOD", "TYPE:LIVE")),
    ("type", "", "VOD without an end", text("picture", r"^#EXT-X-ENDLIST\n", "")),
    ("endlist-last", "", "a segment after the end", lambda p: p.write(p.picture, p.text(p.picture) + "#EXTINF:1.0,\n99.ts\n")),
    ("key-attributes", "", "a short vector", text("picture", r"IV=0x00", "IV=0x")),
    ("key-attributes", "", "a method there is not", text("picture", r"METHOD=AES-128", "METHOD=AES-64")),
    ("key-length", "", "a key of 15 bytes", lambda p: p.write(path := next(path for path in p.files if "/key/" in path), p.files[path][2][:15])),
    ("decrypts", "", "a segment cut short", lambda p: p.write(path := p.named(p.picture, 1)[0], p.files[path][2][:-16])),
    ("decrypts", "", "another key", lambda p: p.write(path := next(path for path in p.files if "/key/" in path), bytes(16))),
    ("iv-unique", "", "a vector twice", same_vector),
    ("key-of-one", "", "picture and sound share a key", shared_key),
    ("key-rotation", "", "one key for ever", long_key),
    ("map-attributes", "cmaf", "no URI in EXT-X-MAP", text("picture", r'^#EXT-X-MAP:URI="init.mp4"', '#EXT-X-MAP:BYTERANGE="1@0"')),
    ("mime-segment", "", "a segment as something else", lambda p: p.type(p.named(p.picture, 0)[0], "application/octet-stream")),
    ("start-offset", "", "EXT-X-START without offset", adds("#EXT-X-START:PRECISE=YES", before="#EXT-X-TARGET")),
    ("numbered", "", "another first number", text("picture", r"SEQUENCE:0", "SEQUENCE:1")),
    ("readable", "ts", "a packet without its sync byte", segment(lambda plain: plain.__setitem__(188 * 3, 0x48))),
    ("readable", "cmaf", "a box of impossible size", segment(lambda plain: plain.__setitem__(slice(0, 4), b"\0\0\0\1"))),
    ("readable", "", "an empty segment", lambda p: p.put(p.picture, 1, b"")),
    ("ts-single-program", "ts", "two programmes", segment(two_programs)),
    ("ts-tables-first", "ts", "tables in the middle", segment(without_tables)),
    ("continuity", "ts", "a counter that jumps", segment(counter)),
    ("continuity", "ts", "a packet lost at the end", segment(lambda plain: plain[:-188])),
    ("fmp4-init", "cmaf", "no ftyp", segment(rename(b"ftyp", b"free"), -1)),
    ("fmp4-init", "cmaf", "samples in the initialization section", segment(box(b"stts", 7, 1), -1)),
    ("fmp4-brand", "cmaf", "brands of old", segment(lambda plain: plain.replace(b"iso6", b"isom").replace(b"iso5", b"isom"), -1)),
    ("fmp4-mvex", "cmaf", "no mvex", segment(rename(b"mvex", b"free"), -1)),
    ("fmp4-track", "cmaf", "a track nobody announced", segment(box(b"tfhd", 7, 9))),
    ("fmp4-tfdt", "cmaf", "no tfdt", segment(rename(b"tfdt", b"free"))),
    ("fmp4-relative", "cmaf", "absolute addressing", segment(box(b"tfhd", 1, 0))),
    ("fmp4-sync", "cmaf", "a sample to begin at that is none", segment(sample_flag)),
    ("fmp4-edits", "cmaf", "an edit list", segment(with_edits, -1)),
    ("one-track", "ts", "a second stream", segment(two_tracks)),
    ("independent", "ts", "a segment that leans on the one before", segment(slice_type)),
    ("independent", "", "not said", lambda p: [p.write(path, p.text(path).replace("#EXT-X-INDEPENDENT-SEGMENTS\n", "")) for path in (MASTER, p.picture)]),
    ("decoding-order", "", "a segment from before", segment(later(-2), 2)),
    ("presentation", "", "a hole of two seconds", segment(later(2))),
    ("presentation", "", "the same segment again", swapped),
    ("extinf-exact", "", "half a second too much", text("picture", r"^#EXTINF:\d+", "#EXTINF:3")),
    ("discontinuity", "", "a discontinuity", adds("#EXT-X-DISCONTINUITY")),
    ("steady-coding", "", "a segment of another rung", lambda p: p.put(p.picture, 1, p.plain(p.second, 1)) if "ts" in p.named(p.picture, 1)[0] else p.replace(p.picture, r"(#EXT-X-KEY[^\n]*\n#EXTINF[^\n]*\n1\.m4s)", '#EXT-X-MAP:URI="../' + p.second.split("/")[-2] + r'/init.mp4"\n\1') or other_map(p)),
    ("stream-uri", "", "a variant without address", text(MASTER, r"^_[^\n]*\n", "")),
    ("bandwidth-present", "", "no BANDWIDTH", text(MASTER, r":BANDWIDTH=\d+,", ":")),
    ("bandwidth-peak", "", "BANDWIDTH too small", text(MASTER, r":BANDWIDTH=\d+,", ":BANDWIDTH=200000,")),
    ("bandwidth-peak", "", "BANDWIDTH ten times too large", text(MASTER, r":BANDWIDTH=(\d+),", r":BANDWIDTH=\g<1>0,")),
    ("bandwidth-average", "", "AVERAGE-BANDWIDTH too small", text(MASTER, r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=100000")),
    ("codecs", "", "another profile", text(MASTER, r"avc1\.\w{6}", "avc1.42E00A")),
    ("codecs", "", "the sound is not named", text(MASTER, r",mp4a\.40\.2", "")),
    ("resolution", "", "another size", text(MASTER, r"RESOLUTION=\d+x\d+", "RESOLUTION=320x240")),
    ("frame-rate", "", "another rate", text(MASTER, r"FRAME-RATE=[\d.]+", "FRAME-RATE=50.000")),
    ("frame-rate", "", "a rate without decimals", text(MASTER, r"FRAME-RATE=(\d+)\.\d+", r"FRAME-RATE=\1")),
    ("group-exists", "", "a group nobody is in", text(MASTER, r'AUDIO="audio"', 'AUDIO="other"')),
    ("group-same", "", "a variant without sound", text(MASTER, r',AUDIO="audio"', "")),
    ("media-attributes", "", "no NAME", text(MASTER, r',NAME="[^"]*"', "")),
    ("group-names", "", "a member twice", text(MASTER, r"^(#EXT-X-MEDIA:[^\n]*\n)", r"\1\1")),
    ("channels", "", "six channels", text(MASTER, r'CHANNELS="\d"', 'CHANNELS="6"')),
    ("session-data", "", "neither VALUE nor URI", lambda p: p.write(MASTER, p.text() + '#EXT-X-SESSION-DATA:DATA-ID="a.b"\n')),
    ("same-target", "", "another target in one rung", other_target),
    ("same-type", "", "EVENT among VOD", text("second", r"TYPE:VOD", "TYPE:EVENT")),
    ("aligned", "", "sound 0.8 s late", late_sound),
    ("aligned", "", "a rung 0.2 s late", late_rung),
    ("same-content", "", "a rung that ends early", shorter),
    ("same-cuts", "", "EXTINFs of another cut", lambda p: p.replace(p.second, r"^#EXTINF:[\d.]+,\n0", "#EXTINF:4.000000,\n0")),
    ("iframes", "", "more than one picture", pictures()),
    ("iframe-uri", "", "no URI", pictures(attributes="BANDWIDTH=9000000")),
    ("iframe-uri", "", "an ordinary playlist", pictures(tags="")),
    ("webvtt", "", "no WEBVTT", subtitles(GOOD_CAPTIONS[6:])),
    ("webvtt", "", "a clock that begins at 0", subtitles(GOOD_CAPTIONS.replace("900000", "0"))),
    ("webvtt", "", "a cue of another time", subtitles(GOOD_CAPTIONS.replace("00:01.000 --> 00:02", "09:01.000 --> 09:02"))),
    ("mime-segment", "", "subtitles as plain text", subtitles(GOOD_CAPTIONS, "text/plain")),
    ("images", "", "no JPEG", images()),
    ("images", "", "no EXT-X-TILES", images(tiles="", content=b"\xff\xd8\xff")),
]


def other_map(package):
    """The second segment is one of another rung, and so is what comes before it."""
    directory, other = posixpath.dirname(package.picture), posixpath.dirname(package.second)
    secret = package.named(package.second, -1)
    # Clear, so that no key has to fit.
    package.files[f"{other}/init.mp4"] = (200, "video/mp4", hlsmedia.decrypt(package.files[secret[0]][2], secret[1], secret[2]))
    content = package.plain(package.second, 1)
    package.replace(package.picture, r"#EXT-X-MAP:URI=\"\.\./", "#EXT-X-KEY:METHOD=NONE\n#EXT-X-MAP:URI=\"../")
    path, key, vector = package.named(package.picture, 1)
    package.write(path, hlsmedia.encrypt(content, key, vector))
