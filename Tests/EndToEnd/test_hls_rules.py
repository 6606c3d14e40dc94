"""Published lessons keep the HLS specification's rules, in both packagings, whatever they were made of; and the checker
that says so sees each rule broken."""
import time
from collections import Counter

import pytest

import hlscheck
from client import Site, ffmpeg, frame_hashes
from hlscheck import Check, appended
from hlsrules import RULES
from hlsspoil import SPOILED, Package


@pytest.fixture(scope="module", params=["ts", "cmaf"])
def packaging(request):
    return request.param


@pytest.fixture(scope="module")
def site(packaging, request):
    return Site(request.getfixturevalue("demo" if packaging == "ts" else "cmaf_demo"))


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return tmp_path_factory.mktemp("rules")


SOURCES = {
    # What is copied, with pictures that need later ones, cut where the sound's blocks do not end.
    "copied.mp4": ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=24000/1001:d=19", "-f", "lavfi", "-i", "sine=440:r=44100:d=19", "-c:v", "libx264",
                   "-preset", "veryfast", "-b:v", "1500k", "-bf", "3", "-g", "72", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"],
    # Sound that is encoded in slices while the picture is copied.
    "mp3.mp4": ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=20", "-f", "lavfi", "-i", "sine=440:r=44100:d=20", "-c:v", "libx264", "-preset", "ultrafast",
                "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame"],
    # Nothing can be copied.
    "portrait.avi": ["-f", "lavfi", "-i", "testsrc2=s=360x640:r=30:d=14", "-f", "lavfi", "-i", "sine=300:d=14", "-c:v", "mpeg4", "-b:v", "2M", "-c:a", "libmp3lame"],
    # A broadcast: start codes, ADTS.
    "adts.ts": ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=14", "-f", "lavfi", "-i", "sine=300:r=44100:d=14", "-c:v", "libx264", "-preset", "veryfast",
                "-g", "50", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"],
    "sound.m4v": ["-f", "lavfi", "-i", "sine=300:d=20", "-c:a", "aac", "-f", "mp4"],
    # A picture every ten seconds.
    "slides.mp4": ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=1/10:d=30", "-f", "lavfi", "-i", "sine=d=30", "-c:v", "libx264", "-c:a", "aac"],
}


def make(site, clips, name):
    """Publishes one of the sources, once; answers how to read it."""
    clip = clips / name
    if not clip.exists():
        ffmpeg(*SOURCES[name], clip)
    rel = f"th/rules/m/{name.split('.')[0]}"
    if site.call(f"/api/get-video-token/v2?user_id=u&rel={rel}")[0] != 200:
        site.make(clip, rel)
    return clip, site.viewer(rel)


def checked(site, viewer):
    check = Check(hlscheck.over_http(f"{site.base}/hls2/{viewer.rel}/output.m3u8", viewer.headers))
    check.run()
    return check


@pytest.mark.parametrize("name", SOURCES)
def test_a_published_lesson_keeps_every_rule(site, packaging, clips, name):
    clip, viewer = make(site, clips, name)
    check = checked(site, viewer)
    assert not check.found, check.found[:10]
    # The check has seen something: segments of the kind that was asked for, and their coding.
    assert check.seen["decrypts"] >= 2 and check.seen["readable"] >= 2
    assert bool(check.seen["fmp4-init"]) == (packaging == "cmaf")
    master = viewer.master()
    # Pictures for winding are transport streams in both.
    played = [path for path in check.cache if path.endswith((".ts", ".m4s")) and "/iframes/" not in path]
    assert played and all(path.endswith(".ts" if packaging == "ts" else ".m4s") for path in played), played[:5]
    for variant in master.variants:
        # In the stream's own clock: of a picture a second ffmpeg guesses a rate that rounds two of them to one time.
        viewer.decodes(variant["uri"], "-vsync", "passthrough", "-enc_time_base", "-1")
    if name in ("copied.mp4", "adts.ts"):
        top = max(master.variants, key=lambda variant: variant["height"])
        assert frame_hashes(*viewer.ffmpeg_input(top["uri"])) == frame_hashes("-i", str(clip))


def test_each_rule_is_seen_broken(site, packaging, clips):
    _, viewer = make(site, clips, "copied.mp4")
    good = checked(site, viewer)
    assert not good.found, good.found[:10]
    missed = []
    for rule, kind, name, spoil in SPOILED:
        if kind and kind != packaging:
            continue
        package = Package(good.cache)
        spoil(package)
        check = Check(package.get)
        check.run()
        if rule not in {broken for broken, *_ in check.found}:
            missed.append((rule, name, check.found[:3]))
    assert not missed, missed
    # Package for package as it was, nothing is found.
    again = Check(Package(good.cache).get)
    assert not again.run()


def test_every_rule_has_a_package_that_breaks_it():
    listed = {rule for rule, *_ in SPOILED}
    assert listed == RULES.keys() - {"append-only"}
    cases = [("#EXTM3U\na\nb\n", "#EXTM3U\na\nb\nc\n", True), ("#EXTM3U\na\n", "#EXTM3U\nb\n", False), ("#EXTM3U\na\nb\n", "#EXTM3U\na\n", False),
             ("#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0\na\n", "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\na\nb\n#EXT-X-ENDLIST\n", True),
             ("#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\na\n", "#EXTM3U\na\nb\n", False), ("#EXTM3U\na\n#EXT-X-ENDLIST\n", "#EXTM3U\na\n#EXT-X-ENDLIST\nb\n", False)]
    for before, after, good in cases:
        check = Check(None)
        appended(check, "index.m3u8", before, after)
        assert bool(check.found) != good, (before, after)


def test_a_growing_lesson_is_only_appended_to(site, clips):
    clip = clips / "growing.avi"
    if not clip.exists():
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=854x480:r=25:d=50,noise=alls=12:allf=t", "-f", "lavfi", "-i", "sine=300:d=50", "-c:v", "mpeg4", "-b:v", "5M", "-c:a", "libmp3lame", clip)
    rel = "th/rules/m/growing"
    status, body = site.upload(clip, rel)
    assert status == 202, body
    site.wait(body["task_id"], lambda task: task["playable"])
    viewer, seen, versions, grown = site.viewer(rel), {}, Counter(), Check(None)
    end = time.monotonic() + 300
    while time.monotonic() < end:
        over = site.task(body["task_id"])["state"]
        check = checked(site, viewer)
        lists = {path: data.decode() for path, (_, _, data) in check.cache.items() if path.endswith(".m3u8")}
        # Playlists are read one after the other; only what was the same at the end of the walk belongs together.
        if all(viewer.text(path) == text for path, text in lists.items()):
            assert not check.found, check.found[:10]
        for path, text in lists.items():
            if path != "output.m3u8":
                if path in seen and seen[path] != text:
                    versions[path] += 1
                    appended(grown, path, seen[path], text)
                seen[path] = text
        if over == "done":
            break
        time.sleep(0.1)
    assert not grown.found, grown.found
    assert all("#EXT-X-ENDLIST" in text for text in seen.values())
    assert versions, "nothing was seen to grow"
