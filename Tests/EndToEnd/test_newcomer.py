"""As somebody new uses the product, in Chromium and through nginx: an account, a search with a typo, a title, watching, and going
on with it on another device. And the demo's catalogue, which makes nothing twice."""
import json, os, subprocess, time, urllib.request, uuid

import pytest

from lab import ROOT
from pagelab import until
from test_browse import NOW, PLAYS
from test_pages import browser, clip  # noqa: F401


def call(demo, method, path, body=None, kind="application/json", **headers):
    request = urllib.request.Request(demo["BASE_URL"].rstrip("/") + path, method=method, data=body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode(),
                                     headers={"X-API-Key": demo["API_KEY"], **({"Content-Type": kind} if body else {}), **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def film(demo, clip):  # noqa: F811
    """A title with a video that plays, and some without."""
    lesson = f"newcomer-{uuid.uuid4().hex[:8]}"
    with open(clip, "rb") as file:
        content = file.read()
    edge = "rg" + uuid.uuid4().hex
    parts = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in {"trainer_id": "demo", "course_id": "course", "module_id": "module", "lesson_id": lesson, "title": "Saltmarsh"}.items())
    body = parts.encode() + f'--{edge}\r\nContent-Disposition: form-data; name="video"; filename="clip.mp4"\r\nContent-Type: video/mp4\r\n\r\n'.encode() + content + f"\r\n--{edge}--\r\n".encode()
    task = call(demo, "POST", "/upload/lesson", body, f"multipart/form-data; boundary={edge}")["task_id"]
    end = time.monotonic() + 180
    while (state := call(demo, "GET", f"/api/tasks/{task}"))["state"] != "done":
        assert state["state"] in ("queued", "running") and time.monotonic() < end, state
        time.sleep(0.5)
    rel = f"demo/course/module/{lesson}"
    video = subprocess.run(["psql", "-qAt", demo["DATABASE_URL"], "-c", f"select id from videos where rel = '{rel}'"], check=True, capture_output=True, text=True).stdout.strip()
    title = {"type": "movie", "genres": ["Drama"], "cast": ["Zoë Marchetti"], "release_year": 2024, "language": "en", "published_from": "2026-01-01T00:00:00Z"}
    call(demo, "POST", "/api/content", title | {"title": "Quicksand Lullaby"})
    return call(demo, "POST", "/api/content", title | {"title": "The Wandering Saltmarsh", "video_id": video})


def device(browser):  # noqa: F811
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.said = []
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("console", lambda message: "Content Security Policy" in message.text and page.said.append(message.text))
    return page


def test_a_newcomer_watches_and_goes_on_elsewhere(browser, demo, film):  # noqa: F811
    """D02 E31: sign up, search with a typo, watch, close; another device resumes within a second of the same position."""
    base, address = demo["BASE_URL"].rstrip("/"), f"new-{uuid.uuid4().hex[:8]}@example.org"
    first = device(browser)
    first.goto(f"{base}/browse")
    first.get_by_role("button", name="Create an account").click()
    first.fill("#name", "Noé Müller")
    first.fill("#email", address)
    first.fill("#password", "a password for a test")
    first.keyboard.press("Enter")
    first.wait_for_selector("rg-home:not([hidden])")
    first.keyboard.press("/")
    first.keyboard.type("wandring saltmrsh")
    first.locator("rg-results a.tile", has_text="The Wandering Saltmarsh").first.click()
    first.get_by_role("heading", name="The Wandering Saltmarsh").wait_for()
    first.get_by_role("link", name="Play", exact=True).click()
    until(first, f"{PLAYS} && {NOW} > 1")
    first.keyboard.press("5")
    until(first, f"{PLAYS} && {NOW} > 20.5")
    first.keyboard.press("k")
    stood = first.evaluate(NOW)
    first.close(run_before_unload=False)

    second = device(browser)
    second.goto(f"{base}/browse")
    second.fill("#email", address)
    second.fill("#password", "a password for a test")
    second.keyboard.press("Enter")
    going = second.locator("section", has=second.get_by_role("heading", name="Continue watching"))
    going.locator("a.tile").first.click()
    until(second, f"document.querySelector('rg-player')?.engine && document.querySelector('rg-player[data-ready]') && document.querySelector('rg-player').position > 1")
    assert abs(second.evaluate("document.querySelector('rg-player').position") - stood) < 1
    second.wait_for_selector("rg-player[data-state=playing]")
    assert not first.said and not second.said
    # The free level allows one stream: with this one still playing another has no place, until this one's page is closed.
    third = second.context.new_page()
    third.goto(f"{base}/browse?play={film['id']}")
    third.wait_for_selector("rg-theatre [data-code=limit_streams]")
    second.close()
    third.get_by_role("button", name="Try again").click()
    until(third, f"{NOW} > 1 || document.querySelector('rg-player').position > 1")
    for page in (first, third):
        page.context.close()


def test_the_demos_catalogue_is_made_once(demo, tmp_path):
    """Seeding twice changes nothing; passwords are in a file of mode 600 and nowhere else."""
    name = f"seed_{uuid.uuid4().hex[:8]}"
    run = f"{demo.data}/run"
    subprocess.run(["psql", "-q", f"host={run} user=reelgate dbname=postgres", "-c", f"create database {name}"], check=True)
    try:
        settings = {**os.environ, "DATABASE_URL": f"postgresql:///{name}?host={run}&user=reelgate"}
        program = f"{ROOT}/.build/release/reelgate"
        subprocess.run([program, "migrate", "--migrations", f"{ROOT}/migrations"], check=True, env=settings, capture_output=True)
        counts, passwords, posters = [], tmp_path / "people", tmp_path / "posters"
        for _ in range(2):
            said = subprocess.run([program, "seed", "demo", "--passwords", str(passwords), "--posters", str(posters)], check=True, env=settings, capture_output=True, text=True).stdout
            counts.append(subprocess.run(["psql", "-qAt", settings["DATABASE_URL"], "-c", """select (select count(*) from content), (select count(*) from users),
                (select count(*) from viewings), (select count(*) from watch_history), (select count(*) from favorites), (select sum(view_count) from content),
                (select count(distinct role) from users), (select count(distinct subscription_level) from users)"""], check=True, capture_output=True, text=True).stdout.strip() + "\n" + passwords.read_text())
        assert counts[0] == counts[1]
        content, users, viewings, history, favorites, views, roles, levels = map(int, counts[0].splitlines()[0].split("|"))
        assert content > 45 and users > 40 and viewings > 300 and history == viewings == views and favorites >= 20 and (roles, levels) == (3, 3)
        assert passwords.stat().st_mode & 0o777 == 0o600 and len(passwords.read_text().splitlines()) == 9
        assert all(line.split()[1] not in said for line in passwords.read_text().splitlines())
        assert len(list(posters.iterdir())) == content
    finally:
        subprocess.run(["psql", "-q", f"host={run} user=reelgate dbname=postgres", "-c", f"drop database {name} with (force)"])
