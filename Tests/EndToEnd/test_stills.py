"""What stands beside a lesson's picture: poster, small pictures, whole pictures for winding, chapters."""
import re, subprocess, urllib.error, urllib.request

import pytest

from client import Site, attribute_list, ffmpeg

REL = "tm/stills/m/l"
SECONDS = 26
CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=9000
title=One <b> & two
[CHAPTER]
TIMEBASE=1/1000
START=9000
END=26000
title=The rest
"""


@pytest.fixture(scope="module")
def site(demo):
    return Site(demo)


@pytest.fixture(scope="module")
def lesson(site, tmp_path_factory):
    """A film that begins black; then its left upper part is as bright as the film is old, the rest a test picture."""
    place = tmp_path_factory.mktemp("stills")
    (place / "chapters.txt").write_text(CHAPTERS)
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=640x360:r=25:d={SECONDS}", "-f", "lavfi", "-i",
           f"color=black:s=320x180:r=25:d={SECONDS},geq=lum='16+6*floor(T*25+0.5)/25':cb=128:cr=128", "-f", "lavfi", "-i", f"sine=300:d={SECONDS}",
           "-i", place / "chapters.txt", "-filter_complex", "[0][1]overlay,drawbox=enable='lt(t,4)':color=black:t=fill[v]", "-map", "[v]", "-map", "2",
           "-map_metadata", "3", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", place / "film.mp4")
    site.make(place / "film.mp4", REL)
    return site.viewer(REL)


@pytest.fixture(scope="module")
def beside(lesson):
    """The URIs that the master names, by tag or by the id of session data."""
    found = {}
    for line in lesson.text("output.m3u8").splitlines():
        attributes = attribute_list(line)
        if line.startswith("#EXT-X-SESSION-DATA:"):
            found[attributes["DATA-ID"]] = attributes
        elif line.startswith(("#EXT-X-I-FRAME-STREAM-INF:", "#EXT-X-IMAGE-STREAM-INF:")):
            found[line.split(":")[0]] = attributes
    return found


def fetch(lesson, uri, place):
    status, body = lesson.get(uri)
    assert status == 200, uri
    place.write_bytes(body)
    return place


def probe(path, entries):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


def brightness(path, crop="iw:ih:0:0"):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vf", f"crop={crop},scale=1:1:out_range=pc,format=gray", "-frames:v", "1", "-f", "rawvideo", "-"],
                          capture_output=True, check=True)
    return done.stdout[0]


def age(level):
    """The film's time at which its left upper part is this bright (0…255)."""
    return level * 219 / 255 / 6


def cues(text):
    def seconds(stamp):
        hours, minutes, rest = stamp.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)
    assert text.startswith("WEBVTT\n\n")
    found = re.findall(r"^(\S+) --> (\S+)\n(.*)$", text, re.M)
    return [(seconds(start), seconds(end), body) for start, end, body in found]


def test_the_poster_is_a_good_picture(lesson, beside, tmp_path):
    path = fetch(lesson, beside["org.reelgate.poster"]["URI"], tmp_path / "p.jpg")
    assert probe(path, "stream=codec_name,width,height") == ["mjpeg,640,360"]
    assert brightness(path) > 50


def test_small_pictures_cover_the_film_and_show_its_time(lesson, beside, tmp_path):
    uri = beside["org.reelgate.thumbnails"]["URI"]
    listed = cues(lesson.text(uri))
    assert listed[0][0] == 0 and abs(listed[-1][1] - SECONDS) < 0.2
    assert all(one[1] == other[0] for one, other in zip(listed, listed[1:]))
    sheets = {}
    for start, end, body in listed:
        name, x, y, w, h = re.fullmatch(r"(\d+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)", body).groups()
        if name not in sheets:
            sheets[name] = fetch(lesson, uri.replace("0.vtt", name), tmp_path / name)
        if start < 4:
            continue
        shown = age(brightness(sheets[name], f"{int(w) // 4}:{int(h) // 4}:{int(x) + int(w) // 8}:{int(y) + int(h) // 8}"))
        assert start - 1.3 <= shown <= end + 1.3, (start, shown)
    playlist = lesson.text(beside["#EXT-X-IMAGE-STREAM-INF"]["URI"])
    assert "#EXT-X-IMAGES-ONLY" in playlist and "#EXT-X-ENDLIST" in playlist
    lengths = [float(line[8:].split(",")[0]) for line in playlist.splitlines() if line.startswith("#EXTINF:")]
    assert abs(sum(lengths) - SECONDS) < 0.2
    for line, name in re.findall(r"^#EXT-X-TILES:(.*)\n(.*)$", playlist, re.M):
        tiles = attribute_list("x:" + line)
        width, height = map(int, tiles["RESOLUTION"].split("x"))
        columns, rows = map(int, tiles["LAYOUT"].split("x"))
        assert probe(sheets[name], "stream=width,height") == [f"{width * columns},{height * rows}"]


def test_pictures_for_winding_are_whole_and_encrypted(lesson, beside, tmp_path):
    listed = beside["#EXT-X-I-FRAME-STREAM-INF"]
    playlist = lesson.text(listed["URI"])
    assert "#EXT-X-I-FRAMES-ONLY" in playlist
    directory = listed["URI"].rpartition("/")[0]
    entries = re.findall(r'^#EXT-X-KEY:METHOD=AES-128,URI="\.\./(key/\d+)",IV=0x(\w{32})\n#EXTINF:([\d.]+),\n(\d+\.ts)$', playlist, re.M)
    assert len(entries) >= SECONDS / 6 and len({entry[1] for entry in entries}) == len(entries)
    starts, now, peak = [], 0.0, 0
    for key, vector, length, name in entries:
        path = fetch(lesson, f"{directory}/{name}", tmp_path / name)
        peak = max(peak, path.stat().st_size * 8 / float(length))
        secret = lesson.get(f"{directory.rpartition('/')[0]}/{key}")[1]
        clear = tmp_path / f"{name}.clear.ts"
        subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", secret.hex(), "-iv", vector, "-in", path, "-out", clear], check=True)
        frames = probe(clear, "frame=key_frame,pts_time,pict_type")
        assert len(frames) == 1 and frames[0].startswith("1,") and frames[0].rstrip(",").endswith(",I"), frames
        assert abs(float(frames[0].split(",")[1]) - 10 - now) < 0.01, (frames, now)
        if now >= 4:
            assert abs(age(brightness(clear, "64:64:32:32")) - now) < 0.5
        starts.append(now)
        now += float(length)
    assert abs(now - SECONDS) < 0.2 and 0 <= int(listed["BANDWIDTH"]) - peak <= 1
    segments = lesson.text(lesson.master().variants[0]["uri"])
    borders, now = [], 0.0
    for line in segments.splitlines():
        if line.startswith("#EXTINF:"):
            borders.append(now)
            now += float(line[8:].split(",")[0])
    assert all(any(abs(border - start) < 0.01 for start in starts) for border in borders), (borders, starts)
    lesson.decodes(listed["URI"])


def test_chapters_are_cues(lesson, beside):
    found = cues(lesson.text(beside["org.reelgate.chapters"]["URI"]))
    assert [body for _, _, body in found] == ["One &lt;b&gt; &amp; two", "The rest"]
    assert [start for start, _, _ in found] == [0, 9]


def test_all_of_it_is_guarded_and_kept(site, lesson, beside):
    files = [attributes["URI"] for attributes in beside.values()]
    files += [files[0].rpartition("/")[0] + "/0.ts", beside["org.reelgate.thumbnails"]["URI"].replace(".vtt", ".jpg")]
    assert len(files) == 7
    types = {"jpg": "image/jpeg", "vtt": "text/vtt", "ts": "video/mp2t", "m3u8": "application/vnd.apple.mpegurl"}
    for file in files:
        url = f"{site.base}/hls2/{REL}/{file}"
        with urllib.request.urlopen(urllib.request.Request(url, headers=lesson.headers)) as answer:
            kind = file.rpartition(".")[2]
            assert answer.headers["Content-Type"] == types[kind]
            assert answer.headers["Cache-Control"] == ("private, no-store" if kind == "m3u8" else "private, max-age=86400, immutable")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url, headers={"Referer": site.origin + "/"}))
        assert refused.value.code == 401
        refused.value.close()


def test_players_without_headers_reach_the_images(site, beside):
    """Under /mobile every URI carries the token, also those in cues."""
    token = site.token(REL, "mobile")["token"]
    base = f"{site.base}/mobile/hls2/{REL}/"
    uri = beside["org.reelgate.thumbnails"]["URI"]
    with urllib.request.urlopen(f"{base}{uri}?token={token}") as answer:
        assert answer.headers["Content-Type"] == "text/vtt"
        listed = cues(answer.read().decode())
    name = listed[0][2].split("#")[0]
    assert name == f"0.jpg?token={token}"
    with urllib.request.urlopen(base + uri.replace("0.vtt", name)) as answer:
        assert answer.read(2) == b"\xff\xd8"
