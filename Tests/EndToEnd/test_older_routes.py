"""The older routes over the whole way: a file goes in by /upload, becomes a lesson of two parts, plays by tokens of the
older routes, and is downloaded again; downloads of lessons and presentations by the newer ones."""
import http.server, json, subprocess, threading, urllib.parse

import pytest

from playwright.sync_api import sync_playwright

from lab import programs, wait_for
from pagelab import chromium
from uploadlab import UploadLab


class Heard(http.server.BaseHTTPRequestHandler):
    """Keeps the callbacks."""
    bodies = []

    def do_POST(self):
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def heard():
    server = http.server.HTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/done"
    server.shutdown()


@pytest.fixture(scope="module")
def lab():
    made = UploadLab(CALLBACK_ALLOW_PRIVATE="true", WORKER_PROCESSES="1")
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = f"{tmp_path_factory.mktemp('clips')}/clip.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=12", "-f", "lavfi", "-i", "sine=d=12", "-c:v",
                    "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-y", path], check=True)
    return path


def send(lab, clip, path, *more, name="Mon film.mp4"):
    form = [part for pair in more for part in ("-F", pair)]
    done = subprocess.run(["curl", "-sS", "-H", f"X-API-Key: {lab.key}", *form, "-F", f"video=@{clip};filename=\"{name}\"",
                           "-w", "\n%{http_code}", lab.address + path], capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def fetch(lab, url, token=None, **headers):
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return lab.call(url.removeprefix(lab.address), headers={"Referer": lab.address + "/", **headers}, key=False)


def plays(lab, url, *lines):
    fields = "".join(f"{line}\r\n" for line in (f"Referer: {lab.address}/", *lines))
    done = subprocess.run(["ffmpeg", "-v", "warning", "-xerror", "-nostdin", "-headers", fields, "-i", url, "-f", "null", "-"], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_a_file_goes_in_waits_plays_and_comes_out(lab, clip, heard):
    with open(clip, "rb") as file:
        content = file.read()
    status, first = send(lab, clip, "/upload", "user_id=olga", f"success_callback_url={heard}")
    assert status == 202 and first["video_id"] == "Mon_film" and first["filename"] == "Mon_film.mp4", first
    assert first["hls_path"] == "/hls/olga/Mon_film/output.m3u8"
    second = send(lab, clip, "/upload", "user_id=olga")[1]
    assert second["video_id"].startswith("Mon_film-")

    # It waits: there is no worker yet.
    token = lab.call("/api/get-video-token/olga/Mon_film.mp4")[2]["token"]
    status, headers, body = fetch(lab, "/videos-user/olga/Mon_film.mp4", token)
    assert (status, body) == (200, content)
    assert fetch(lab, f"/videos-user/olga/{second['filename']}", token)[0] == 403
    status, headers, body = fetch(lab, "/hls/olga/Mon_film/output.m3u8", token)
    assert (status, body["code"]) == (404, "not_ready")
    assert lab.call("/api/get-download-token/olga/Mon_film.mp4")[0] == 404

    worker = subprocess.Popen([f"{programs()}/reelgate-worker"], env=lab.settings, stdout=subprocess.DEVNULL, stderr=open(f"{lab.run}/worker.log", "ab"))
    try:
        for answer in (first, second):
            wait_for(lambda: lab.call(f"/api/tasks/{answer['task_id']}")[2]["state"] not in ("queued", "running"), 120)
            task = lab.call(f"/api/tasks/{answer['task_id']}")[2]
            assert (task["state"], task["hls_path"]) == ("done", answer["hls_path"]), task
        wait_for(lambda: Heard.bodies, 30)
    finally:
        worker.terminate()
        worker.wait(60)
    told = Heard.bodies[0]
    assert (told["status"], told["video_id"], told["hls_path"]) == ("success", "Mon_film", first["hls_path"])
    assert told["context"] == {"user_id": "olga", "video_id": "Mon_film"} and "lesson_id" not in told

    # By the name it has, by the name it was sent with (the newest), by its id; on the web and in apps.
    for asked, video in (("Mon_film.mp4", "Mon_film"), ("Mon%20film.mp4", second["video_id"]), (f"x.mp4?video_id={second['video_id']}", second["video_id"])):
        status, _, web = lab.call(f"/api/get-video-token/olga/{asked}")
        assert status == 200 and web["video_id"] == video and web["playlist_url"] == f"{lab.address}/hls/olga/{video}/output.m3u8", web
        plays(lab, web["playlist_url"], f"Authorization: Bearer {web['token']}")
        plays(lab, web["playlist_url"], f"Cookie: reelgate_play={web['token']}")
        plays(lab, web["path_playlist_url"])
    app = lab.call(f"/api/get-video-token/mobile/olga/Mon_film.mp4/Mon_film?ttl=60")[2]
    assert app["expires_in"] == 60 and app["playlist_url"] == f"{lab.address}/mobile/hls/olga/Mon_film/output.m3u8"
    plays(lab, f"{app['playlist_url']}?token={app['token']}")
    plays(lab, app["path_playlist_url"])
    assert fetch(lab, web["playlist_url"], app["token"])[2]["code"] == "rel"
    assert fetch(lab, "/videos-user/olga/Mon_film.mp4", token)[0] == 404
    for missing in ("/api/get-video-token/olga/none.mp4", "/api/get-video-token/olgb/Mon_film.mp4", "/api/get-video-token/mobile/olga/Mon_film.mp4/none"):
        assert lab.call(missing)[2]["code"] == "not_found", missing

    # It comes out again.
    for asked in ("Mon_film.mp4", second["filename"]):
        status, _, given = lab.call(f"/api/get-download-token/olga/{asked}?ttl=900")
        assert status == 200 and given["expires_in"] == 900 and given["download_url"] == f"{lab.address}/api/download/olga/{asked}"
        status, headers, body = fetch(lab, given["download_url"], given["token"])
        assert (status, body) == (200, content)
        assert headers["Content-Disposition"] == f"attachment; filename=\"{asked}\"; filename*=UTF-8''Mon%20film.mp4"
    assert lab.call("/api/get-download-token/olga/Mon%20film.mp4")[2]["download_url"].endswith(second["filename"])
    lab.server.sql("update videos set deleted_at = now() where rel = 'olga/Mon_film'")
    for gone in ("/api/get-download-token/olga/Mon_film.mp4", "/api/get-video-token/olga/Mon_film.mp4"):
        assert lab.call(gone)[2]["code"] == "not_found"


def test_a_lessons_original_and_presentations_come_out(lab, clip):
    with open(clip, "rb") as file:
        content = file.read()
    assert send(lab, clip, "/upload/lesson", "trainer_id=t1", "course_id=c1", "module_id=m1", "lesson_id=l1", name="L'été.mp4")[0] == 202
    worker = subprocess.Popen([f"{programs()}/reelgate-worker"], env=lab.settings, stdout=subprocess.DEVNULL, stderr=open(f"{lab.run}/worker.log", "ab"))
    try:
        wait_for(lambda: lab.call("/api/get-download-token/v2?user_id=u1&rel=t1/c1/m1/l1")[0] == 200, 60)
    finally:
        worker.terminate()
        worker.wait(60)
    assert send(lab, clip, "/upload_presentation/course/c1")[0] == 201 and send(lab, clip, "/upload_presentation/module/c1/m1")[0] == 201
    for query, place, name in (("rel=t1%2Fc1%2Fm1%2Fl1", "/download2/t1/c1/m1/l1/", "l1_lesson.mp4"), ("type=course&course_id=c1", "/download2/course/c1/", "presentation.mp4"),
                               ("type=module&course_id=c1&module_id=m1", "/download2/module/c1/m1/", "presentation.mp4")):
        wide = lab.call(f"/api/get-download-token/v2?user_id=u1&{query}")[2]
        assert (wide["download_base_url"], wide["extension"], wide["filename"]) == (lab.address + place, "mp4", name) and "download_url" not in wide
        own = lab.call(f"/api/get-download-token/v2?user_id=u1&{query}&filename={name}")[2]
        assert own["download_url"] == lab.address + place + name
        for url, token in ((wide["download_base_url"] + name, wide["token"]), (own["download_url"], own["token"])):
            status, headers, body = fetch(lab, url, token)
            assert (status, body) == (200, content), (url, status)
            shown = headers["Content-Disposition"]
            assert shown.startswith(f'attachment; filename="{name}"') and ("filename*=UTF-8''L%27%C3%A9t%C3%A9.mp4" in shown) == ("l1" in name), shown
            assert fetch(lab, f"{url}?token={token}")[0] == 200
        assert lab.call(f"/api/get-download-token/v2?user_id=u1&{query}&filename={name[:-3]}mov")[2]["code"] == "not_found"
    assert lab.call("/api/get-download-token/v2?user_id=u1&rel=t1/c1/m1/l2")[2]["code"] == "not_found"
    assert lab.call("/api/get-download-token/v2?user_id=u1&rel=t1/c1/m1/l1", key=False)[0] == 401


def test_B30_a_browsers_own_player_plays_by_the_cookie(lab, clip):
    """Chromium's own HLS player sends no header of ours; with the cookie it plays, without it it does not."""
    answer = send(lab, clip, "/upload/lesson", "trainer_id=t1", "course_id=c1", "module_id=m1", "lesson_id=cookie")[1]
    worker = subprocess.Popen([f"{programs()}/reelgate-worker"], env=lab.settings, stdout=subprocess.DEVNULL, stderr=open(f"{lab.run}/worker.log", "ab"))
    try:
        wait_for(lambda: lab.call(f"/api/tasks/{answer['task_id']}")[2]["state"] == "done", 120)
    finally:
        worker.terminate()
        worker.wait(60)
    with open(f"{lab.base}/w/index.html", "w") as page:
        page.write("<!doctype html><title>t</title><video muted></video>")
    token = lab.call("/api/get-video-token/v2?user_id=u1&rel=t1/c1/m1/cookie")[2]["token"]
    watch = """src => new Promise(done => { const video = document.querySelector('video'); video.src = src; video.play().catch(() => {});
        video.onerror = () => done('error'); video.ontimeupdate = () => video.currentTime > 1 && done('plays') })"""
    with sync_playwright() as play:
        browser = chromium(play)
        context = browser.new_context()
        page = context.new_page()
        page.goto(lab.address + "/")
        assert page.evaluate(watch, answer["hls_path"]) == "error"
        ask = "token => fetch('/api/playback-cookie', {method: 'POST', headers: {Authorization: `Bearer ${token}`}}).then(answer => answer.status)"
        assert page.evaluate(ask, token) == 204
        kept = context.cookies(lab.address + answer["hls_path"])
        assert [(c["name"], c["httpOnly"], c["sameSite"], c["path"]) for c in kept] == [("reelgate_play", True, "Lax", "/hls2/t1/c1/m1/cookie/")]
        assert context.cookies(lab.address + "/hls2/t1/c1/m1/l1/output.m3u8") == [] and page.evaluate("document.cookie") == ""
        assert page.evaluate(watch, answer["hls_path"]) == "plays"
        browser.close()


def test_a_presentation_of_nothing_in_particular(lab, clip):
    status, answer = send(lab, clip, "/upload_presentation", name="Accueil.mp4")
    assert (status, answer["file_path"]) == (201, "presentation_videos/Accueil.mp4")
    status, headers, body = fetch(lab, "/" + answer["file_path"], Range="bytes=0-9")
    assert status == 206 and len(body) == 10 and headers["Content-Type"] == "video/mp4"
    assert fetch(lab, "/presentation_videos/Accueil.php")[0] == 404
