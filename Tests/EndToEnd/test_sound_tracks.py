"""Several sound tracks of a file are one group: named, each whole, and a player changes between them."""
import re, subprocess

import pytest

from beside import hls_player, until
from client import Site, ffmpeg

TONES = {"en": 440, "de": 880, "fr": 1760}


@pytest.fixture(scope="module")
def site(demo):
    return Site(demo)


@pytest.fixture(scope="module")
def lesson(site, tmp_path_factory):
    """English that can be copied, a German commentary that can't, a French description that lasts longer than the film."""
    clip = tmp_path_factory.mktemp("clips") / "tracks.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=426x240:r=25:d=20", "-f", "lavfi", "-i", "sine=440:r=48000:d=20", "-f", "lavfi", "-i", "sine=880:r=44100:d=20",
           "-f", "lavfi", "-i", "sine=1760:r=48000:d=33", "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "libx264", "-preset", "ultrafast",
           "-g", "50", "-pix_fmt", "yuv420p", "-c:a:0", "aac", "-c:a:1", "libmp3lame", "-c:a:2", "aac", "-metadata:s:a:0", "language=eng",
           "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", 'title=Der "Regisseur"\n#EXTM3U\n', "-metadata:s:a:2", "language=fre",
           "-disposition:a:0", "default", "-disposition:a:1", "0", "-disposition:a:2", "visual_impaired", clip)
    rel = "ts/tracks/m/l"
    site.make(clip, rel)
    return rel


def pitch(viewer, uri, at):
    """The tone of a rendition, by its zero crossings."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *viewer.ffmpeg_input(uri), "-ss", str(at), "-t", "1", "-af", "astats=metadata=1", "-f", "s16le",
                           "-ac", "1", "-ar", "48000", "-"], capture_output=True, check=True)
    samples = [int.from_bytes(done.stdout[i:i + 2], "little", signed=True) for i in range(0, len(done.stdout) - 1, 2)]
    return sum(1 for a, b in zip(samples, samples[1:]) if a < 0 <= b) * 48000 / max(1, len(samples))


def test_h37_every_track_is_named_and_whole(site, lesson):
    viewer = site.viewer(lesson)
    master = viewer.master()
    assert [(track["LANGUAGE"], track["NAME"], track["DEFAULT"], track["AUTOSELECT"]) for track in master.audio] == [
        ("en", "English", "YES", "YES"), ("de", "German", "NO", "YES"), ("fr", "French", "NO", "YES")], master.text
    assert [track.get("CHARACTERISTICS") for track in master.audio] == [None, None, "public.accessibility.describes-video"]
    assert "#EXTM3U" not in master.text[8:]
    keys = {}
    for track in master.audio:
        viewer.decodes(track["URI"])
        text = viewer.text(track["URI"])
        assert 19.5 < sum(float(value) for value in re.findall(r"#EXTINF:([0-9.]+)", text)) < 20.6, text
        for key in re.findall(r'URI="([^"]+)"', text):
            assert keys.setdefault(key, track["URI"]) == track["URI"], "two renditions share a key"
        for at in (1, 10, 18):
            assert abs(pitch(viewer, track["URI"], at) - TONES[track["LANGUAGE"]]) < 10, (track, at)
    viewer.decodes("output.m3u8")


def test_a_player_changes_the_track(site, lesson):
    with hls_player(site, lesson) as page:
        page.evaluate("video.play()")
        until(page, "video.currentTime > 1")
        assert page.evaluate("hls.audioTracks.map(track => track.lang)") == ["en", "de", "fr"]
        page.evaluate("hls.on(Hls.Events.FRAG_BUFFERED, (_, data) => { if (data.frag.type === 'audio') window.heard = data.frag.url; })")
        for index, name in ((1, "audio-2"), (2, "audio-3"), (0, "audio")):
            page.evaluate(f"window.heard = ''; hls.audioTrack = {index}; video.currentTime = {4 * index + 2}; video.play()")
            until(page, f"window.heard.includes('/{name}/')")
            before = page.evaluate("video.currentTime")
            until(page, f"video.currentTime > {before} + 0.5 && !video.paused")
