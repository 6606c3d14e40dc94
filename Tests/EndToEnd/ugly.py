"""The ugly corpus: files as people and devices make them, and what each must come to.

Every case says how its file is made and what must come of it, before anything runs: `plays` with its length, its frames
(those of the source, repetitions of a picture that stands still included), the size of its highest rung, whether that is
copied, and whether there is sound; or the code it is refused with. The file goes through the helper as a worker leads
it (the stand-in `transcoder`: plan, slices, checked frames on descriptor 3); then every rendition is decrypted, joined
and decoded by ffmpeg, and counted.
"""
import json, os, random, re, struct, subprocess, sys, tempfile, shutil, time
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
P = "testsrc2=s=160x90:r=25:d=2"
S = "sine=f=440:r=48000:d=2"
X264 = "-c:v libx264 -preset ultrafast -threads 1"


@dataclass
class Case:
    file: str
    make: object                      # ffmpeg's words (several calls one after another), or a function of the directory
    seconds: float = 0.0              # length; 0 where it is refused
    frames: int = 0                   # 0: no picture
    size: str = ""                    # of the highest rung
    copied: bool = False
    sound: bool = True
    refused: str = ""
    tolerance: float = 0.041          # a frame
    late: bool = False                # the picture ends before the sound does
    rows: str = ""
    note: str = ""
    name: str = field(default="", compare=False)


def plays(file, make, seconds, frames=0, size="160x90", **more):
    return Case(file, make, seconds, frames, size if frames else "", **more)


def refused(file, make, code, **more):
    return Case(file, make, refused=code, **more)


def lavfi(picture=P, sound=S, options="", out="OUT"):
    """Words for ffmpeg; OUT is the case's file, DIR its directory."""
    words = []
    if picture: words += ["-f", "lavfi", "-i", picture]
    if sound: words += ["-f", "lavfi", "-i", sound]
    return words + options.split() + [out]


def ff(*calls):
    """A maker of several ffmpeg calls, each a list or a text of words."""
    def run(directory, path):
        for call in calls:
            words = call if isinstance(call, list) else call.split()
            words = [word.replace("OUT", path).replace("DIR", directory) for word in words]
            done = subprocess.run(["ffmpeg", "-v", "error", "-y", *words], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True)
            assert done.returncode == 0, f"{path}: {done.stderr}"
    return run


def clip(options, picture=P, sound=S): return ff(lavfi(picture, sound, options))


def data(content):
    def run(directory, path):
        with open(path, "wb") as file: file.write(content() if callable(content) else content)
    return run


def then(make, change):
    """Makes a file, then changes its bytes."""
    def run(directory, path):
        make(directory, path)
        with open(path, "rb") as file: content = file.read()
        with open(path, "wb") as file: file.write(change(content))
    return run


def cut(part): return lambda content: content[:int(len(content) * part)]


def joined(first, second, kind):
    """Two clips one after the other as plain bytes, as recorders leave them."""
    def run(directory, path):
        whole = b""
        for number, make in enumerate((first, second)):
            piece = f"{directory}/piece{number}.{kind}"
            make(directory, piece)
            with open(piece, "rb") as file: whole += file.read()
        with open(path, "wb") as file: file.write(whole)
    return run


def frames_then(directory, path, text, options):
    """Packets with times of our own: setts rewrites them."""
    ff(lavfi(P, None, f"{X264} -g 25 -bf 0", f"{directory}/plain.mp4"))(directory, path)
    ff(f"-i {directory}/plain.mp4 -c copy -bsf:v {text} {options} OUT")(directory, path)


def setts(text, options=""): return lambda directory, path: frames_then(directory, path, text, options)


def box_patch(name, at, value):
    """Overwrites four bytes behind every box of this name."""
    def change(content):
        content = bytearray(content)
        place = content.find(name)
        while place >= 0:
            content[place + at:place + at + 4] = struct.pack(">I", value)
            place = content.find(name, place + 4)
        return bytes(content)
    return change


def noise(size, seed=7):
    return random.Random(seed).randbytes(size)


def attachments(directory, path):
    with open(f"{directory}/font.ttf", "wb") as file: file.write(noise(300_000))
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-frames:v", "1",
                    f"{directory}/cover.jpg"], check=True, stdin=subprocess.DEVNULL)
    ff(lavfi(P, S, f"{X264} -c:a aac -attach DIR/font.ttf -metadata:s:t:0 mimetype=application/x-truetype-font "
                   "-attach DIR/cover.jpg -metadata:s:t:1 mimetype=image/jpeg"))(directory, path)


def long_title(content):
    """Ten million bytes of title: a playlist, a line's end, a NUL. The tables are at the end, so nothing moves."""
    title = b"#EXTM3U\r\nfile:///etc/passwd\x00" + "😀".encode() * 2_600_000
    content = bytearray(content)
    place = content.rfind(b"data", 0, len(content))
    for name in (b"data", b"\xa9nam", b"ilst", b"meta", b"udta", b"moov"):
        place = content.rfind(name, 0, place + 4)
        size = struct.unpack(">I", content[place - 4:place])[0]
        if name == b"data": end = place - 4 + size
        content[place - 4:place] = struct.pack(">I", size + len(title))
    return bytes(content[:end] + title + content[end:])


def many_streams(count):
    def run(directory, path):
        ff(lavfi(None, "sine=f=440:r=8000:d=1", "-c:a aac -b:a 16k", f"{directory}/one.m4a"))(directory, path)
        ff(["-i", "DIR/one.m4a", *(["-map", "0:a"] * count), "-c", "copy", "OUT"])(directory, path)
    return run


def jump(seconds):
    """The second half of the packets comes this much later; Matroska counts milliseconds."""
    return f"setts=ts=if(gte(N\\,25)\\,TS+{seconds}000\\,TS)"


def recording(size, options="", seconds=2):
    return clip(f"{X264} -g 25 -bf 0 -x264-params repeat-headers=1 {options}", f"testsrc2=s={size}:r=25:d={seconds}", None)


def resolution_change(kind, options=""):
    return joined(recording("160x90"), recording("128x128", options), kind)


def sizes_in_turn(directory, path):
    whole = b""
    for number in range(6):
        piece = f"{directory}/turn{number}.ts"
        recording("1920x1080" if number % 2 else "64x64", f"-output_ts_offset {number / 2}", 0.5)(directory, piece)
        with open(piece, "rb") as file: whole += file.read()
    with open(path, "wb") as file: file.write(whole)


def h264_in_mp4_with_two_sizes(directory, path):
    """The parameter sets change inside the stream, under one sample description."""
    for number, size in enumerate(("160x90", "192x108")):
        ff(lavfi(f"testsrc2=s={size}:r=25:d=2", None, f"{X264} -g 25 -bf 0 -x264-params repeat-headers=1",
                 f"{directory}/{number}.h264"))(directory, path)
    with open(f"{directory}/both.h264", "wb") as both:
        for number in range(2):
            with open(f"{directory}/{number}.h264", "rb") as one: both.write(one.read())
    ff("-r 25 -i DIR/both.h264 -c copy OUT")(directory, path)


def cover_art(directory, path):
    ff(lavfi("testsrc2=s=64x64:d=1", None, "-frames:v 1", f"{directory}/cover.png"),
       lavfi(None, S, "-c:a aac", f"{directory}/a.m4a"),
       "-i DIR/a.m4a -i DIR/cover.png -map 0 -map 1 -c copy -disposition:v:0 attached_pic OUT")(directory, path)


def mid_gop(kind, extra=""):
    """Recorded from the middle of a broadcast: nothing before the first key frame can be decoded whole."""
    def run(directory, path):
        ff(lavfi("testsrc2=s=160x90:r=25:d=6", "sine=f=440:r=44100:d=6", f"{X264} -g 50 -c:a aac -ac 2 {extra}",
                 f"{directory}/whole.{kind}"))(directory, path)
        with open(f"{directory}/whole.{kind}", "rb") as file: whole = file.read()
        if kind == "ts":
            place = len(whole) * 2 // 5 // 188 * 188
            # Recorders begin with the tables.
            with open(path, "wb") as file: file.write(whole[:3 * 188] + whole[place:])
        else:
            with open(path, "wb") as file: file.write(flv_from(whole, 1000))
    return run


def flv_from(whole, start):
    """Header, metadata and codec headers, then the tags from `start` milliseconds on."""
    out, at = whole[:13], 13
    while at + 15 <= len(whole):
        size = int.from_bytes(whole[at + 1:at + 4], "big")
        stamp = int.from_bytes(whole[at + 4:at + 7], "big") | whole[at + 7] << 24
        header = whole[at] == 18 or (whole[at] in (8, 9) and whole[at + 12] == 0)
        if header or stamp >= start: out += whole[at:at + 11 + size + 4]
        at += 11 + size + 4
    return out


CASES = [
    # Rates
    plays("vfr.mp4", clip(f"{X264} -g 25 -vf select='not(mod(n\\,3))+lt(mod(n\\,10)\\,4)' -vsync vfr -c:a aac", "testsrc2=s=160x90:r=30:d=2"),
          1.96, 36, copied=True, tolerance=0.08, rows="H35", note="the last frames are left out"),
    plays("fps1.mp4", clip(f"{X264} -c:a aac", "testsrc2=s=160x90:r=1:d=4", "sine=d=4"), 4.0, 4, copied=True, rows="H35"),
    plays("fps120.mp4", clip(f"{X264} -c:a aac", "testsrc2=s=160x90:r=120:d=2"), 2.0, 240, note="its rate is far above what such a small picture needs"),
    plays("fps1000.mp4", clip(f"{X264} -video_track_timescale 1000000 -c:a aac", "testsrc2=s=64x36:r=1000:d=1", "sine=d=1"), 1.0, 1000, "64x36", rows="H35", copied=False),
    plays("one-frame.mp4", clip(f"{X264} -frames:v 1", sound=None), 0.04, 1, sound=False, rows="H35"),
    plays("nanoseconds.mkv", clip(f"{X264} -c:a libopus"), 2.0, 50, rows="H35", copied=True),
    # Shapes
    plays("turned90.mp4", ff(lavfi(P, S, f"{X264} -c:a aac", "DIR/a.mp4"), "-i DIR/a.mp4 -c copy -metadata:s:v:0 rotate=90 OUT"), 2.0, 50, "90x160", rows="H35"),
    plays("turned180.mp4", ff(lavfi(P, S, f"{X264} -c:a aac", "DIR/a.mp4"), "-i DIR/a.mp4 -c copy -metadata:s:v:0 rotate=180 OUT"), 2.0, 50, "160x90"),
    plays("turned270.mov", ff(lavfi(P, S, f"{X264} -c:a aac", "DIR/a.mp4"), "-i DIR/a.mp4 -c copy -metadata:s:v:0 rotate=270 OUT"), 2.0, 50, "90x160"),
    plays("odd.mkv", clip("-c:v ffv1 -c:v mjpeg -pix_fmt yuvj444p -vf scale=163:91,setsar=1 -c:a flac"), 2.0, 50, "162x90", rows="H35"),
    plays("1x1.mkv", clip("-c:v mjpeg -pix_fmt yuvj444p -vf scale=1:1,setsar=1", sound=None), 2.0, 50, "2x2", sound=False, rows="H35"),
    plays("3x3.mp4", clip("-c:v libx264 -pix_fmt yuv444p -vf scale=3:3,setsar=1", sound=None), 2.0, 50, "2x2", sound=False, rows="H35"),
    plays("wide.mkv", clip("-c:v mjpeg -pix_fmt yuvj444p -vf scale=65500:1,setsar=1", "testsrc2=s=160x90:r=5:d=1", None), 1.0, 5, "8192x2", sound=False, tolerance=0.21, rows="H35"),
    plays("4k.mp4", clip(f"{X264} -c:a aac", "testsrc2=s=3840x2160:r=5:d=1", "sine=d=1"), 1.0, 5, "1920x1080", tolerance=0.21, note="the ladder ends at 1080 lines"),
    plays("interlaced.mpg", clip("-c:v mpeg2video -flags +ilme+ildct -top 1 -vf scale=160:96,setsar=1,setfield=tff -c:a mp2"), 2.0, 50, "160x96"),
    # Kinds of picture
    plays("hdr10.mp4", clip("-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:hdr10=1 -c:a aac"), 2.0, 50),
    plays("hlg.mkv", clip("-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -c:a aac"), 2.0, 50),
    plays("10bit.mp4", clip(f"{X264} -pix_fmt yuv420p10le -c:a aac"), 2.0, 50),
    plays("422.mov", clip("-c:v prores_ks -c:a pcm_s16le"), 2.0, 50),
    plays("444.mp4", clip(f"{X264} -pix_fmt yuv444p -c:a aac"), 2.0, 50),
    plays("mjpeg.avi", clip("-c:v mjpeg -c:a pcm_s16le"), 2.0, 50),
    plays("vp8.webm", clip("-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis"), 2.0, 50),
    plays("vp9.webm", clip("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"), 2.0, 50),
    plays("av1.mp4", clip("-c:v libsvtav1 -preset 12 -c:a aac"), 2.0, 50, rows="H36"),
    plays("msmpeg4.avi", clip("-c:v msmpeg4 -c:a libmp3lame"), 2.0, 50),
    plays("wmv.wmv", clip("-c:v wmv1 -c:a wmav2"), 2.0, 50),
    plays("h263.flv", clip("-c:v flv -c:a libmp3lame -ar 44100"), 2.0, 50),
    plays("mpeg1.mpg", clip("-c:v mpeg1video -c:a mp2"), 2.0, 50),
    plays("xvid.avi", clip("-c:v mpeg4 -vtag XVID -bf 2 -c:a libmp3lame"), 2.0, 50, tolerance=0.121),
    # Groups of pictures
    plays("open-gop.mp4", clip("-c:v libx264 -preset veryfast -bf 3 -x264-params open-gop=1:keyint=25:min-keyint=10 -c:a aac"), 2.0, 50, copied=True),
    plays("long-gop.mp4", clip(f"{X264} -g 1000 -keyint_min 1000 -sc_threshold 0 -c:a aac", "testsrc2=s=160x90:r=5:d=20", "sine=d=20"), 20.0, 100, tolerance=0.21),
    plays("b-before-key.ts", mid_gop("ts", "-bf 2"), 3.76, 50, tolerance=0.05, note="what comes before the first key picture can't be decoded; the sound of it is kept"),
    plays("live.flv", mid_gop("flv"), 5.0, 100, tolerance=0.1, note="begins a second before the first key picture"),
    # Sound
    plays("5.1.mkv", clip(f"{X264} -c:a ac3", sound="anoisesrc=d=2:r=48000,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"), 2.0, 50, copied=True),
    plays("no-sound.mp4", clip(X264, sound=None), 2.0, 50, sound=False, copied=True, rows="H35"),
    plays("sound.mp4", clip("-c:a aac", None), 2.0, rows="H35"),
    plays("sound.mkv", clip("-c:a flac", None), 2.0, rows="H35"),
    plays("sound.webm", clip("-c:a libopus", None), 2.0),
    plays("sound.mov", clip("-c:a alac", None), 2.0),
    plays("sound.avi", clip("-c:a libmp3lame", None), 2.0, tolerance=0.06),
    plays("pcm.mov", clip(f"{X264} -c:a pcm_s24le"), 2.0, 50, copied=True),
    plays("three-tracks.mkv", ff(["-f", "lavfi", "-i", P, "-f", "lavfi", "-i", S, *X264.split(), "-map", "0", "-map", "1", "-map", "1", "-map", "1", "-c:a", "aac", "-ac", "2", "OUT"]), 2.0, 50, copied=True),
    plays("8khz.avi", clip("-c:v mpeg4 -c:a pcm_u8 -ar 8000", sound="sine=r=8000:d=2"), 2.0, 50),
    plays("sound-late.mkv", ff(["-f", "lavfi", "-i", P, "-itsoffset", "1", "-f", "lavfi", "-i", S, *X264.split(), "-c:a", "aac", "OUT"]), 3.03, 50, copied=True, late=True, note="the picture ends a second before the sound"),
    plays("cover.m4v", cover_art, 2.0, rows="H16", note="a cover is no film"),
    # Times
    plays("negative.mkv", setts("setts=ts=TS-1000"), 2.0, 50, sound=False, copied=True, rows="H35"),
    plays("gap.mkv", setts(jump(3)), 5.0, 50, sound=False, copied=True, rows="H35", note="the picture stands still for three seconds"),
    refused("gap-25-hours.mkv", setts(jump(90000)), "too_long", rows="H23"),
    refused("gap-million-seconds.mkv", setts(jump(1000000)), "too_long", rows="H24"),
    refused("backwards.mkv", joined(clip(X264, sound=None), clip(X264, sound=None), "mkv"), "media_unreadable", note="two recordings in one file: the second would be lost"),
    plays("edit-list.mp4", ff(lavfi("testsrc2=s=160x90:r=25:d=4", "sine=d=4", f"{X264} -g 50 -bf 2 -c:a aac", "DIR/a.mp4"), "-ss 1.0 -i DIR/a.mp4 -c copy OUT"), 3.0, 75, tolerance=0.1),
    plays("wrap.ts", ff(lavfi("testsrc2=s=160x90:r=25:d=4", "sine=d=4", f"{X264} -g 25 -c:a aac -output_ts_offset 95441.7 -muxdelay 0")), 4.0, 100, copied=True, tolerance=0.1),
    plays("no-cues.mkv", ff(["-f", "lavfi", "-i", P, "-f", "lavfi", "-i", S, *X264.split(), "-c:a", "aac", "-f", "matroska", "-live", "1", "OUT"]), 2.0, 50, copied=True),
    plays("fragments.mp4", clip(f"{X264} -g 25 -c:a aac -movflags +frag_keyframe+empty_moov"), 2.0, 50, copied=True),
    plays("sparse.mkv", clip(f"{X264} -r 1/3 -c:a aac", "testsrc2=s=160x90:r=1/3:d=9", "sine=d=9"), 9.0, 3, copied=True, tolerance=3.1),
    # Things beside
    plays("tmcd.mov", clip(f"{X264} -c:a aac -timecode 01:00:00:00"), 2.0, 50, copied=True),
    plays("attachments.mkv", attachments, 2.0, 50, copied=True, rows="H16"),
    plays("title.mp4", then(clip(f"{X264} -c:a aac -fflags +bitexact -metadata title=x"), long_title), 2.0, 50, copied=True, rows="H37"),
    plays("html-tail.mp4", then(clip(f"{X264} -c:a aac"), lambda content: content + b"<html><script>alert(1)</script></html>"), 2.0, 50, copied=True, rows="H34"),
    plays("mvhd.mp4", then(clip(f"{X264} -c:a aac"), box_patch(b"mvhd", 20, 0xFFFFFFFE)), 2.0, 50, copied=True, rows="H25"),
    refused("backwards.ts", resolution_change("ts"), "media_unreadable", note="the same"),
    plays("two-sizes.ts", resolution_change("ts", "-output_ts_offset 2"), 4.0, 100, sound=False, rows="H22"),
    plays("many-sizes.ts", sizes_in_turn, 3.02, 78, "64x64", sound=False, rows="H22", note="a large picture each half second"),
    plays("two-sizes.mp4", h264_in_mp4_with_two_sizes, 4.0, 100, sound=False, rows="H22"),
    # Refused
    refused("empty.mp4", data(b""), "media_unreadable"),
    refused("noise.mkv", data(lambda: noise(200_000)), "media_unreadable", rows="H32"),
    refused("half.mp4", then(clip(f"{X264} -c:a aac"), cut(0.5)), "media_unreadable", rows="H30", note="its table was at the end"),
    refused("half-fast.mp4", then(clip(f"{X264} -c:a aac -movflags +faststart"), cut(0.6)), "truncated", rows="H30"),
    refused("half.mkv", then(clip(f"{X264} -c:a aac", "testsrc2=s=160x90:r=25:d=9", "sine=d=9"), cut(0.5)), "truncated", rows="H30"),
    refused("cut-table.mp4", then(clip(f"{X264} -c:a aac -movflags +faststart"), lambda content: content[:600]), "media_unreadable", rows="H30"),
    refused("really-mkv.mp4", ff(lavfi(P, S, f"{X264} -c:a aac -f matroska")), "extension_mismatch"),
    refused("script.mp4", data(b"<?php system($_GET['c']); ?>\n" + b"A" * 5000), "media_unreadable", rows="H34"),
    refused("zip.mp4", data(b"PK\x03\x04" + noise(5000)), "media_unreadable", rows="H34"),
    refused("pdf.mp4", data(b"%PDF-1.7\n" + b"1 0 obj\n" * 500), "media_unreadable", rows="H34"),
    refused("playlist.mp4", data(b"#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"data:text/plain,0123456789abcdef\"\n#EXTINF:6,\nconcat:a.ts|b.ts\n#EXT-X-ENDLIST\n"), "media_unreadable", rows="H04 H05 H06 H07"),
    refused("list.mp4", data(b"ffconcat version 1.0\nfile ../../etc/passwd\nfile 'http://127.0.0.1:19999/'\n"), "media_unreadable", rows="H09"),
    refused("svg.mp4", data(b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg'>&x;</svg>"), "media_unreadable", rows="H11"),
    refused("rare.avi", clip("-c:v magicyuv", sound=None), "codec_unsupported", rows="H17"),
    refused("wide.mp4", clip("-c:v mpeg4 -vf scale=8190:4400", "testsrc2=s=160x90:r=1:d=1", None), "too_many_pixels", rows="H21", note="36 million samples"),
    refused("streams.mp4", many_streams(40), "too_many_streams", rows="H26"),
    refused("cenc.mp4", ff(lavfi(P, S, f"{X264} -c:a aac -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8")), "content_encrypted", rows="H36"),
    refused("png.avi", clip("-c:v png", sound=None), "codec_unsupported", rows="H19"),
]
for case in CASES: case.name = case.file


# MARK: running them

def decode(path):
    """Pictures and seconds of sound in a joined rendition, and ffmpeg's complaints."""
    done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries",
                           "stream=codec_type,width,height,nb_read_frames", "-of", "json", path],
                          capture_output=True, text=True)
    streams = json.loads(done.stdout or "{}").get("streams", [])
    return streams, done.stderr.strip()


def open_segment(path, ordinal, number):
    """Decrypts a segment with the stand-in's key."""
    key_number = ordinal * 65536 + number // 20
    key = bytes((key_number * 31 + index) & 0xFF for index in range(16))
    vector = struct.pack(">QQ", ordinal, number)
    done = subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", key.hex(), "-iv", vector.hex(), "-in", path],
                          capture_output=True, check=True)
    return done.stdout


def come_of(case, directory, transcoder):
    """What comes of a case's file, in words like the table's; a text for what is wrong."""
    path = f"{directory}/{case.file}"
    case.make(directory, path)
    out = f"{directory}/out"
    done = subprocess.run([transcoder, path, case.file.rsplit(".", 1)[-1], out, "1"], capture_output=True, text=True,
                          timeout=300)
    if done.returncode != 0: return {"refused": done.stderr.strip().split("\n")[-1]}
    told = json.loads(done.stdout.strip().split("\n")[-1])
    result = {"refused": "", "wrong": [], "rungs": [], "sound": False, "lengths": {}, "obstacle": told["obstacle"]}
    for rendition in told["renditions"]:
        if rendition["kind"] not in ("video", "audio"): continue
        ordinal = rendition["ordinal"]
        whole = f"{directory}/{ordinal}.ts"
        with open(whole, "wb") as file:
            for number, _, _ in rendition["segments"]:
                file.write(open_segment(f"{out}/{ordinal}/{number}.ts", ordinal, number))
        streams, complaints = decode(whole)
        kinds = [stream["codec_type"] for stream in streams]
        if kinds != [rendition["kind"]]: result["wrong"].append(f"{rendition['name']} holds {kinds}")
        if complaints: result["wrong"].append(f"{rendition['name']}: {complaints[:200]}")
        length = sum(duration for _, duration, _ in rendition["segments"]) / 90000
        result["lengths"][rendition["kind"]] = length
        if rendition["kind"] == "video":
            frames = int(streams[0].get("nb_read_frames", 0)) if streams else 0
            size = f"{streams[0]['width']}x{streams[0]['height']}" if streams else "none"
            if size != f"{rendition['width']}x{rendition['height']}" : result["wrong"].append(f"{size} is not {rendition['width']}x{rendition['height']}")
            result["rungs"].append((size, frames, rendition["copied"]))
        else:
            result["sound"] = True
    return result


def judge(case, result):
    """What is not as the table says."""
    if case.refused:
        return [] if result["refused"].startswith(case.refused + ":") else [f"expected {case.refused}: {result}"]
    if result["refused"]: return [f"refused: {result['refused']}"]
    wrong = list(result["wrong"])
    # Picture to a frame; sound to its last blocks.
    for kind, length in result["lengths"].items():
        most = case.tolerance if kind == "video" or case.tolerance > 0.1 else 0.1
        if abs(length - case.seconds) > most and not (case.late and kind == "video"):
            wrong.append(f"{kind}: {length:.3f} s, not {case.seconds}")
    if result["sound"] != case.sound: wrong.append(f"sound: {result['sound']}")
    if bool(result["rungs"]) != bool(case.frames): wrong.append(f"rungs {result['rungs']}")
    for size, frames, _ in result["rungs"]:
        if frames != case.frames: wrong.append(f"{size}: {frames} frames, not {case.frames}")
    if result["rungs"]:
        size, _, copied = result["rungs"][0]
        if size != case.size: wrong.append(f"{size}, not {case.size}")
        if copied != case.copied: wrong.append(f"copied: {copied} ({result['obstacle']})")
    return wrong


def run(case, transcoder):
    directory = tempfile.mkdtemp(prefix="reelgate-ugly-")
    try:
        result = come_of(case, directory, transcoder)
        return result, judge(case, result)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def transcoder():
    """The stand-in that leads the helper as a worker does: of the newest build."""
    built = [f"{ROOT}/.build/{kind}/transcoder" for kind in ("debug", "release")]
    return max((path for path in built if os.path.exists(path)), key=os.path.getmtime)


if __name__ == "__main__":
    program = os.environ.get("TRANSCODER") or transcoder()
    wanted = sys.argv[1:]
    bad = 0
    for case in CASES:
        if wanted and not any(word in case.file for word in wanted): continue
        began = time.monotonic()
        try:
            result, wrong = run(case, program)
        except Exception as error:
            result, wrong = {"refused": ""}, [f"{type(error).__name__}: {error}"[:600]]
        came = result["refused"].split(":")[0] or f"{result.get('lengths')} {result.get('rungs')}"
        print(f"{'WRONG' if wrong else 'ok':6}{case.file:24}{came}  {'; '.join(wrong)}  [{time.monotonic() - began:.1f} s]", flush=True)
        bad += bool(wrong)
    sys.exit(bool(bad))
