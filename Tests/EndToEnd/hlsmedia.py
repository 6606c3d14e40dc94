"""What segments hold, read without any player: AES-128, transport streams, fragmented MP4, H.264, AAC, WebVTT.

Times are in seconds unless a name says otherwise. A `Malformed` says what is wrong where the bytes can't be read at all."""
import ctypes, ctypes.util, statistics, struct
from dataclasses import dataclass, field


class Malformed(Exception):
    pass


# MARK: AES-128-CBC with PKCS#7 (RFC 8216 §4.3.2.4), by libcrypto

_crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for _name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_cbc"):
    getattr(_crypto, _name).restype = ctypes.c_void_p


def _cipher(data, key, iv, encrypt):
    context = ctypes.c_void_p(_crypto.EVP_CIPHER_CTX_new())
    try:
        out, size, rest = ctypes.create_string_buffer(len(data) + 32), ctypes.c_int(), ctypes.c_int()
        _crypto.EVP_CipherInit_ex(context, ctypes.c_void_p(_crypto.EVP_aes_128_cbc()), None, key, iv, int(encrypt))
        _crypto.EVP_CipherUpdate(context, out, ctypes.byref(size), data, len(data))
        if _crypto.EVP_CipherFinal_ex(context, ctypes.byref(out, size.value), ctypes.byref(rest)) != 1:
            raise Malformed("the padding is wrong: not this key, not this vector, or not whole")
        return out.raw[: size.value + rest.value]
    finally:
        _crypto.EVP_CIPHER_CTX_free(context)


def decrypt(data, key, iv):
    if not data or len(data) % 16:
        raise Malformed(f"{len(data)} bytes are no AES blocks")
    return _cipher(data, key, iv, False)


def encrypt(data, key, iv):
    return _cipher(data, key, iv, True)


# MARK: What a segment says


@dataclass
class Unit:
    """A picture, or a block of sound."""
    pts: float
    dts: float
    duration: float = 0.0
    idr: bool = False
    data: bytes = b""


@dataclass
class Segment:
    """A segment's content: units in decoding order, and what it says about the coding."""
    kind: str
    units: list = field(default_factory=list)
    codec: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    rate: int = 0
    shape: tuple = (1, 1)
    faults: list = field(default_factory=list)  # (rule, detail)
    counters: dict = field(default_factory=dict)  # pid: (first, last)
    tracks: tuple = ()

    @property
    def start(self):
        return min(unit.pts for unit in self.units)

    @property
    def end(self):
        return max(unit.pts + unit.duration for unit in self.units)


# MARK: H.264


def nals_of_start_codes(data):
    at, found = data.find(b"\0\0\1"), []
    while at >= 0:
        following = data.find(b"\0\0\1", at + 3)
        found.append(data[at + 3 : following if following >= 0 else len(data)].rstrip(b"\0") or b"\0")
        at = following
    return found


def nals_of_lengths(data, size=4):
    at, found = 0, []
    while at + size <= len(data):
        length = int.from_bytes(data[at : at + size], "big")
        if at + size + length > len(data):
            raise Malformed("a NAL unit reaches beyond its sample")
        found.append(data[at + size : at + size + length])
        at += size + length
    return found


class Bits:
    def __init__(self, data):
        self.value, self.left = int.from_bytes(data, "big"), len(data) * 8

    def take(self, count):
        self.left -= count
        if self.left < 0:
            raise Malformed("a parameter set ends too early")
        return self.value >> self.left & (1 << count) - 1

    def number(self):
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)

    def signed(self):
        value = self.number()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def sequence_parameters(nal):
    """Codec string and size of a sequence parameter set (ISO 14496-10 §7.3.2.1.1)."""
    bits = Bits(unescape(nal[1:]))
    profile, constraints, level = bits.take(8), bits.take(8), bits.take(8)
    bits.number()
    chroma = 1
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135):
        chroma = bits.number()
        if chroma == 3:
            bits.take(1)
        bits.number(), bits.number(), bits.take(1)
        if bits.take(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    last = following = 8
                    for _ in range(16 if index < 6 else 64):
                        if following:
                            following = (last + bits.signed() + 256) % 256
                        last = following or last
    bits.number()
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.take(1), bits.signed(), bits.signed()
        for _ in range(bits.number()):
            bits.signed()
    bits.number(), bits.take(1)
    width, height = (bits.number() + 1) * 16, (bits.number() + 1) * 16
    frames_only = bits.take(1)
    if not frames_only:
        height *= 2
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.number() for _ in range(4))
        step_x = 1 if chroma in (0, 3) else 2
        step_y = (1 if chroma in (0, 2, 3) else 2) * (1 if frames_only else 2)
        width, height = width - step_x * (left + right), height - step_y * (top + bottom)
    shape = (1, 1)
    if bits.take(1) and bits.take(1):
        known = [(1, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1)]
        number = bits.take(8)
        shape = (bits.take(16), bits.take(16)) if number == 255 else known[number] if number < len(known) else (1, 1)
    return f"avc1.{profile:02X}{constraints:02X}{level:02X}", width, height, shape


def unescape(data):
    out, zeros = bytearray(), 0
    for byte in data:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        zeros = zeros + 1 if byte == 0 else 0
        out.append(byte)
    return bytes(out)


def picture(segment, nals, unit):
    """Notes what the NAL units of one picture say."""
    for nal in nals:
        kind = nal[0] & 31
        if kind == 7:
            segment.codec, segment.width, segment.height, segment.shape = sequence_parameters(nal)
        if kind in (1, 5):
            unit.idr = kind == 5
            return True
    return False


# MARK: Transport streams (ISO 13818-1)


def transport_stream(data):
    """A segment of one programme with one elementary stream."""
    segment = Segment("ts")
    if not data or len(data) % 188:
        raise Malformed("not whole packets of 188 bytes")
    order, payloads, stream_types, program_map, programs = [], {}, {}, None, 0
    for start in range(0, len(data), 188):
        packet = data[start : start + 188]
        if packet[0] != 0x47:
            raise Malformed(f"no sync byte at {start}")
        pid, counter = (packet[1] & 31) << 8 | packet[2], packet[3] & 15
        has_payload, is_start = packet[3] & 16, packet[1] & 64
        offset = 4 + (1 + packet[4] if packet[3] & 32 else 0)
        if pid not in order:
            order.append(pid)
        first, last = segment.counters.get(pid, (counter, None))
        if last is not None and counter != (last + (1 if has_payload else 0)) % 16:
            segment.faults.append(("continuity", f"counter of PID {pid:#x} at packet {start // 188}"))
        segment.counters[pid] = (first, counter)
        if not has_payload or offset >= 188:
            continue
        body = packet[offset:]
        if pid == 0:
            section = body[1 + body[0] :]
            entries = section[8 : 3 + ((section[1] & 15) << 8 | section[2]) - 4]
            found = [(int.from_bytes(entries[i : i + 2], "big"), (entries[i + 2] & 31) << 8 | entries[i + 3]) for i in range(0, len(entries), 4)]
            found = [item for item in found if item[0]]
            programs, program_map = len(found), found[0][1] if found else None
        elif pid == program_map:
            section = body[1 + body[0] :]
            end = 3 + ((section[1] & 15) << 8 | section[2]) - 4
            at = 12 + ((section[10] & 15) << 8 | section[11])
            while at < end:
                stream_types[(section[at + 1] & 31) << 8 | section[at + 2]] = section[at]
                at += 5 + ((section[at + 3] & 15) << 8 | section[at + 4])
        elif pid in stream_types or pid >= 0x20:
            if is_start:
                payloads.setdefault(pid, []).append(bytearray())
            if pid in payloads:
                payloads[pid][-1] += body
    if programs != 1:
        segment.faults.append(("ts-single-program", f"{programs} programmes"))
    tables = [pid for pid in order if pid not in (0x11, 0x1FFF)][:2]
    if tables != [0, program_map]:
        segment.faults.append(("ts-tables-first", f"the first PIDs are {tables}"))
    segment.tracks = tuple(sorted(stream_types.items()))
    for pid, kind in stream_types.items():
        for pes in payloads.get(pid, []):
            pts, dts, body = pes_packet(bytes(pes))
            if kind == 0x1B:
                unit = Unit(pts, dts)
                if picture(segment, nals_of_start_codes(body), unit):
                    segment.units.append(unit)
            elif kind == 0x0F:
                segment.units += adts(segment, pts, body)
            else:
                segment.faults.append(("codecs", f"stream type {kind:#x}"))
    segment.kind = "video" if 0x1B in stream_types.values() else "audio"
    close(segment)
    return segment


def pes_packet(data):
    if data[:3] != b"\0\0\1":
        raise Malformed("a PES packet without start code")
    flags, length = data[7] >> 6, data[8]

    def stamp(at):
        p = data[at : at + 5]
        return ((p[0] >> 1 & 7) << 30 | p[1] << 22 | p[2] >> 1 << 15 | p[3] << 7 | p[4] >> 1) / 90000

    if not flags & 2:
        raise Malformed("a PES packet without time")
    pts = stamp(9)
    return pts, stamp(14) if flags & 1 else pts, data[9 + length :]


RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]


def adts(segment, pts, data):
    units, at = [], 0
    while at + 7 <= len(data):
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            raise Malformed("no ADTS header where one belongs")
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        segment.codec = f"mp4a.40.{(data[at + 2] >> 6) + 1}"
        segment.rate = RATES[data[at + 2] >> 2 & 15]
        segment.channels = (data[at + 2] & 1) << 2 | data[at + 3] >> 6
        time = pts + len(units) * 1024 / segment.rate
        units.append(Unit(time, time, 1024 / segment.rate, True))
        at += max(length, 7)
    return units


def close(segment):
    """Gives pictures of a transport stream their durations: until the next one is shown."""
    shown = sorted(segment.units, key=lambda unit: unit.pts)
    for unit, following in zip(shown, shown[1:]):
        if not unit.duration:
            unit.duration = following.pts - unit.pts
    if len(shown) > 1 and not shown[-1].duration:
        shown[-1].duration = statistics.median(unit.duration for unit in shown[:-1])


# MARK: Fragmented MP4 (ISO 14496-12)

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"mvex", b"moof", b"traf", b"edts"}


def boxes(data, start=0, end=None):
    """Every box: type, where its content begins and ends."""
    at, end = start, len(data) if end is None else end
    while at < end:
        if at + 8 > end:
            raise Malformed("a box ends too early")
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size < head or at + size > end:
            raise Malformed(f"box {kind!r} has an impossible size")
        yield kind, at + head, at + size
        at += size


def tree(data, start=0, end=None):
    """Boxes as a list of (type, content, children, position)."""
    found = []
    for kind, at, stop in boxes(data, start, end):
        children = tree(data, at, stop) if kind in CONTAINERS else []
        found.append((kind, data[at:stop], children, at))
    return found


def find(boxes, *path):
    for kind, content, children, at in boxes:
        if kind == path[0]:
            if len(path) == 1:
                yield content, children, at
            else:
                yield from find(children, *path[1:])


def one(boxes, *path):
    for item in find(boxes, *path):
        return item
    raise Malformed("no box " + "/".join(part.decode() for part in path))


@dataclass
class Initialization:
    kind: str = ""
    track: int = 0
    timescale: int = 1
    codec: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    rate: int = 0
    shape: tuple = (1, 1)
    length_size: int = 4
    edits: int = 0
    faults: list = field(default_factory=list)
    defaults: tuple = (0, 0, 0)


def initialization(data):
    """`ftyp` and `moov` (RFC 8216 §3.3)."""
    made, all = Initialization(), tree(data)
    kinds = [kind for kind, *_ in all]
    if kinds[:1] != [b"ftyp"] or b"moov" not in kinds:
        made.faults.append(("fmp4-init", f"boxes {kinds}"))
    brands = next(find(all, b"ftyp"), (b"",))[0]
    if not {brands[i : i + 4] for i in range(0, len(brands), 4) if i != 4} & {b"iso6", b"iso7", b"iso8", b"iso9"}:
        made.faults.append(("fmp4-brand", f"brands {brands!r}"))
    traks = list(find(all, b"moov", b"trak"))
    if len(traks) != 1:
        made.faults.append(("fmp4-init", f"{len(traks)} tracks"))
    moov = [kind for kind, *_ in one(all, b"moov")[1]]
    if b"mvex" not in moov or moov.index(b"mvex") < max(i for i, kind in enumerate(moov) if kind == b"trak"):
        made.faults.append(("fmp4-mvex", f"boxes of moov are {moov}"))
    else:
        trex = one(all, b"moov", b"mvex", b"trex")[0]
        made.defaults = struct.unpack(">III", trex[12:24])
    trak = traks[0][1]
    tkhd = one(trak, b"tkhd")[0]
    made.track = int.from_bytes(tkhd[20:24] if tkhd[0] else tkhd[12:16], "big")
    mdhd = one(trak, b"mdia", b"mdhd")[0]
    made.timescale = int.from_bytes(mdhd[20:24] if mdhd[0] else mdhd[12:16], "big")
    made.edits = len(list(find(trak, b"edts")))
    for name in (b"stts", b"stsc", b"stco", b"stsz"):
        content = one(trak, b"mdia", b"minf", b"stbl", name)[0]
        if content[8 if name == b"stsz" else 4 :][:4] != b"\0\0\0\0":
            made.faults.append(("fmp4-init", f"{name.decode()} is not empty"))
    stsd = one(trak, b"mdia", b"minf", b"stbl", b"stsd")[0]
    entries = list(boxes(stsd, 8))
    if len(entries) != 1:
        made.faults.append(("fmp4-init", f"{len(entries)} sample entries"))
    kind, at, end = entries[0]
    if kind in (b"avc1", b"avc3"):
        made.kind = "video"
        inner = tree(stsd, at + 78, end)
        avcc = one(inner, b"avcC")[0]
        made.length_size = (avcc[4] & 3) + 1
        size = int.from_bytes(avcc[6:8], "big")
        made.codec, made.width, made.height, made.shape = sequence_parameters(avcc[8 : 8 + size])
        if (made.width, made.height) != struct.unpack(">HH", stsd[at + 24 : at + 28]):
            made.faults.append(("fmp4-init", "size of avc1 and parameter set differ"))
    elif kind == b"mp4a":
        made.kind = "audio"
        inner = tree(stsd, at + 28, end)
        config = decoder_configuration(one(inner, b"esds")[0][4:])
        made.codec = f"mp4a.40.{config[0] >> 3}"
        made.rate = RATES[(config[0] & 7) << 1 | config[1] >> 7]
        made.channels = config[1] >> 3 & 15
    else:
        made.faults.append(("codecs", f"sample entry {kind!r}"))
    return made


def decoder_configuration(data):
    """AudioSpecificConfig out of the descriptors of an `esds` box (ISO 14496-1 §7.2.6)."""
    at = 0
    while at < len(data):
        tag, at, length = data[at], at + 1, 0
        while True:
            byte, at = data[at], at + 1
            length = length << 7 | byte & 127
            if not byte & 128:
                break
        if tag == 5:
            return data[at : at + length]
        at += {3: 3, 4: 13}.get(tag, length)
    raise Malformed("no AudioSpecificConfig")


def fragments(data, init):
    """A segment of one or more `moof` and `mdat`."""
    segment = Segment(init.kind, codec=init.codec, width=init.width, height=init.height, channels=init.channels, rate=init.rate, shape=init.shape)
    segment.tracks = ((init.track, init.kind),)
    all = tree(data)
    kinds = [kind for kind, *_ in all]
    if b"moof" not in kinds or b"mdat" not in kinds or b"moov" in kinds:
        raise Malformed(f"boxes {kinds}")
    ranges = [(at, at + len(content)) for kind, content, _, at in all if kind == b"mdat"]
    for kind, content, children, at in all:
        if kind != b"moof":
            continue
        base = at - 8
        for _, traf, _ in find(children, b"traf"):
            tfhd = one(traf, b"tfhd")[0]
            flags, track = int.from_bytes(tfhd[1:4], "big"), int.from_bytes(tfhd[4:8], "big")
            if track != init.track:
                segment.faults.append(("fmp4-track", f"track {track} is not in the initialization section"))
            if flags & 1 or not flags & 0x20000:
                segment.faults.append(("fmp4-relative", "data is not addressed from the fragment"))
            position, values = 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0), []
            for bit, default in zip((8, 16, 32), init.defaults):
                if flags & bit:
                    values.append(int.from_bytes(tfhd[position : position + 4], "big"))
                    position += 4
                else:
                    values.append(default)
            times = list(find(traf, b"tfdt"))
            if not times:
                segment.faults.append(("fmp4-tfdt", "a traf without tfdt"))
                continue
            tfdt = times[0][0]
            now = int.from_bytes(tfdt[4:12] if tfdt[0] else tfdt[4:8], "big")
            for trun, _, _ in find(traf, b"trun"):
                now = samples(segment, init, data, base, ranges, trun, values, now)
    return segment


def samples(segment, init, data, base, ranges, trun, defaults, now):
    flags, count, at = int.from_bytes(trun[1:4], "big"), int.from_bytes(trun[4:8], "big"), 8
    offset = base
    if flags & 1:
        offset += struct.unpack(">i", trun[at : at + 4])[0]
        at += 4
    first_flags = None
    if flags & 4:
        first_flags = int.from_bytes(trun[at : at + 4], "big")
        at += 4
    for index in range(count):
        duration, size, sample_flags = defaults
        shift = 0
        if flags & 0x100:
            duration, at = int.from_bytes(trun[at : at + 4], "big"), at + 4
        if flags & 0x200:
            size, at = int.from_bytes(trun[at : at + 4], "big"), at + 4
        if flags & 0x400:
            sample_flags, at = int.from_bytes(trun[at : at + 4], "big"), at + 4
        elif index == 0 and first_flags is not None:
            sample_flags = first_flags
        if flags & 0x800:
            shift, at = struct.unpack(">i" if trun[0] else ">I", trun[at : at + 4])[0], at + 4
        if not any(low <= offset and offset + size <= high for low, high in ranges):
            segment.faults.append(("fmp4-relative", f"sample {index} lies outside mdat"))
            return now
        content = data[offset : offset + size]
        unit = Unit((now + shift) / init.timescale, now / init.timescale, duration / init.timescale, init.kind == "audio")
        if init.kind == "video":
            nals = nals_of_lengths(content, init.length_size)
            picture(segment, nals, unit)
            if unit.idr == bool(sample_flags & 0x10000):
                segment.faults.append(("fmp4-sync", f"sample {index}: sync flag and NAL unit type differ"))
        segment.units.append(unit)
        offset, now = offset + size, now + duration
    return now
