"""Captions: sent before, while and after a lesson is made, found in its file, shown at the right second."""
import json, re, subprocess, time, urllib.error, urllib.request

import pytest

from beside import hls_player, until
from client import Site, attribute_list, ffmpeg

SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>One</i> & <3\r\n\r\n2\r\n00:00:05,500 --> 00:00:06,500\r\nBorder\r\n\r\n3\r\n00:00:16,000 --> 00:00:17,000\r\nLate\r\n"


@pytest.fixture(scope="module")
def site(demo):
    return Site(demo)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def plain(clips):
    clip = clips / "plain.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=426x240:r=25:d=24", "-f", "lavfi", "-i", "sine=440:d=24", "-c:v", "libx264", "-preset",
           "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", clip)
    return clip


@pytest.fixture(scope="module")
def lesson(site, plain):
    """A lesson with German captions that were sent when it was made."""
    rel = "tc/plain/m/l"
    site.make(plain, rel)
    forget(site, rel)
    status, body = send(site, rel, "de", SRT, "?label=Deutsch&default=true")
    assert status == 201 and body["cues"] == 3 and body["format"] == "srt", body
    published(site, rel, "de")
    return rel


def path(rel, language=None):
    return f"/api/videos/{rel.replace('/', '%2F')}/captions" + (f"/{language}" if language else "")


def send(site, rel, language, text, query="", **headers):
    data = text if isinstance(text, bytes) else text.encode()
    status, _, body = site.call(path(rel, language) + query, "PUT", {"Content-Type": "text/plain", **headers}, data)
    return status, body


def items(site, rel):
    status, _, body = site.call(path(rel))
    assert status == 200, body
    return body["items"]


def forget(site, rel):
    """Removes what an earlier run left in a demo that goes on."""
    status, _, body = site.call(path(rel))
    for item in body["items"] if status == 200 else []:
        site.call(path(rel, item["language"]), "DELETE")


def published(site, rel, *languages, seconds=60):
    """Waits until exactly these languages are offered to players."""
    end = time.monotonic() + seconds
    while sorted(item["language"] for item in items(site, rel) if item["state"] == "published") != sorted(languages):
        assert time.monotonic() < end, items(site, rel)
        time.sleep(0.1)


def tracks(viewer):
    return [attribute_list(line) for line in viewer.text("output.m3u8").splitlines() if "TYPE=SUBTITLES" in line]


def cues(viewer, uri):
    """Every cue of a rendition: begin, end, text, and in which segments."""
    text = viewer.text(uri)
    assert "#EXT-X-ENDLIST" in text and "#EXT-X-KEY" not in text
    found = {}
    for number, name in enumerate(line for line in text.splitlines() if line.endswith(".vtt")):
        segment = viewer.text(uri.rsplit("/", 1)[0] + "/" + name)
        assert segment.startswith("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n")
        for match in re.finditer(r"^([0-9:.]+) --> ([0-9:.]+)(?: [^\n]*)?\n((?:[^\n]+\n)+)", segment, re.M):
            found.setdefault(match.groups(), []).append(number)
    return found


def test_captions_are_published_in_segments(site, lesson):
    viewer = site.viewer(lesson)
    track = next(track for track in tracks(viewer) if track["LANGUAGE"] == "de")
    assert track["NAME"] == "Deutsch" and track["DEFAULT"] == "YES" and track["FORCED"] == "NO" and track["GROUP-ID"] == "captions"
    master = viewer.master()
    assert all(variant["SUBTITLES"] == "captions" and variant["CLOSED-CAPTIONS"] == "NONE" for variant in master.variants)
    found = cues(viewer, track["URI"])
    assert found == {("00:00:01.000", "00:00:02.500", "<i>One</i> &amp; &lt;3\n"): [0], ("00:00:05.500", "00:00:06.500", "Border\n"): [0, 1],
                     ("00:00:16.000", "00:00:17.000", "Late\n"): [2]}
    status, headers, body = site.call(path(lesson, "de"))
    assert status == 200 and headers["Content-Type"].startswith("text/vtt") and body.startswith(b"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<i>One")
    viewer.decodes("output.m3u8")


def test_without_a_token_no_captions(site, lesson):
    uri = tracks(site.viewer(lesson))[0]["URI"]
    for name in (uri, uri.replace("index.m3u8", "0.vtt")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site.base}/hls2/{lesson}/{name}")
        assert refused.value.code == 401 and refused.value.headers["X-Reelgate-Reason"] == "token_missing"


def test_a_cue_appears_at_its_second(site, lesson):
    with hls_player(site, lesson) as page:
        page.evaluate("hls.subtitleTrack = hls.subtitleTracks.findIndex(track => track.lang === 'de')")
        page.evaluate("video.play()")
        until(page, "[...video.textTracks].some(track => track.cues && track.cues.length >= 2)")
        assert page.evaluate("video.buffered.start(0)") < 0.1
        page.evaluate("video.pause(); video.currentTime = 6")
        showing = "[...video.textTracks].flatMap(track => [...(track.activeCues || [])]).map(cue => cue.text).join()"
        until(page, f"!video.seeking && ({showing}) === 'Border'")
        times = page.evaluate("[...video.textTracks].flatMap(track => [...(track.cues || [])]).map(cue => [cue.text, cue.startTime, cue.endTime])")
        for text, start, end in (("Border", 5.5, 6.5), ("<i>One</i> &amp; &lt;3", 1, 2.5)):
            assert any(cue[0] == text and abs(cue[1] - start) < 0.05 and abs(cue[2] - end) < 0.05 for cue in times), times
        page.evaluate("video.currentTime = 8")
        until(page, f"!video.seeking && ({showing}) === ''")
        page.evaluate("video.currentTime = 16.5")
        until(page, f"!video.seeking && ({showing}) === 'Late'")


def test_a_new_version_stands_beside_the_old(site, lesson):
    viewer = site.viewer(lesson)
    old = next(track for track in tracks(viewer) if track["LANGUAGE"] == "de")["URI"]
    status, body = send(site, lesson, "de", "WEBVTT\n\n00:03.000 --> 00:04.000 align:start\nNeu\n")
    assert status == 200 and body["format"] == "vtt", body
    end = time.monotonic() + 60
    while (new := next(track for track in tracks(viewer) if track["LANGUAGE"] == "de")["URI"]) == old:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert list(cues(viewer, new)) == [("00:00:03.000", "00:00:04.000", "Neu\n")]
    assert len(cues(viewer, old)) == 3, "who plays the old version goes on"
    assert send(site, lesson, "pt-br", SRT, "?kind=captions")[0] == 201
    published(site, lesson, "de", "pt-BR")
    track = next(track for track in tracks(viewer) if track["LANGUAGE"] == "pt-BR")
    assert track["NAME"] == "Portuguese (BR)" and "describes-music-and-sound" in track["CHARACTERISTICS"]
    assert site.call(path(lesson, "pt-BR"), "DELETE")[0] == 200
    assert site.call(path(lesson, "pt-BR"), "DELETE")[0] == 404
    end = time.monotonic() + 60
    while len(tracks(viewer)) > 1:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_refused_with_code_and_line(site, lesson):
    for text, code, line in ((b"hello", "captions_format", "Line 1"), (b"", "captions_format", "The file"),
                             (b"1\n-00:00:01,000 --> 00:00:02,000\nx", "captions_time", "Line 2"),
                             (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "captions_time", "Line 3"),
                             (b"00:00:01,000 --> 00:00:02,000\nx\n" * 20001, "captions_amount", "Line 40001"),
                             (bytes(1000), "captions_format", "Line 1")):
        status, body = send(site, lesson, "fr", text)
        assert status == 400 and body["code"] == code and body["detail"].startswith(line), (text[:40], body)
    assert send(site, lesson, "fr", b"x" * (2 << 20) + b"x")[0] == 413
    assert send(site, lesson, "en_US", SRT)[1]["code"] == "captions_language"
    assert send(site, lesson, "fr", SRT, **{"Content-Type": "application/json"})[0] == 415
    assert send(site, "tc/nothing/m/l", "fr", SRT)[0] == 404
    assert send(site, lesson, "fr", SRT, "?label=x%0A%23EXTM3U")[0] == 400
    assert all(item["language"] != "fr" for item in items(site, lesson))
    done = subprocess.run(["curl", "-sS", "-X", "PUT", "-H", f"X-API-Key: {site.key}", "-F", "label=Français \"2\"", "-F", "captions=@-;filename=x.srt",
                           site.base + path(lesson, "fr")], input=SRT.encode("utf-16"), capture_output=True, check=True)
    body = json.loads(done.stdout)
    assert body["encoding"] == "utf-16" and body["label"] == "Français '2'", body
    assert site.call(path(lesson, "fr"), "DELETE")[0] == 200


def test_sent_while_the_lesson_is_made_and_kept_when_it_is_replaced(site, plain, clips):
    rel = "tc/early/m/l"
    forget(site, rel)
    status, body = site.upload(plain, rel)
    assert status == 202, body
    assert send(site, rel, "en", SRT.encode("cp1252"))[0] == 201
    assert site.wait(body["task_id"], lambda task: task["state"] == "done")["state"] == "done"
    published(site, rel, "en")
    viewer = site.viewer(rel)
    before = tracks(viewer)[0]["URI"]
    longer = clips / "longer.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=14", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", longer)
    site.make(longer, rel)
    published(site, rel, "en")
    after = tracks(viewer)[0]["URI"]
    assert after.split("/")[0] != before.split("/")[0] and after.split("/")[1] == before.split("/")[1]
    assert len(cues(viewer, after)) == 2, "what comes after the end is not shown"


def test_captions_of_the_file(site, clips):
    srt, clip = clips / "x.srt", clips / "captions.mkv"
    srt.write_text(SRT)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=20", "-f", "lavfi", "-i", "sine=440:d=20", "-i", srt, "-i", srt, "-map", "0", "-map", "1",
           "-map", "2", "-map", "3", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s:0", "srt",
           "-c:s:1", "ass", "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=ger", "-metadata:s:s:1", 'title=Die "Guten"\n#EXTM3U',
           "-disposition:s:1", "hearing_impaired", clip)
    iso = clips / "captions.mp4"
    ffmpeg("-i", clip, "-map", "0:v", "-map", "0:a", "-map", "0:s:0", "-c:v", "copy", "-c:a", "copy", "-c:s", "mov_text", iso)
    for file, languages in ((clip, ("de", "en")), (iso, ("en",))):
        rel = f"tc/file/m/{file.suffix[1:]}"
        forget(site, rel)
        site.make(file, rel)
        published(site, rel, *languages)
        viewer = site.viewer(rel)
        assert "#EXTM3U" not in viewer.text("output.m3u8")[8:]
        for track in tracks(viewer):
            assert track["DEFAULT"] == "NO"
            assert ("CHARACTERISTICS" in track) == (track["LANGUAGE"] == "de")
            times = [cue[:2] for cue in cues(viewer, track["URI"])]
            assert times == [("00:00:01.000", "00:00:02.500"), ("00:00:05.500", "00:00:06.500"), ("00:00:16.000", "00:00:17.000")], times
        assert [item["origin"] for item in items(site, rel)] == ["file"] * len(languages)
    assert send(site, rel, "en", "WEBVTT\n\n00:03.000 --> 00:04.000\nOurs\n")[0] == 201
    end = time.monotonic() + 60
    while (now := [item["origin"] for item in items(site, rel) if item["state"] == "published"]) != ["uploaded"]:
        assert time.monotonic() < end, now
        time.sleep(0.1)
    assert len(tracks(viewer)) == 1
