"""Published lessons in players of others. REELGATE_PLAYERS_SECONDS, _SEEKS and _STRICT make it longer and stricter
(scripts/check-players)."""
import os, shutil

import pytest

from playwright.sync_api import sync_playwright

from client import Site, ffmpeg
from pagelab import chromium
from players import Watched, gstreamer
from test_media import film  # noqa: F401

SECONDS = int(os.environ.get("REELGATE_PLAYERS_SECONDS", "24"))
SEEKS = int(os.environ.get("REELGATE_PLAYERS_SEEKS", "10"))
STRICT = os.environ.get("REELGATE_PLAYERS_STRICT") == "1"
SEED = int(os.environ.get("REELGATE_PLAYERS_SEED", "7"))


@pytest.fixture(scope="module")
def site(demo):
    return Site(demo)


@pytest.fixture(scope="module")
def lessons(site, film, tmp_path_factory):  # noqa: F811
    """A real film whose top is copied, and the same as something that has to be encoded: name → rel."""
    place = tmp_path_factory.mktemp("players")
    ffmpeg("-i", film, "-t", SECONDS, "-c", "copy", place / "copied.mp4")
    # Evenly timed: Chromium's own player drops all up to the next key frame behind a gap of two pictures, as AVIs have them.
    ffmpeg("-i", film, "-t", SECONDS, "-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "mp2", place / "encoded.ts")
    made = {}
    for name in ("copied.mp4", "encoded.ts"):
        made[name.split(".")[0]] = rel = f"tp/{name.split('.')[0]}/m/l"
        site.make(place / name, rel, 1200)
    return made


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as play:
        made = chromium(play)
        yield made
        made.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def is_cmaf(site, rel):
    return ".m4s" in site.viewer(rel).text(site.viewer(rel).master().variants[0]["uri"])


@pytest.mark.parametrize("kind", ["copied", "encoded"])
def test_ffmpeg_has_no_doubt(site, lessons, kind):
    viewer = site.viewer(lessons[kind])
    master = viewer.master()
    for uri in ["output.m3u8", *(variant["uri"] for variant in master.variants), *(sound["URI"] for sound in master.audio if sound["TYPE"] == "AUDIO")]:
        viewer.decodes(uri)


@pytest.mark.parametrize("kind", ["copied", "encoded"])
def test_hls_js_switched_and_sought_about(site, lessons, page, kind):
    """Every rung to every other, then random places inside and outside of the buffer: nothing the decoder minds."""
    watched = Watched(page, site, lessons[kind])
    levels = watched.open_hls()
    assert len(levels) >= 2
    switches = watched.switch_everywhere()
    assert switches == len(levels) * (len(levels) - 1)
    before = watched.facts()
    inside, outside = watched.seek_about(SEEKS, SEED)
    facts, seen = watched.facts(), watched.seen()
    print(f"hls.js, {kind}: {switches} switches, {inside} seeks inside and {outside} outside of the buffer, {facts['frames']} pictures, {facts['dropped']} dropped, "
          f"buffer at least {seen['least'] or 0:.2f} s, notes {sorted(set(seen['notes']))}")
    assert not seen["errors"]
    assert facts["frames"] > before["frames"] and facts["sound"] > before["sound"] and facts["picture"] > before["picture"]
    if STRICT:
        assert not seen["under"], seen["under"][:10]
        assert facts["dropped"] < 0.01 * facts["frames"], facts


@pytest.mark.parametrize("kind", ["copied", "encoded"])
def test_chromiums_own_player(site, lessons, page, kind):
    """By the path token: from the beginning, about, and to the end."""
    if is_cmaf(site, lessons[kind]):
        pytest.skip("Chromium's own player takes no encrypted fragmented MP4")
    watched = Watched(page, site, lessons[kind])
    watched.open_native()
    assert abs(watched.facts()["duration"] - SECONDS) < 1
    inside, outside = watched.seek_about(max(4, SEEKS // 3), SEED)
    watched.page.evaluate("video.currentTime = video.duration - 2")
    facts = watched.until(lambda f: f["ended"], "the end")
    print(f"native, {kind}: {inside} seeks inside and {outside} outside of the buffer, {facts['frames']} pictures, {facts['dropped']} dropped")
    assert not watched.seen()["errors"] and facts["sound"] > 0


@pytest.mark.parametrize("kind", ["copied", "encoded"])
def test_each_rung_alone_in_chromiums_own_player(site, lessons, page, kind):
    """A playlist of a picture without its master."""
    if is_cmaf(site, lessons[kind]):
        pytest.skip("Chromium's own player takes no encrypted fragmented MP4")
    master = site.viewer(lessons[kind]).master()
    place = site.token(lessons[kind])["path_playlist_url"].rpartition("/")[0]
    for variant in master.variants:
        watched = Watched(page, site, lessons[kind])
        page.evaluate("(url) => { const v = document.createElement('video'); document.body.replaceChildren(v); watch(v, null); v.src = url; v.play().catch(() => {}); }",
                      "/" + place.split("/", 3)[3] + "/" + variant["uri"])
        facts = watched.until(lambda f: f["now"] > 2 and f["frames"] > 40, f"{variant['height']}p alone")
        assert facts["height"] == variant["height"]


@pytest.mark.parametrize("kind", ["copied", "encoded"])
def test_gstreamer(site, lessons, kind):
    if not shutil.which("gst-launch-1.0"):
        pytest.skip("GStreamer is not installed")
    if is_cmaf(site, lessons[kind]):
        pytest.skip("GStreamer's hlsdemux takes no encrypted fragmented MP4")
    seen = gstreamer(site.token(lessons[kind], platform="mobile")["path_playlist_url"])
    print(f"GStreamer, {kind}: {seen}")
    assert not seen["errors"] and seen["ended"] and seen["code"] == 0
    assert seen["pictures"] >= 23 * SECONDS and seen["sounds"] > 30 * SECONDS


@pytest.mark.parametrize("player", ["hls.js", "native"])
def test_a_lesson_that_grows(site, page, tmp_path, player):
    """Played from the moment it is playable until it has ended, while the rest of it is made."""
    clip, rel = tmp_path / "growing.avi", f"tp/growing/m/{player.replace('.', '-')}"
    seconds = max(40, SECONDS)
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={seconds}", "-f", "lavfi", "-i", f"sine=300:d={seconds}", "-c:v", "mpeg4", "-b:v", "3M", "-c:a", "libmp3lame", clip)
    status, body = site.upload(clip, rel)
    assert status == 202, body
    task = site.wait(body["task_id"], lambda task: task["playable"], 600)
    assert task["playable"], task
    if player == "native" and is_cmaf(site, rel):
        pytest.skip("Chromium's own player takes no encrypted fragmented MP4")
    playlists = {uri: site.viewer(rel).text(uri) for uri in uris(site.viewer(rel).master())}
    open_ones = ["#EXT-X-ENDLIST" not in text for text in playlists.values()]
    assert all(open_ones) or not any(open_ones), "one playlist is closed while another grows"
    watched = Watched(page, site, rel)
    watched.open_hls() if player == "hls.js" else watched.open_native()
    watched.plays_on("growing", 3)
    print(f"{player}, growing: {sum(open_ones)} of {len(open_ones)} playlists open at the start, state {site.task(body['task_id'])['state']}")
    site.wait(body["task_id"], lambda task: task["state"] == "done", 1200)
    if player == "hls.js":
        watched.until(lambda f: abs(f["duration"] - seconds) < 1, "the whole length", 60)
        watched.seek(seconds - 3)
        watched.until(lambda f: f["ended"], "the end")
    else:
        # Chromium's own player fetches nothing that is new in the list that ends: pages load the source again.
        watched.open_native()
        assert abs(watched.facts()["duration"] - seconds) < 1
        watched.seek(seconds - 3)
        watched.until(lambda f: f["ended"], "the end")
    assert not watched.seen()["errors"]


def uris(master):
    return [variant["uri"] for variant in master.variants] + [sound["URI"] for sound in master.audio if "URI" in sound and sound["TYPE"] == "AUDIO"]
