"""The pages alone: their files under the policy nginx gives them, in front of answers made for tests. Every state a view
can be in is one function here; scripts/screens photographs them and the page tests look at them."""
import contextlib, http.server, json, mimetypes, os, re, shutil, subprocess, tempfile, threading, time, urllib.parse

from titlelab import Titles

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WWW = f"{ROOT}/nginx/www"
KEY = "rgk_fixture_0123456789abcdef"
REL = "demo/course-1/module-1/world"
TASK = "0b9c5f0e-3b52-4f6c-9a44-1d3f6a1f7c11"
RUNGS = {"720p": (1280, 720, 2600000), "480p": (854, 480, 1500000), "360p": (640, 360, 800000)}


def policy():
    """The Content-Security-Policy of the pages, as nginx/ has it."""
    with open(f"{ROOT}/nginx/vhosts/pages.conf") as file:
        return re.search(r'Content-Security-Policy "([^"]+)"', file.read())[1]


def hls_js():
    """hls.js where set-up puts it; fetched when it is not there yet."""
    return subprocess.run(["bash", "-c", ". scripts/lib/common.sh; fetch_hls_js"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def chromium(play):
    """Debian's Chromium under Playwright."""
    return play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                                args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"])


KINDS = {"audio": "audio", "poster": "poster", "sprites": "images", "iframes": "iframes", "chapters": "chapters", "captions": "captions"}
ALL = ("poster", "thumbnails", "chapters", "captions", "sounds")
CHAPTERS = [(0, 8, "Welcome &amp; thanks"), (8, 19, "What a rather long chapter title does to the bar"), (19, 30, "The end")]
CAPTIONS = {"en": "English", "de": "Deutsch", "ar": "العربية"}
SOUNDS = {"en": "English", "de": "Deutsch"}


def task(state="running", stage="encoding", progress=0.4, rungs=(), playable=False, error=None, speed=None, eta=95):
    """A task as the API answers it; rungs: (name, state, progress) and, where known, speed and seconds left."""
    def rung(name, state, progress, speed=None, eta=None):
        kind = KINDS.get(name.split("-")[0], "video")
        width, height = RUNGS.get(name, (0, 0))[:2]
        return {"name": name, "width": width or None, "height": height or None, "state": state, "progress": progress, "kind": kind,
                "copied": name == "720p", "speed": speed, "eta_seconds": eta}
    return {"task_id": TASK, "state": state, "stage": stage, "progress": progress, "eta_seconds": eta if state == "running" else None, "speed": speed,
            "playable": playable, "hls_path": f"/hls2/{REL}/output.m3u8", "error": error, "created_at": "2026-01-01T00:00:00Z",
            "renditions": [rung(*values) for values in rungs]}


def stamp(seconds):
    return f"{int(seconds // 3600):02}:{int(seconds // 60) % 60:02}:{seconds % 60:06.3f}"


def vtt(cues, head="WEBVTT"):
    """WebVTT of (from, to, text)."""
    return "\n\n".join([head, *(f"{stamp(a)} --> {stamp(b)}\n{text}" for a, b, text in cues)]) + "\n"


def problem(status, code, detail="No."):
    return status, {"type": "about:blank", "title": code, "status": status, "detail": detail, "message": detail, "error": detail,
                    "code": code, "request_id": "4f1d2c3b5a69788796a5b4c3d2e1f001"}


class PageLab:
    """Serves the pages; `task`, `token`, `upload` and `media` say what the next requests are answered with."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="rgp", dir="/tmp")
        self.policy, self.vendor = policy(), hls_js()
        self.log, self.released = [], threading.Event()
        self.reset()
        lab = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, body, kind="application/json; charset=utf-8"):
                if isinstance(body, (dict, list)):
                    body = json.dumps(body).encode()
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                                    ("Content-Security-Policy", lab.policy), ("Referrer-Policy", "strict-origin-when-cross-origin")):
                    self.send_header(name, value)
                if status >= 400:
                    self.send_header("X-Reelgate-Reason", json.loads(body)["code"])
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(body)

            def answer(self, what):
                self.reply(*what) if isinstance(what, tuple) else self.reply(200, what)

            def of_titles(self):
                """Whether the browse page asked, and was answered."""
                if not Titles.knows(self.path):
                    return False
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                lab.log.append((self.path, dict(self.headers)))
                if lab.held and re.search(lab.held, self.path):
                    lab.waiting += 1
                    lab.released.wait(60)
                self.answer(lab.titles.answer(self.command, self.path, self.headers.get("Authorization", ""), body))
                return True

            def do_POST(self):
                if self.of_titles():
                    return
                left = int(self.headers.get("Content-Length") or 0)
                stop = left * 0.42 if lab.upload == "hold" else 0
                while left > stop:
                    part = self.rfile.read(min(65536, left))
                    if not part:
                        return
                    left -= len(part)
                if lab.upload == "hold":
                    lab.released.wait(60)
                    self.close_connection = True
                    return
                self.reply(*lab.upload) if lab.upload[0] != 202 else self.reply(202, lab.upload[1])

            def do_GET(self):
                if self.of_titles():
                    return
                path = urllib.parse.urlsplit(self.path).path
                lab.log.append((self.path, dict(self.headers)))
                if path.startswith("/api/") and self.headers.get("X-API-Key") != KEY:
                    return self.answer(problem(401, "credentials_invalid"))
                if path.startswith("/api/tasks/"):
                    key_check = path.endswith("-000000000000")
                    if lab.task == "hold" and not key_check:
                        lab.released.wait(60)
                    if lab.task == "hold" or key_check:
                        return self.answer(problem(404, "not_found"))
                    return self.answer(lab.task)
                if path.startswith("/api/videos/"):
                    return self.answer(lab.captions)
                if path.startswith("/api/get-video-token"):
                    return self.answer(lab.token)
                if path.startswith("/hls2/"):
                    return self.media(path)
                name = "/index.html" if path == "/" else path + ".html" if path == "/browse" else path
                file = lab.vendor if name == "/vendor/hls.js" else os.path.normpath(WWW + name)
                if not os.path.isfile(file):
                    return self.answer(problem(404, "not_found"))
                kind = "text/javascript" if file.endswith(".js") else mimetypes.guess_type(file)[0] or "application/octet-stream"
                with open(file, "rb") as content:
                    self.reply(200, content.read(), kind)

            def do_PUT(self):
                if self.of_titles():
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                lab.log.append((self.path, dict(self.headers)))
                address = urllib.parse.urlsplit(self.path)
                if body.startswith(b"not"):
                    return self.answer(problem(400, "bad_request"))
                language = address.path.rpartition("/")[2]
                label = urllib.parse.parse_qs(address.query).get("label", [None])[0]
                lab.captions = {"items": [item for item in lab.captions["items"] if item["language"] != language] +
                                [{"language": language, "label": label, "state": "published", "origin": "uploaded"}]}
                self.reply(200, lab.captions["items"][-1])

            def do_DELETE(self):
                if self.of_titles():
                    return
                lab.log.append((self.path, dict(self.headers)))
                language = self.path.rpartition("/")[2]
                lab.captions = {"items": [item for item in lab.captions["items"] if item["language"] != language]}
                self.reply(200, {"message": "gone"})

            def media(self, path):
                if lab.held and re.search(lab.held, path):
                    lab.waiting += 1
                    lab.released.wait(60)
                if lab.media != "play":
                    return self.answer(problem(*lab.media) if isinstance(lab.media, tuple) else problem(403, lab.media))
                if path.endswith("/output.m3u8"):
                    return self.reply(200, lab.master().encode(), "application/vnd.apple.mpegurl")
                name = path.split("/_p/", 1)[-1]
                file = os.path.normpath(f"{lab.home}/{name}")
                if name.split("/")[0] in lab.missing or not os.path.exists(file):
                    return self.answer(problem(404, "not_found"))
                kinds = {"m3u8": "application/vnd.apple.mpegurl", "ts": "video/mp2t", "vtt": "text/vtt", "jpg": "image/jpeg"}
                with open(file, "rb") as content:
                    self.reply(200, content.read(), kinds[file.rpartition(".")[2]])

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 128

            def handle_error(self, *_):
                pass  # a browser that goes away in the middle is no news

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hold(self, pattern):
        """From now on files whose path matches are answered when `let_go` is called."""
        self.held, self.waiting, self.released = pattern, 0, threading.Event()

    def let_go(self):
        self.held = None
        self.released.set()

    def master(self):
        """The master playlist: the rungs of `listed`, and what of ALL `beside` names."""
        def media(kind, group, name, uri, more):
            return f'#EXT-X-MEDIA:TYPE={kind},GROUP-ID="{group}",NAME="{name}",URI="_p/{uri}/index.m3u8",{more}'
        lines, captions = ["#EXTM3U", "#EXT-X-VERSION:6"], ""
        if "sounds" in self.beside:
            lines += [media("AUDIO", "a", name, "audio" if tag == "en" else f"audio-{tag}", f'LANGUAGE="{tag}",AUTOSELECT=YES,DEFAULT={"YES" if tag == "en" else "NO"}')
                      for tag, name in SOUNDS.items()]
        else:
            lines.append(media("AUDIO", "a", "Sound", "audio", "DEFAULT=YES"))
        if "captions" in self.beside:
            captions = ',SUBTITLES="captions"'
            lines += [media("SUBTITLES", "captions", name, f"captions-{tag}", f'LANGUAGE="{tag}",AUTOSELECT=YES,DEFAULT=NO') for tag, name in CAPTIONS.items()]
        for name, file in (("poster", "poster/0.jpg"), ("thumbnails", "sprites/0.vtt"), ("chapters", "chapters/0.vtt")):
            if name in self.beside:
                lines.append(f'#EXT-X-SESSION-DATA:DATA-ID="org.reelgate.{name}",URI="_p/{file}",FORMAT=RAW')
        for name in self.listed:
            width, height, rate = RUNGS[name]
            lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={width}x{height},CODECS="avc1.64001f,mp4a.40.2",AUDIO="a"{captions}', f"_p/{name}/index.m3u8"]
        return "\n".join(lines) + "\n"

    def reset(self):
        """Everything works: a finished task, a token, media that plays in three rungs."""
        self.released.set()
        self.released = threading.Event()
        done = [(name, "done", 1) for name in (*RUNGS, "audio")]
        self.task = task("done", "done", 1, done, True)
        self.token = {"token": "fixture", "expires_in": 3600, "session_id": "fixture-session",
                      "playlist_url": f"https://elsewhere.example/hls2/{REL}/output.m3u8",
                      "path_playlist_url": f"https://elsewhere.example/play/fixture/{REL}/output.m3u8"}
        self.upload = (202, {"task_id": TASK, "lesson_id": "world", "hls_path": f"/hls2/{REL}/output.m3u8"})
        self.media, self.listed, self.log = "play", list(RUNGS), []
        self.beside, self.missing = (), ()
        self.held, self.waiting = None, 0
        self.captions = {"items": []}
        self.titles = Titles(self.token)

    def make_media(self):
        """Half a minute of a test picture in three sizes, and a tone."""
        if os.path.exists(f"{self.home}/audio"):
            return
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=30", "-f", "lavfi", "-i", "sine=440:d=30", "-f", "lavfi", "-i", "sine=880:d=30"]
        hls = ["-f", "hls", "-hls_time", "3", "-hls_list_size", "0", "-hls_playlist_type", "vod"]
        sounds = {"audio": "1:a", "audio-de": "2:a"}
        for name in (*RUNGS, *sounds):
            os.makedirs(f"{self.home}/{name}")
            what = ["-map", "0:v", "-s", "x".join(map(str, RUNGS[name][:2])), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                    "-g", "75", "-crf", "38"] if name in RUNGS else ["-map", sounds[name], "-c:a", "aac"]
            command += [*what, *hls, "-hls_segment_filename", f"{self.home}/{name}/%d.ts", f"{self.home}/{name}/index.m3u8"]
        subprocess.run(command, check=True)
        self.make_beside()

    def make_beside(self):
        """Poster, twelve small pictures on two sheets, chapters, and captions in segments of six seconds."""
        for name in ("poster", "sprites", "chapters", *(f"captions-{tag}" for tag in CAPTIONS)):
            os.makedirs(f"{self.home}/{name}")
        for source, more in ((["testsrc2=s=1280x720:d=1", "-frames:v", "1"], "poster/0.jpg"), (["testsrc2=s=160x90:r=0.4:d=30", "-vf", "tile=3x2"], "sprites/%d.jpg")):
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", *source, f"{self.home}/{more}"], check=True)
        places = [(n * 2.5, n * 2.5 + 2.5, f"{n // 6 + 1}.jpg#xywh={n % 3 * 160},{n % 6 // 3 * 90},160,90") for n in range(12)]
        self.write("sprites/0.vtt", vtt(places))
        self.write("chapters/0.vtt", vtt(CHAPTERS))
        for tag, name in CAPTIONS.items():
            lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:6", "#EXT-X-PLAYLIST-TYPE:VOD"]
            for n in range(5):
                cues = [(n * 6 + s, n * 6 + s + 2.9, f"{name} <i>{n * 6 + s}</i>\nand a second line") for s in (0, 3)]
                # The fixture's transport streams begin at 1.4 s.
                self.write(f"captions-{tag}/{n}.vtt", vtt(cues, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000"))
                lines += ["#EXTINF:6,", f"{n}.vtt"]
            self.write(f"captions-{tag}/index.m3u8", "\n".join([*lines, "#EXT-X-ENDLIST", ""]))

    def write(self, name, text):
        with open(f"{self.home}/{name}", "w") as file:
            file.write(text)

    def file(self, name="world.mp4", size=4_000_000):
        path = f"{self.home}/{name}"
        with open(path, "wb") as file:
            file.truncate(size)
        return path

    def close(self):
        self.released.set()
        self.server.shutdown()
        shutil.rmtree(self.home, ignore_errors=True)


def until(page, script, seconds=30):
    """Waits until `script` is true; `wait_for_function` needs eval, which the pages' policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < end, f"waited {seconds} s in vain for {script}"
        page.wait_for_timeout(50)


# Every state: a function of (page, lab) that brings it about.

def sign_in(page, lab, address="/"):
    page.goto(lab.url + address)
    page.fill("#api-key", KEY)
    page.keyboard.press("Enter")
    page.wait_for_selector("#key", state="hidden")


def key(page, lab):
    page.goto(lab.url)


def key_refused(page, lab):
    page.goto(lab.url)
    page.fill("#api-key", "rgk_wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-code]")


def upload_empty(page, lab):
    sign_in(page, lab)
    page.wait_for_selector("rg-upload form")


def upload_chosen(page, lab):
    upload_empty(page, lab)
    page.set_input_files("#file", lab.file("Big Buck Bunny (final cut).mp4", 58_200_000))


def upload_faults(page, lab):
    upload_empty(page, lab)
    page.set_input_files("#file", lab.file("notes.txt", 10))
    page.fill("#field-course_id", "not an id!")
    page.click("rg-upload button[type=submit]")


def upload_sending(page, lab):
    lab.upload = "hold"
    upload_chosen(page, lab)
    page.click("rg-upload button[type=submit]")
    until(page, "document.querySelector('rg-upload progress')?.value > .2")
    page.wait_for_timeout(600)


def upload_refused(page, lab):
    lab.upload = problem(413, "too_large")
    upload_chosen(page, lab)
    page.click("rg-upload button[type=submit]")
    page.wait_for_selector("[data-code=too_large]")


def upload_recent(page, lab):
    page.goto(lab.url)
    page.evaluate("""([rel, task]) => localStorage.setItem('reelgate.recent', JSON.stringify(
        ['world', 'intro', 'a-rather-long-lesson-name-that-has-to-wrap'].map((name, i) => (
        {task, rel: rel.replace('world', name), title: name.replaceAll('-', ' '), at: Date.now() - i * 7.2e6}))))""", [REL, TASK])
    upload_empty(page, lab)


def _task(state):
    def show(page, lab):
        lab.task = state
        sign_in(page, lab, f"/?task={TASK}")
        page.wait_for_selector("rg-task .skeleton" if state == "hold" else "rg-task h1, rg-task [data-code]")
        page.wait_for_timeout(400)
    return show


RUNNING = [("720p", "done", 1), ("480p", "running", 0.63, 1.84, 95), ("360p", "done", 1), ("audio", "done", 1), ("poster", "done", 1),
           ("sprites", "running", 0.4, 31.2, 12), ("iframes", "queued", 0), ("captions-de-1", "done", 1)]
ABSURD = [("720p", "done", 1), ("480p", "running", 0.63, 0.0001, 4e9), ("360p", "growing", 0.001, -3, -7), ("audio", "running", 7, 1e12, 0)]


def watch_empty(page, lab):
    sign_in(page, lab, "/?watch=")
    page.wait_for_selector("rg-lesson form")


def watch_poster(page, lab):
    sign_in(page, lab, f"/?watch={REL}")
    page.wait_for_selector("rg-player[data-ready]")


def watch_playing(page, lab):
    watch_poster(page, lab)
    page.click("rg-player .big")
    page.wait_for_selector("rg-player[data-state=playing]")
    page.wait_for_timeout(1200)
    page.mouse.move(300, 300)


def watch_processing(page, lab):
    lab.task = task("running", "encoding", 0.7, RUNNING, True)
    sign_in(page, lab, f"/?watch={REL}&task={TASK}")
    page.wait_for_selector("rg-player[data-ready]")
    page.wait_for_selector("rg-lesson .rungs li")


def watch_menu(page, lab):
    watch_playing(page, lab)
    page.keyboard.press("k")
    page.keyboard.press("s")
    page.wait_for_timeout(300)


def watch_stats(page, lab):
    watch_playing(page, lab)
    page.keyboard.press("k")
    page.keyboard.press("i")
    page.wait_for_timeout(700)


def watch_beside(page, lab):
    """All there can be beside a lesson: poster before the start."""
    lab.beside = ALL
    watch_poster(page, lab)
    page.wait_for_selector("rg-player .poster img:not([hidden])")


def watch_captions(page, lab):
    page.goto(lab.url)
    page.evaluate("localStorage.setItem('reelgate.captions', '\"de\"')")
    watch_beside(page, lab)
    page.click("rg-player .big")
    page.wait_for_selector("rg-player[data-state=playing]")
    page.wait_for_selector("rg-player .cue")
    page.keyboard.press("k")


def watch_pointing(page, lab):
    """The picture, the chapter and the time of the place one points at."""
    watch_captions(page, lab)
    box = page.locator("rg-player .line").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 12)
    page.wait_for_selector("rg-player .hint canvas:not([hidden])")


def watch_tracks(page, lab):
    watch_captions(page, lab)
    page.keyboard.press("s")
    page.wait_for_timeout(300)


def watch_chapters(page, lab):
    watch_captions(page, lab)
    page.evaluate("document.querySelector('rg-player').chapters.toggle()")
    page.wait_for_timeout(300)


def watch_captions_list(page, lab):
    lab.captions = {"items": [{"language": "de", "label": None, "state": "published", "origin": "uploaded"}, {"language": "en", "label": "English for the hard of hearing", "state": "waiting", "origin": "file"}]}
    watch_poster(page, lab)
    page.click("rg-captions summary")
    page.evaluate("document.querySelector('rg-captions').scrollIntoView()")


def watch_captions_fault(page, lab):
    watch_captions_list(page, lab)
    page.set_input_files("#captions-file", lab.file("words.srt", 100))
    page.fill("#captions-language", "not a tag")
    page.click("rg-captions button[type=submit]")


def watch_refused(page, lab):
    lab.media = "limit_streams"
    sign_in(page, lab, f"/?watch={REL}")
    page.wait_for_selector("[data-code=limit_streams]")


def watch_unknown(page, lab):
    lab.token = problem(404, "not_found")
    sign_in(page, lab, f"/?watch={REL}")
    page.wait_for_selector("[data-code=not_found]")


def watch_resumed(page, lab):
    page.goto(lab.url)
    page.evaluate("(id) => localStorage.setItem('reelgate.positions', JSON.stringify({[id]: {t: 17, at: Date.now()}}))", f"{REL} demo-viewer")
    watch_poster(page, lab)


def shortcuts(page, lab):
    upload_empty(page, lab)
    page.click("#keys")


def stop_dialog(page, lab):
    STATES["task-running"](page, lab)
    page.get_by_text("Stop processing").click()


STATES = {
    "key": key, "key-refused": key_refused,
    "upload-empty": upload_empty, "upload-chosen": upload_chosen, "upload-faults": upload_faults, "upload-sending": upload_sending,
    "upload-refused": upload_refused, "upload-recent": upload_recent,
    "task-loading": _task("hold"), "task-queued": _task(task("queued", "queued", 0)),
    "task-running": _task(task("running", "packaging", 0.2, [("720p", "running", 0.6), ("480p", "queued", 0), ("360p", "queued", 0), ("audio", "running", 0.8)])),
    "task-playable": _task(task("running", "encoding", 0.7, RUNNING, True, speed=2.34)),
    "task-no-room": _task(task("running", "no_room", 0.4, RUNNING, True) | {"notice": {"code": "no_room", "detail": "No."}}),
    "task-absurd": _task(task("running", "encoding", 0.7, ABSURD, True, speed=1e9, eta=9e9)),
    "task-done": _task(task("done", "done", 1, [(n, "done", 1) for n in (*RUNGS, "audio")], True)),
    "task-failed": _task(task("failed", "checking", 0, error={"code": "not_media", "detail": "No."})),
    "task-stopped": _task(task("cancelled", "encoding", 0.5, [("720p", "done", 1), ("480p", "running", 0.3), ("360p", "queued", 0), ("audio", "done", 1)],
                               True, {"code": "cancelled", "detail": "No."})),
    "task-unknown": _task(problem(404, "not_found")), "task-down": _task(problem(503, "api_unavailable")),
    "watch-empty": watch_empty, "watch-poster": watch_poster, "watch-playing": watch_playing, "watch-processing": watch_processing,
    "watch-beside": watch_beside, "watch-captions": watch_captions, "watch-pointing": watch_pointing, "watch-tracks": watch_tracks,
    "watch-chapters": watch_chapters, "watch-captions-list": watch_captions_list, "watch-captions-fault": watch_captions_fault,
    "watch-menu": watch_menu, "watch-stats": watch_stats, "watch-refused": watch_refused, "watch-unknown": watch_unknown,
    "watch-resumed": watch_resumed, "shortcuts": shortcuts, "stop-dialog": stop_dialog,
}
