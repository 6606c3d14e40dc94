"""From a file to a lesson that plays: what is published is right, whatever the source."""
import os, subprocess

import pytest

from client import Site, Viewer, ffmpeg, flashes_and_bleeps, frame_hashes, keyframe_times

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "reelgate")


@pytest.fixture(scope="module")
def site(demo):
    return Site(demo)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def film():
    """Big Buck Bunny: real footage whose key frames are not all IDR frames."""
    path = f"{CACHE}/bbb.mp4"
    if not os.path.exists(path):
        root = os.path.join(os.path.dirname(__file__), "..", "..")
        subprocess.run(["bash", "-c", ". scripts/lib/common.sh; fetch_film"], cwd=root, check=True)
    return path


def check_lesson(viewer, audio=True):
    """What holds for every lesson: one publication, falling bandwidths, every rendition whole, keys of its own."""
    master = viewer.master()
    assert len(master.directories()) == 1, master.text
    rates = [(variant["height"], variant["bandwidth"]) for variant in master.variants]
    ordered = sorted(rates, reverse=True)
    assert all(high[1] > low[1] for high, low in zip(ordered, ordered[1:])), rates
    keys = {}
    playlists = [variant["uri"] for variant in master.variants] + [sound["URI"] for sound in master.audio]
    assert bool(master.audio) == audio
    for uri in playlists:
        text = viewer.text(uri)
        assert "#EXT-X-ENDLIST" in text
        found = [line for line in text.splitlines() if line.startswith("#EXT-X-KEY")]
        assert found and all("IV=0x" in line and "METHOD=AES-128" in line for line in found)
        ivs = [line.split("IV=0x")[1][:32] for line in found]
        assert len(set(ivs)) == len([line for line in text.splitlines() if line.startswith("#EXTINF")]) == len(ivs)
        for line in found:
            key = line.split('URI="')[1].split('"')[0]
            assert keys.setdefault(key, uri) == uri, "two renditions share a key"
        viewer.decodes(uri)
    if len(master.variants) > 1:
        grids = [keyframe_times(*viewer.ffmpeg_input(variant["uri"])) for variant in master.variants]
        borders = [segment_starts(viewer.text(variant["uri"])) for variant in master.variants]
        assert all(len(border) == len(borders[0]) for border in borders)
        assert all(abs(a - b) < 0.01 for border in borders[1:] for a, b in zip(borders[0], border))
        for grid in grids:
            for start in borders[0]:
                assert any(abs(start + grids[0][0] - time) < 0.05 for time in grid), (start, grid[:5])
    return master


def segment_starts(playlist):
    starts, now = [], 0.0
    for line in playlist.splitlines():
        if line.startswith("#EXTINF:"):
            starts.append(now)
            now += float(line[8:].split(",")[0])
    return starts


def test_a_film_is_copied_and_gets_lower_rungs(site, clips, film):
    clip = clips / "film.mp4"
    ffmpeg("-ss", "0", "-t", "40", "-i", film, "-c", "copy", clip)
    task = site.make(clip, "tm/film/m/l")
    assert task["playable"] and task["progress"] == 1 and task["error"] is None
    viewer = site.viewer("tm/film/m/l")
    master = check_lesson(viewer)
    assert [variant["height"] for variant in master.variants][0] == 720
    assert len(master.variants) >= 2
    top = max(master.variants, key=lambda variant: variant["height"])
    assert frame_hashes(*viewer.ffmpeg_input(top["uri"])) == frame_hashes("-i", str(clip))
    count = len(frame_hashes("-i", str(clip)))
    for variant in master.variants:
        assert len(frame_hashes(*viewer.ffmpeg_input(variant["uri"]))) == count


def test_sound_that_cannot_be_copied(site, clips):
    clip = clips / "mp3.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=50", "-f", "lavfi", "-i", "sine=440:r=44100:d=50", "-c:v", "libx264",
           "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame", clip)
    status, body = site.upload(clip, "tm/mp3/m/l")
    assert status == 202, body
    playable = site.wait(body["task_id"], lambda task: task["playable"], 60)
    assert playable["playable"], playable
    assert site.wait(body["task_id"], lambda task: task["state"] == "done")["state"] == "done"
    viewer = site.viewer("tm/mp3/m/l")
    master = check_lesson(viewer)
    done = subprocess.run(["ffprobe", "-v", "error", *viewer.ffmpeg_input(master.audio[0]["URI"]), "-show_entries", "stream=codec_name,channels", "-of", "csv=p=0"],
                          capture_output=True, text=True, check=True)
    assert "aac,2" in done.stdout


SOURCES = {
    "mpeg4.avi": ["-f", "lavfi", "-i", "testsrc2=s=800x450:r=25:d=20", "-f", "lavfi", "-i", "sine=300:d=20", "-c:v", "mpeg4", "-b:v", "3M", "-c:a", "libmp3lame"],
    "portrait.mp4": ["-f", "lavfi", "-i", "testsrc2=s=720x1280:r=30:d=14", "-f", "lavfi", "-i", "sine=300:d=14", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "odd.mkv": ["-f", "lavfi", "-i", "testsrc2=s=641x363:r=25:d=14", "-f", "lavfi", "-i", "sine=300:d=14", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-c:a", "libopus"],
    "silent.webm": ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=14", "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M"],
    "tenbit.mp4": ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=14", "-f", "lavfi", "-i", "sine=300:d=14", "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none", "-c:a", "aac"],
    "sparse.mp4": ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=30", "-f", "lavfi", "-i", "sine=300:d=30", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "1000", "-sc_threshold", "0", "-c:a", "aac"],
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_cannot_be_copied_is_encoded(site, clips, name):
    clip = clips / name
    ffmpeg(*SOURCES[name], clip)
    rel = f"tm/encoded/m/{name.split('.')[0]}"
    site.make(clip, rel)
    viewer = site.viewer(rel)
    master = check_lesson(viewer, audio=name != "silent.webm")
    count = len(frame_hashes("-i", str(clip)))
    for variant in master.variants:
        assert variant["width"] % 2 == 0 and variant["height"] % 2 == 0
        assert len(frame_hashes(*viewer.ffmpeg_input(variant["uri"]))) == count, variant
    if name == "portrait.mp4":
        assert all(variant["height"] > variant["width"] for variant in master.variants)


def test_a_rotated_picture_stands_upright(site, clips):
    plain, turned = clips / "plain.mp4", clips / "turned.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=12", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", plain)
    ffmpeg("-i", plain, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned)
    site.make(turned, "tm/turned/m/l")
    master = check_lesson(site.viewer("tm/turned/m/l"), audio=False)
    assert all(variant["height"] > variant["width"] for variant in master.variants), master.text


def test_sound_alone_plays(site, clips):
    clip = clips / "sound.m4v"
    ffmpeg("-f", "lavfi", "-i", "sine=300:d=20", "-c:a", "aac", "-f", "mp4", clip)
    site.make(clip, "tm/sound/m/l")
    site.viewer("tm/sound/m/l").decodes("output.m3u8")


def test_picture_and_sound_stay_together(site, clips):
    clip = clips / "sync.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=black:s=320x180:r=25:d=120,geq=lum='255*eq(mod(N,250),125)':cb=128:cr=128",
           "-f", "lavfi", "-i", "aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t+5\\,10)\\,0.12)':s=48000:d=120", "-c:v", "libx264",
           "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame", "-shortest", clip)
    source = flashes_and_bleeps("-i", str(clip))
    site.make(clip, "tm/sync/m/l")
    made = flashes_and_bleeps(*site.viewer("tm/sync/m/l").ffmpeg_input("output.m3u8"))
    assert len(source[0]) == len(made[0]) >= 11 and len(made[1]) >= 11
    for index in (5, 10):
        offset = (made[0][index] - made[1][index]) - (source[0][index] - source[1][index])
        assert abs(offset) <= 0.040, (index, offset)


def test_h30_g03_h01_files_that_are_no_lesson(site, clips, film):
    whole = clips / "whole.mp4"
    ffmpeg("-t", "20", "-i", film, "-c", "copy", whole)
    data = whole.read_bytes()
    cases = {
        "H30.mp4": (data[: len(data) // 2], {"truncated", "not_media", "file_type"}),
        "G03.mp4": (b"x", {"not_media", "file_type"}),
        "H01.mp4": (b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", {"file_type", "not_media"}),
        "H32.mp4": (os.urandom(200_000), {"file_type", "not_media"}),
        "G07.webm": (data, {"file_type"}),
    }
    for name, (content, codes) in cases.items():
        (clips / name).write_bytes(content)
        status, body = site.upload(clips / name, f"tm/bad/m/{name.split('.')[0]}")
        if status == 202:
            body = site.wait(body["task_id"], lambda task: task["state"] == "failed", 60)["error"]
        else:
            assert status == 400, (name, body)
        assert body["code"] in codes, (name, body)
        rel = f"tm/bad/m/{name.split('.')[0]}"
        status, _, token = site.call(f"/api/get-video-token/v2?user_id=u&rel={rel}")
        assert status == 404 or Viewer(site, rel, token["token"]).get("output.m3u8")[0] == 404


def test_h43_a_second_upload_takes_the_place_of_the_first(site, clips):
    first, second = clips / "first.mp4", clips / "second.mp4"
    for clip, size in ((first, "640x360"), (second, "480x270")):
        ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=14", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", clip)
    rel = "tm/again/m/l"
    site.make(first, rel)
    before = site.viewer(rel).master().directories()
    site.make(second, rel)
    viewer = site.viewer(rel)
    after = viewer.master()
    assert after.directories() != before
    assert {variant["height"] for variant in after.variants} == {270}
    # Who began before goes on: the old publication stays for a while.
    assert viewer.get(f"{before.pop()}/360p/index.m3u8")[0] == 200


def test_a_task_can_be_stopped(site, clips, film):
    rel = "tm/stopped/m/l"
    clip = clips / "long.avi"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=60", "-c:v", "mpeg4", "-b:v", "6M", clip)
    status, body = site.upload(clip, rel)
    assert status == 202, body
    task = body["task_id"]
    assert site.call(f"/api/tasks/{task}", "DELETE")[0] == 202
    assert site.wait(task, lambda body: body["state"] == "cancelled", 60)["error"]["code"] == "cancelled"
    assert site.call(f"/api/get-video-token/v2?user_id=u&rel={rel}")[0] in (200, 404)
