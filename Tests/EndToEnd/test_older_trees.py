"""Trees of the older server, and videos of its two-part paths: encrypted by ffmpeg's own HLS muxer with the key's address on
a host that is gone, they play unchanged in every transport."""
import os, secrets, subprocess

import pytest

from gate import ask, refused
from lab import GOOD, HOST
from tokens import mint, older
from wire import raw, request

FOUR, TWO = "old/c1/m1/l1", "olduser/film"


def quiet(*words):
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *map(str, words)], check=True, capture_output=True, text=True).stdout


class Old:
    """Two trees as the older server left them, and what their film looks like."""

    def __init__(self, lab, place):
        self.lab = lab
        clip = f"{place}/clip.mp4"
        quiet("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=10", "-f", "lavfi", "-i", "sine=f=440:d=10", "-c:v", "libx264",
              "-preset", "ultrafast", "-g", 50, "-pix_fmt", "yuv420p", "-c:a", "aac", "-y", clip)
        self.pictures = quiet("-i", clip, "-map", "0:v", "-f", "md5", "-")
        self.keys = {}
        for rel in (FOUR, TWO):
            tree = f"{lab.data}/hls/{rel}"
            os.makedirs(tree)
            self.keys[rel] = secrets.token_bytes(16)
            with open(f"{tree}/enc.key", "wb") as file:
                file.write(self.keys[rel])
            with open(f"{place}/info", "w") as file:
                file.write(f"https://gone.example/hls2/{rel}/key\n{tree}/enc.key\n")
            quiet("-i", clip, "-c", "copy", "-hls_time", 2, "-hls_list_size", 0, "-hls_key_info_file", f"{place}/info",
                  "-hls_segment_filename", f"{tree}/segment_%03d.ts", f"{tree}/output.m3u8")

    def see(self, target, *lines):
        """The pictures' digest as a player gets them, from start to end and without a doubt of the decoder."""
        fields = "".join(f"{line}\r\n" for line in (f"Host: {HOST}", f"Referer: {GOOD}/", *lines))
        done = subprocess.run(["ffmpeg", "-v", "warning", "-xerror", "-nostdin", "-headers", fields, "-i",
                               f"http://127.0.0.1:{self.lab.port}{target}", "-map", "0:v", "-f", "md5", "-"], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def old(lab, tmp_path_factory):
    return Old(lab, tmp_path_factory.mktemp("old"))


def transports(rel):
    """Each way a token for a path can be carried: the target, and the header lines."""
    four = rel == FOUR
    web, app, path = ((mint(rel), mint(rel, platform="mobile"), mint(rel, tr="path")) if four else
                      (older(*rel.split("/")), older(*rel.split("/"), platform="mobile"), older(*rel.split("/"), tr="path")))
    base = "/hls2" if four else "/hls"
    return {
        "header": (f"{base}/{rel}/", [f"Authorization: Bearer {web}"]), "cookie": (f"{base}/{rel}/", [f"Cookie: a=b; reelgate_play={web}"]),
        "query": (f"/mobile{base}/{rel}/", app), "mobile header": (f"/mobile{base}/{rel}/", [f"Authorization: Bearer {app}"]),
        "path": (f"/play/{path}/{rel}/", []), "app in the path": (f"/play/{app}/{rel}/", [])}


@pytest.mark.parametrize("way", ["header", "cookie", "query", "mobile header", "path", "app in the path"])
@pytest.mark.parametrize("rel", [FOUR, TWO])
def test_an_older_tree_plays_unchanged(old, rel, way):
    base, lines = transports(rel)[way]
    query = ""
    if isinstance(lines, str):
        query, lines = f"?token={lines}", []
    assert old.see(f"{base}output.m3u8{query}", *lines) == old.pictures
    # ffmpeg asked this server alone: the key's old address is in no playlist that leaves.
    pairs = [("Referer", GOOD + "/")] + [tuple(line.split(": ", 1)) for line in lines]
    text = raw(old.lab.port, request(f"{base}output.m3u8{query}", HOST, pairs)).body.decode()
    assert "gone.example" not in text and 'URI="enc.key' in text


@pytest.mark.parametrize("rel", [FOUR, TWO])
def test_K08_the_older_keys_answer_at_their_old_path(old, rel):
    token = mint(rel) if rel == FOUR else older(*rel.split("/"))
    for name in ("key", "enc.key"):
        answer = ask(old.lab, "hls2", f"{rel}/{name}", token)
        assert (answer.status, answer.body) == (200, old.keys[rel])
        assert answer.header("content-type") == "application/octet-stream" and answer.header("etag") is None
        assert "no-store" in answer.header("cache-control") and answer.header("x-content-type-options") == "nosniff"
        refused(old.lab, ask(old.lab, "hls2", f"{rel}/{name}"), 401, "token_missing")


@pytest.mark.parametrize("key", [b"", b"x" * 15, b"x" * 17, bytes(16)])
def test_K07_a_spoilt_key_is_none(old, key):
    tree = f"{old.lab.data}/hls/old/c1/m1/spoilt"
    os.makedirs(tree, exist_ok=True)
    with open(f"{tree}/enc.key", "wb") as file:
        file.write(key)
    refused(old.lab, ask(old.lab, "hls2", "old/c1/m1/spoilt/key", mint("old/c1/m1/spoilt")), 404, "not_found")


def test_E13_E16_tokens_of_the_two_kinds_do_not_mix(old):
    lab, web = old.lab, older(*TWO.split("/"))
    pairs = [("Referer", GOOD + "/"), ("Origin", GOOD)]

    def get(target, token):
        return raw(lab.port, request(target, HOST, pairs + [("Authorization", f"Bearer {token}")]))
    refused(lab, get(f"/hls2/{FOUR}/output.m3u8", web), 403, "rel")
    refused(lab, get(f"/hls2/{FOUR}/output.m3u8", older("old", "c1")), 403, "rel")
    refused(lab, get(f"/hls/{TWO}/output.m3u8", mint(FOUR)), 403, "rel")
    refused(lab, get(f"/hls/{TWO}2/output.m3u8", web), 403, "rel")
    refused(lab, get(f"/hls/{FOUR}/output.m3u8", older("old", "c1")), 403, "path")
    refused(lab, get(f"/hls2/{TWO}/output.m3u8", web), 403, "path")
    refused(lab, get(f"/hls/{TWO}/../film2/output.m3u8", web), 403, "path")
    refused(lab, get(f"/hls/{TWO}/missing.ts", web), 404, "not_found")
    for target in (f"/mobile/hls/{TWO}/output.m3u8?token={web}", f"/mobile/hls/{TWO}/segment_000.ts?token={web}"):
        refused(lab, raw(lab.port, request(target, HOST, pairs)), 403, "platform")


def test_the_waiting_file_is_there_while_it_waits(old):
    lab, target = old.lab, "/videos-user/olduser/film.mp4"
    os.makedirs(f"{lab.data}/uploads/olduser", exist_ok=True)
    with open(f"{lab.data}/uploads/olduser/film.mp4", "wb") as file:
        file.write(b"0123456789")
    pairs = {"Referer": GOOD + "/", "Origin": GOOD, "Authorization": f"Bearer {older('olduser', 'film')}"}
    answer = raw(lab.port, request(target, HOST, {**pairs, "Range": "bytes=2-4"}))
    assert (answer.status, answer.body) == (206, b"234")
    refused(lab, raw(lab.port, request(target, HOST, {**pairs, "Authorization": f"Bearer {mint(FOUR)}"})), 403, "rel")
    refused(lab, raw(lab.port, request(target, HOST, {"Origin": GOOD})), 401, "token_missing")
    os.unlink(f"{lab.data}/uploads/olduser/film.mp4")
    refused(lab, raw(lab.port, request(target, HOST, pairs)), 404, "not_found")
