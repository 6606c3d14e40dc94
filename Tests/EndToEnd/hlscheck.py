#!/usr/bin/env python3
"""Reads a published lesson as the HLS specification would and says what breaks it; the rules stand in hlsrules.py.

As a program: hlscheck.py [-H 'Name: value']… <url of the master playlist>. Ends with 1 when a rule is broken."""
import posixpath, re, statistics, sys, urllib.error, urllib.parse, urllib.request
from collections import Counter
from dataclasses import dataclass, field

import hlsmedia
from hlsmedia import Malformed
from hlsrules import RULES

MASTER_TAGS = {"EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-IMAGE-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY"}
SEGMENT_TAGS = {"EXTINF", "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME", "EXT-X-TILES"}
MEDIA_TAGS = {"EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST", "EXT-X-PLAYLIST-TYPE", "EXT-X-I-FRAMES-ONLY", "EXT-X-IMAGES-ONLY"}
ONCE = MEDIA_TAGS | {"EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START"}
LISTS = {"EXT-X-KEY", "EXT-X-MAP", "EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-IMAGE-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY", "EXT-X-START", "EXT-X-TILES"}
TYPES = {"ts": {"video/mp2t"}, "m4s": {"video/mp4", "video/iso.segment"}, "mp4": {"video/mp4"}, "vtt": {"text/vtt"}, "jpg": {"image/jpeg"}}
ROTATION = 20


@dataclass
class Tag:
    name: str
    value: str
    attributes: dict
    uri: str = ""


@dataclass
class Entry:
    """A segment as its playlist names it."""
    number: int
    uri: str
    duration: float
    key: dict = None
    map: dict = None
    map_key: dict = None
    start: float = 0.0
    size: int = 0
    content: object = None


@dataclass
class Media:
    """A media playlist and what its segments hold."""
    path: str
    tags: list
    entries: list = field(default_factory=list)
    target: int = 0
    type: str = ""
    ended: bool = False
    init: object = None
    special: str = ""

    @property
    def duration(self):
        return sum(entry.duration for entry in self.entries)

    def has(self, name):
        return any(tag.name == name for tag in self.tags)

    def peak(self):
        """The peak segment bit rate (RFC 8216 §4.3.4.2): over all runs of 0.5 to 1.5 target durations."""
        best = 0
        for first in range(len(self.entries)):
            bits = seconds = 0
            for entry in self.entries[first:]:
                bits, seconds = bits + entry.size * 8, seconds + entry.duration
                if seconds > 1.5 * self.target:
                    break
                if seconds >= 0.5 * self.target:
                    best = max(best, bits / seconds)
        return best or self.mean()

    def mean(self):
        return sum(entry.size * 8 for entry in self.entries) / self.duration if self.duration else 0


class Check:
    """Walks one lesson. `get(path)` answers status, content type and bytes of a file below the master playlist."""

    def __init__(self, get):
        self.get, self.cache, self.found, self.seen = get, {}, [], Counter()

    def must(self, rule, holds, where, detail=""):
        assert rule in RULES, rule
        self.seen[rule] += 1
        if not holds:
            self.found.append((rule, where, str(detail)))
        return bool(holds)

    def fetch(self, path):
        if path not in self.cache:
            self.cache[path] = self.get(path)
        return self.cache[path]

    # MARK: Text

    def lines(self, path):
        status, kind, data = self.fetch(path)
        if not self.must("served", status == 200, path, status):
            return None
        self.must("mime-playlist", path.endswith(".m3u8") and kind.split(";")[0].lower() in ("application/vnd.apple.mpegurl", "audio/mpegurl"), path, kind)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.must("utf8", False, path, error)
            return None
        self.must("utf8", not text.startswith("\ufeff") and not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", text), path)
        return [line.removesuffix("\r") for line in text.split("\n")]

    def parse(self, path):
        """Tags and URIs in order, and what holds for every playlist."""
        lines = self.lines(path)
        if lines is None:
            return None
        self.must("first-line", lines[0] == "#EXTM3U", path, lines[0])
        items = []
        for line in lines[1:]:
            if line.startswith("#EXT"):
                name, _, value = line[1:].partition(":")
                items.append(Tag(name, value, self.attributes(path, line) if name in LISTS else {}))
            elif line and not line.startswith("#"):
                items.append(line)
        tags = [item for item in items if isinstance(item, Tag)]
        names = Counter(tag.name for tag in tags)
        self.must("tag-once", all(names[name] <= 1 for name in ONCE), path, [name for name in ONCE if names[name] > 1])
        master, media = names.keys() & MASTER_TAGS, names.keys() & (MEDIA_TAGS | SEGMENT_TAGS)
        self.must("tags-not-mixed", not (master and media), path, (master, media))
        self.version(path, tags)
        for tag in tags:
            if tag.name == "EXT-X-START":
                self.must("start-offset", re.fullmatch(r"-?\d+(\.\d+)?", tag.attributes.get("TIME-OFFSET", "")), path, tag.value)
            if "URI" in tag.attributes:
                self.relative(path, tag.attributes["URI"])
        for item in items:
            if isinstance(item, str):
                self.relative(path, item)
        return items

    def attributes(self, path, line):
        rest, found = line.partition(":")[2], {}
        while rest:
            match = re.match(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(,|$)', rest)
            if not self.must("attribute-syntax", match and match[1] not in found, path, rest):
                return found
            found[match[1]] = match[2].strip('"')
            rest = rest[match.end() :]
            if match[3] and not self.must("attribute-syntax", rest, path, line):
                return found
        self.must("attribute-syntax", found, path, line)
        return found

    def version(self, path, tags):
        found = [tag.value for tag in tags if tag.name == "EXT-X-VERSION"]
        only_pictures, needed = any(tag.name == "EXT-X-I-FRAMES-ONLY" for tag in tags), 1
        for tag in tags:
            if tag.name in ("EXT-X-KEY", "EXT-X-SESSION-KEY"):
                needed = max(needed, 2 if "IV" in tag.attributes else 1, 5 if "KEYFORMAT" in tag.attributes or "KEYFORMATVERSIONS" in tag.attributes else 1)
            needed = max(needed, 3 if tag.name == "EXTINF" and "." in tag.value else 1)
            needed = max(needed, 4 if tag.name in ("EXT-X-BYTERANGE", "EXT-X-I-FRAMES-ONLY") else 1)
            needed = max(needed, (5 if only_pictures else 6) if tag.name == "EXT-X-MAP" else 1)
            needed = max(needed, 7 if tag.attributes.get("INSTREAM-ID", "").startswith("SERVICE") else 1)
            needed = max(needed, 8 if tag.name == "EXT-X-DEFINE" else 1)
        self.must("version-once", len(found) <= 1 and (found or needed == 1), path, found)
        self.must("version-enough", not found or found[0].isdigit() and int(found[0]) >= needed, path, f"{found} where {needed} is needed")

    def relative(self, path, uri):
        parts = urllib.parse.urlsplit(uri)
        self.must("uri-relative", uri and not parts.scheme and not parts.netloc and not uri.startswith("/"), path, uri)

    def join(self, base, uri):
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), uri.partition("?")[0]))

    # MARK: Media playlists

    def media(self, path):
        items = self.parse(path)
        if items is None:
            return None
        made = Media(path, [item for item in items if isinstance(item, Tag)])
        values = {tag.name: tag.value for tag in made.tags}
        made.special = next((name for name in ("EXT-X-I-FRAMES-ONLY", "EXT-X-IMAGES-ONLY") if name in values), "")
        if self.must("target-present", re.fullmatch(r"\d+", values.get("EXT-X-TARGETDURATION", "")), path):
            made.target = int(values["EXT-X-TARGETDURATION"])
        made.type, made.ended = values.get("EXT-X-PLAYLIST-TYPE", ""), "EXT-X-ENDLIST" in values
        self.must("type", made.type in ("", "EVENT", "VOD") and (made.ended or made.type != "VOD"), path, made.type)
        self.order(path, items)
        self.must("discontinuity", not made.has("EXT-X-DISCONTINUITY"), path)
        self.entries(made, items, int(values.get("EXT-X-MEDIA-SEQUENCE", "0")))
        self.keys(made)
        return made

    def order(self, path, items):
        names = [item.name if isinstance(item, Tag) else "" for item in items]
        first = names.index("") if "" in names else len(names)
        if "EXT-X-MEDIA-SEQUENCE" in names:
            self.must("sequence-first", names.index("EXT-X-MEDIA-SEQUENCE") < first, path)
        if "EXT-X-ENDLIST" in names:
            self.must("endlist-last", "" not in names[names.index("EXT-X-ENDLIST") :], path)

    def entries(self, made, items, number):
        key = map = map_key = duration = None
        now = 0.0
        for item in items:
            if isinstance(item, str):
                self.must("extinf", duration is not None, made.path, item)
                made.entries.append(Entry(number, item, duration or 0.0, key, map, map_key, now))
                now, number, duration = now + (duration or 0.0), number + 1, None
            elif item.name == "EXTINF":
                match = re.fullmatch(r"(\d+(\.\d+)?),.*", item.value)
                self.must("extinf", match, made.path, item.value)
                duration = float(match[1]) if match else 0.0
                self.must("target-enough", int(duration + 0.5) <= made.target, made.path, f"{duration} against {made.target}")
            elif item.name == "EXT-X-KEY":
                method = item.attributes.get("METHOD")
                good = method == "NONE" or method == "AES-128" and item.attributes.get("URI") and re.fullmatch(r"0[xX][0-9A-Fa-f]{32}", item.attributes.get("IV", ""))
                self.must("key-attributes", good, made.path, item.value)
                key = item.attributes if good and method != "NONE" else None
            elif item.name == "EXT-X-MAP":
                if self.must("map-attributes", item.attributes.get("URI") and (key is None or "IV" in key), made.path, item.value):
                    map, map_key = item.attributes, key
        for entry in made.entries:
            name = entry.uri.rpartition("/")[2].partition(".")[0]
            self.must("numbered", name == str(entry.number), made.path, f"{entry.uri} is number {entry.number}")

    def keys(self, made):
        row, last = 0, None
        for entry in made.entries:
            if not entry.key:
                continue
            row = row + 1 if entry.key["URI"] == last else 1
            last = entry.key["URI"]
            self.must("key-rotation", row <= ROTATION, made.path, f"{row} segments with {last}")

    def plain(self, made, uri, key):
        """A file of a playlist, decrypted; what went wrong is noted."""
        path = self.join(made.path, uri)
        status, kind, data = self.fetch(path)
        if not self.must("served", status == 200, path, status):
            return None, 0
        self.must("mime-segment", kind.split(";")[0].lower() in TYPES.get(path.rpartition(".")[2], set()), path, kind)
        if not key:
            return data, len(data)
        at = self.join(made.path, key["URI"])
        status, _, secret = self.fetch(at)
        if not self.must("served", status == 200, at, status) or not self.must("key-length", len(secret) == 16, at, len(secret)):
            return None, len(data)
        owner = self.owners.setdefault(at, made.path)
        self.must("key-of-one", owner == made.path, at, (owner, made.path))
        vector = key["IV"][2:].lower()
        # The same file may be named twice; another file must have another vector.
        self.must("iv-unique", self.vectors.setdefault((secret, vector), path) == path, path, vector)
        try:
            return hlsmedia.decrypt(data, secret, bytes.fromhex(vector)), len(data)
        except Malformed as error:
            self.must("decrypts", False, path, error)
            return None, len(data)

    def segments(self, made):
        """Reads all segments of a rendition of picture or sound."""
        inits = {}
        for entry in made.entries:
            data, entry.size = self.plain(made, entry.uri, entry.key)
            self.seen["decrypts"] += 1
            if data is None:
                continue
            where = self.join(made.path, entry.uri)
            try:
                if entry.map:
                    name = entry.map["URI"]
                    if name not in inits:
                        inits[name] = self.initialization(made, name, entry.map_key)
                    if inits[name] is None:
                        continue
                    made.init = inits[name]
                    entry.content = hlsmedia.fragments(data, made.init)
                    for rule in ("fmp4-track", "fmp4-tfdt", "fmp4-relative", "fmp4-sync"):
                        self.seen[rule] += 1
                else:
                    entry.content = hlsmedia.transport_stream(data)
                    for rule in ("ts-single-program", "ts-tables-first", "continuity"):
                        self.seen[rule] += 1
            except (Malformed, IndexError, ValueError) as error:
                self.must("readable", False, where, error)
                continue
            for rule, detail in entry.content.faults:
                self.must(rule, False, where, detail)
            if self.must("readable", entry.content.units, where, "nothing in it"):
                self.must("one-track", len(entry.content.tracks) == 1, where, entry.content.tracks)
            else:
                entry.content = None

    def initialization(self, made, name, key):
        data, _ = self.plain(made, name, key)
        where = self.join(made.path, name)
        if data is None:
            return None
        try:
            init = hlsmedia.initialization(data)
        except (Malformed, IndexError, ValueError) as error:
            self.must("readable", False, where, error)
            return None
        for rule in ("fmp4-init", "fmp4-brand", "fmp4-mvex"):
            self.seen[rule] += 1
        for rule, detail in init.faults:
            self.must(rule, False, where, detail)
        self.must("fmp4-edits", not init.edits, where)
        return init

    def joins(self, made):
        """What holds from segment to segment."""
        before = None
        self.must("independent", made.has("EXT-X-INDEPENDENT-SEGMENTS") or self.independent, made.path, "not said")
        for entry in made.entries:
            content, where = entry.content, self.join(made.path, entry.uri)
            if content is None:
                before = None
                continue
            first = content.units[0]
            self.must("independent", first.idr and first.pts <= content.start + 1e-6, where, "does not begin with an IDR picture")
            decoded = [unit.dts for unit in content.units]
            self.must("decoding-order", all(a < b for a, b in zip(decoded, decoded[1:])), where)
            # How long the last picture stands is not said anywhere; sound is exact.
            step = max(unit.duration for unit in content.units) if content.kind == "video" else statistics.median(unit.duration for unit in content.units)
            following = made.entries[entry.number - made.entries[0].number + 1 :][:1]
            until = following[0].content.start if following and following[0].content else content.end
            self.must("extinf-exact", abs(until - content.start - entry.duration) <= step + 0.002, where, f"{entry.duration} for {until - content.start:.3f} s")
            if before is not None:
                if content.kind == "video":
                    step = max([step] + [unit.duration for unit in before.units])
                self.must("decoding-order", before.units[-1].dts < decoded[0], where, f"{before.units[-1].dts:.4f} then {decoded[0]:.4f}")
                self.must("presentation", abs(content.start - before.end) <= step + 0.002, where, f"{before.end:.4f} then {content.start:.4f}")
                same = (before.codec or content.codec, before.kind, before.rate, before.channels) == (content.codec or before.codec, content.kind, content.rate, content.channels)
                self.must("steady-coding", same and [kind for _, kind in before.tracks] == [kind for _, kind in content.tracks], where, (before.codec, content.codec))
                for pid, (low, _) in content.counters.items():
                    if pid in before.counters and content.kind != "":
                        self.must("continuity", low == (before.counters[pid][1] + 1) % 16, where, f"PID {pid:#x}: {before.counters[pid][1]} then {low}")
            before = content

    # MARK: The master playlist

    def run(self, master="output.m3u8"):
        """Checks everything that the master playlist leads to.

        Answers the broken rules as (rule, where, detail)."""
        self.owners, self.vectors, self.independent = {}, {}, False
        self.renditions = {}
        items = self.parse(master)
        if items is None:
            return self.found
        tags = [item for item in items if isinstance(item, Tag)]
        self.independent = any(tag.name == "EXT-X-INDEPENDENT-SEGMENTS" for tag in tags)
        for item, following in zip(items, items[1:] + [None]):
            if isinstance(item, Tag) and item.name == "EXT-X-STREAM-INF":
                if self.must("stream-uri", isinstance(following, str), master, item.value):
                    item.uri = following
        streams = [tag for tag in tags if tag.name == "EXT-X-STREAM-INF" and tag.uri]
        groups = self.groups(master, tags)
        self.session_data(master, tags)
        for tag in tags:
            if tag.name in ("EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-IMAGE-STREAM-INF"):
                self.must("bandwidth-present", re.fullmatch(r"[1-9]\d*", tag.attributes.get("BANDWIDTH", "")), master, tag.value)
        played = [tag.uri for tag in streams] + [tag.attributes["URI"] for tag in groups.get("AUDIO", []) if "URI" in tag.attributes]
        for uri in dict.fromkeys(played):
            path = self.join(master, uri)
            if made := self.media(path):
                self.renditions[path] = made
                self.segments(made)
                self.joins(made)
        for tag in streams:
            self.stream(master, tag, groups)
        self.together([made for made in self.renditions.values() if made.entries], master)
        self.must("group-same", len({tuple(tag.attributes.get(name) for name in ("AUDIO", "SUBTITLES")) for tag in streams}) <= 1, master)
        self.beside(master, tags, groups)
        return self.found

    def groups(self, master, tags):
        groups = {}
        for tag in tags:
            if tag.name != "EXT-X-MEDIA":
                continue
            found = tag.attributes
            good = {"TYPE", "GROUP-ID", "NAME"} <= found.keys() and found["TYPE"] in ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS")
            good = good and (found["TYPE"] != "SUBTITLES" or "URI" in found) and (found["TYPE"] != "CLOSED-CAPTIONS" or "URI" not in found)
            if self.must("media-attributes", good, master, tag.value):
                groups.setdefault(found["TYPE"], []).append(tag)
        for members in groups.values():
            for name in {tag.attributes["GROUP-ID"] for tag in members}:
                group = [tag.attributes for tag in members if tag.attributes["GROUP-ID"] == name]
                names = [found["NAME"] for found in group]
                defaults = [found for found in group if found.get("DEFAULT") == "YES"]
                good = len(set(names)) == len(names) and len(defaults) <= 1 and all(found.get("AUTOSELECT", "YES") == "YES" for found in defaults)
                self.must("group-names", good, master, names)
        for tag in tags:
            if tag.name == "EXT-X-STREAM-INF":
                for kind in ("AUDIO", "VIDEO", "SUBTITLES"):
                    if kind in tag.attributes:
                        self.must("group-exists", any(member.attributes["GROUP-ID"] == tag.attributes[kind] for member in groups.get(kind, [])), master, tag.attributes[kind])
        return groups

    def session_data(self, master, tags):
        seen = set()
        for tag in tags:
            if tag.name == "EXT-X-SESSION-DATA":
                found = tag.attributes
                name = (found.get("DATA-ID"), found.get("LANGUAGE"))
                self.must("session-data", name[0] and ("VALUE" in found) != ("URI" in found) and name not in seen, master, tag.value)
                seen.add(name)
                if "URI" in found:
                    status = self.fetch(self.join(master, found["URI"]))[0]
                    self.must("served", status == 200, found["URI"], status)

    def stream(self, master, tag, groups):
        made = self.renditions.get(self.join(master, tag.uri))
        if not made or not made.entries:
            return
        found, where = tag.attributes, tag.uri
        sounds = [self.renditions.get(self.join(master, member.attributes["URI"])) for member in groups.get("AUDIO", [])
                  if member.attributes["GROUP-ID"] == found.get("AUDIO") and "URI" in member.attributes]
        sounds = [sound for sound in sounds if sound and sound.entries]
        peak = made.peak() + max((sound.peak() for sound in sounds), default=0)
        mean = made.mean() + max((sound.mean() for sound in sounds), default=0)
        whole = made.ended and all(sound.ended for sound in sounds)
        said = int(found.get("BANDWIDTH", "0") or 0)
        single = sum(max(entry.size * 8 / max(entry.duration, 0.1) for entry in part.entries) for part in [made] + sounds[:1])
        self.must("bandwidth-peak", said >= int(peak) and (not whole or said <= max(single, peak) * 1.1 + 1), where, f"{said} for {peak:.0f}")
        if "AVERAGE-BANDWIDTH" in found:
            said = int(found["AVERAGE-BANDWIDTH"])
            # Before all is made it is an estimate.
            self.must("bandwidth-average", not whole or int(mean * 0.999) <= said <= mean * 1.01 + 1, where, f"{said} for {mean:.0f}")
        held = {entry.content.codec for part in [made] + sounds for entry in part.entries if entry.content and entry.content.codec}
        self.must("codecs", set(found.get("CODECS", "").split(",")) == held, where, f"{found.get('CODECS')} for {sorted(held)}")
        contents = [entry.content for entry in made.entries if entry.content]
        if contents and contents[0].kind == "video":
            self.picture(found, contents, where)
        for member in groups.get("AUDIO", []):
            sound = self.renditions.get(self.join(master, member.attributes.get("URI", "")))
            if sound and sound.entries and sound.entries[0].content and "CHANNELS" in member.attributes:
                self.must("channels", member.attributes["CHANNELS"].split("/")[0] == str(sound.entries[0].content.channels), master, member.value)

    def picture(self, found, contents, where):
        first = contents[0]
        shown = (round(first.width * first.shape[0] / first.shape[1]), first.height)
        match = re.fullmatch(r"(\d+)x(\d+)", found.get("RESOLUTION", ""))
        said = (int(match[1]), int(match[2])) if match else (0, 0)
        self.must("resolution", said == (first.width, first.height) or abs(said[0] - shown[0]) <= 2 and abs(said[1] - shown[1]) <= 2, where, f"{said} for {shown}")
        units = [unit for content in contents for unit in content.units]
        mean = len(units) / max(contents[-1].end - contents[0].start, 0.001)
        usual = 1 / max(statistics.median(unit.duration for unit in units), 0.001)
        match = re.fullmatch(r"\d+\.\d{3}", found.get("FRAME-RATE", ""))
        rate = float(found["FRAME-RATE"]) if match else 0
        self.must("frame-rate", match and any(abs(rate - real) <= max(0.02 * real, 0.02) for real in (mean, usual)), where, f"{found.get('FRAME-RATE')} for {mean:.3f}")

    def together(self, renditions, master):
        """What holds over the variants and their sound."""
        if not renditions:
            return
        self.must("same-target", len({made.target for made in renditions}) == 1, master, {made.path: made.target for made in renditions})
        self.must("same-type", len({made.type for made in renditions}) == 1, master, {made.path: made.type for made in renditions})
        if all(made.ended for made in renditions):
            longest, shortest = max(made.duration for made in renditions), min(made.duration for made in renditions)
            self.must("same-content", longest - shortest <= renditions[0].target, master, {made.path: round(made.duration, 3) for made in renditions})
        pictures = [made for made in renditions if any(entry.content and entry.content.kind == "video" for entry in made.entries)]
        for made in pictures[1:]:
            for one, other in zip(pictures[0].entries, made.entries):
                if one.content and other.content:
                    step = max(statistics.median(unit.duration for unit in other.content.units), 0.001)
                    self.must("aligned", abs(one.content.start - other.content.start) <= step, self.join(made.path, other.uri), f"{one.content.start:.4f} and {other.content.start:.4f}")
                    self.must("same-cuts", abs(one.start - other.start) <= step, made.path, f"{one.start} and {other.start}")
        for made in renditions:
            # Where a playlist says a segment begins, and the clock in it, differ by the same in all renditions.
            offsets = [entry.content.start - entry.start for entry in made.entries if entry.content]
            reference = next(entry.content.start - entry.start for entry in renditions[0].entries if entry.content) if any(entry.content for entry in renditions[0].entries) else None
            if offsets and reference is not None:
                worst = max(offsets, key=lambda offset: abs(offset - reference))
                self.must("aligned", abs(worst - reference) <= 0.25, made.path, f"clock less playlist: {worst:.3f} and {reference:.3f}")

    # MARK: Beside the picture

    def beside(self, master, tags, groups):
        starts = [entry.content.start - entry.start for made in self.renditions.values() for entry in made.entries[:1] if entry.content]
        for tag in tags:
            if tag.name == "EXT-X-I-FRAME-STREAM-INF" and self.must("iframe-uri", "URI" in tag.attributes, master, tag.value):
                if made := self.media(self.join(master, tag.attributes["URI"])):
                    self.iframes(made, tag)
            if tag.name == "EXT-X-IMAGE-STREAM-INF" and "URI" in tag.attributes:
                if made := self.media(self.join(master, tag.attributes["URI"])):
                    self.images(made)
        for tag in groups.get("SUBTITLES", []):
            if made := self.media(self.join(master, tag.attributes["URI"])):
                self.subtitles(made, starts[0] if starts else 0.0)

    def iframes(self, made, tag):
        self.must("iframe-uri", made.has("EXT-X-I-FRAMES-ONLY"), made.path)
        self.segments(made)
        for entry in made.entries:
            if entry.content:
                self.must("iframes", len(entry.content.units) == 1 and entry.content.units[0].idr, self.join(made.path, entry.uri), len(entry.content.units))
        self.must("bandwidth-peak", int(tag.attributes.get("BANDWIDTH", "0") or 0) >= int(made.peak()), made.path, f"{tag.attributes.get('BANDWIDTH')} for {made.peak():.0f}")

    def images(self, made):
        self.must("images", made.has("EXT-X-IMAGES-ONLY"), made.path)
        for entry in made.entries:
            data, _ = self.plain(made, entry.uri, entry.key)
            self.must("images", data is not None and data[:3] == b"\xff\xd8\xff", self.join(made.path, entry.uri))
        self.must("images", sum(tag.name == "EXT-X-TILES" for tag in made.tags) in (1, len(made.entries)), made.path)

    def subtitles(self, made, start):
        for entry in made.entries:
            data, _ = self.plain(made, entry.uri, entry.key)
            where = self.join(made.path, entry.uri)
            if data is None:
                continue
            text = data.decode("utf-8", "replace").lstrip("\ufeff")
            lines = text.splitlines() or [""]
            mapped = re.search(r"^X-TIMESTAMP-MAP=(?:MPEGTS:(\d+),LOCAL:([\d:.]+)|LOCAL:([\d:.]+),MPEGTS:(\d+))$", text, re.M)
            offset = 0.0
            if mapped:
                offset = int(mapped[1] or mapped[4]) / 90000 - seconds(mapped[2] or mapped[3])
            good = re.fullmatch(r"WEBVTT([ \t].*)?", lines[0]) and "\ufffd" not in text and abs(offset - start) <= 0.25
            self.must("webvtt", good, where, f"{lines[0]!r}, clock {offset:.3f} for {start:.3f}")
            for cue in re.finditer(r"^([\d:.]+) --> ([\d:.]+)", text, re.M):
                low, high = seconds(cue[1]), seconds(cue[2])
                self.must("webvtt", low < high and low < entry.start + entry.duration + 0.01 and high > entry.start - 0.01, where, cue[0])


def seconds(text):
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def appended(check, where, before, after):
    """Applies the rule of growth to two readings of a media playlist, the earlier one first."""
    def body(text):
        return [line for line in text.splitlines() if not line.startswith(("#EXT-X-PLAYLIST-TYPE", "#EXT-X-START"))]
    old, new = body(before), body(after)
    ended = "#EXT-X-ENDLIST" in before.splitlines()
    was_event = "#EXT-X-PLAYLIST-TYPE:EVENT" in before
    still = new[: len(old)] == old and (not ended or new == old)
    becomes = "#EXT-X-PLAYLIST-TYPE:EVENT" in after or "#EXT-X-ENDLIST" in after
    check.must("append-only", still and (not was_event or becomes), where, "lines were changed")


def over_http(master, headers):
    """`get` for a lesson on a server."""
    base = master.rpartition("/")[0]

    def get(path):
        request = urllib.request.Request(f"{base}/{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type", ""), error.read()
    return get


def main(words):
    headers, urls = {}, []
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(":")
            headers[name] = value.strip()
        else:
            urls.append(word)
    if len(urls) != 1:
        sys.exit(__doc__)
    check = Check(over_http(urls[0], headers))
    check.run(urls[0].rpartition("/")[2])
    for rule, where, detail in check.found:
        print(f"{rule:18} {where}: {detail}\n{'':18} {RULES[rule][0]}: {RULES[rule][1]}")
    print(f"{sum(check.seen.values())} checks of {len(check.seen)} rules, {len(check.found)} broken")
    return 1 if check.found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
