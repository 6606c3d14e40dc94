"""The pages as people use them: against answers made for tests (every state, access for all, lay-out, codes), and against
the running product through nginx (upload and play by keyboard, seeking, refusals, renewal, the native player)."""
import gzip, json, re, subprocess

import pytest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from pagelab import KEY, REL, ROOT, RUNGS, STATES, TASK, WWW, PageLab, chromium, problem, sign_in, task, until

FRAMES = "document.querySelector('rg-player video').getVideoPlaybackQuality().totalVideoFrames"
NOW = "document.querySelector('rg-player video').currentTime"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as play:
        made = chromium(play)
        yield made
        made.close()


@pytest.fixture(scope="module")
def pages():
    lab = PageLab()
    lab.make_media()
    yield lab
    lab.close()


@pytest.fixture
def page(browser, pages):
    pages.reset()
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield context.new_page()
    pages.released.set()
    context.close()


def own_codes():
    """The codes lib/text.js has sentences for."""
    with open(f"{WWW}/lib/text.js") as file:
        table = re.search(r"export const refusals = \{(.*?)\n\};", file.read(), re.S)[1]
    return re.findall(r"^  (\w+): \['(?:[^']+)', '(?:[^']+)'\],$", table, re.M), table


def test_a_sentence_for_every_code():
    """The list of lib/text.js is the list of Refusal.swift."""
    with open(f"{ROOT}/Sources/Platform/Core/Refusal.swift") as file:
        cases = re.search(r"public enum Refusal.*?\n(.*?)\n    ///? The stable code", file.read(), re.S)[1]
    product = []
    for line in re.findall(r"^    case (.+)$", cases, re.M):
        for case in line.split(","):
            name, _, raw = case.partition("=")
            product.append(raw.strip().strip('"') or name.strip())
    codes, table = own_codes()
    assert len(codes) == len([line for line in table.splitlines() if line.strip()]), "a line of the table has another shape"
    assert sorted(codes) == sorted(product)


@pytest.mark.parametrize("state", STATES)
def test_nothing_serious_for_axe(page, pages, state):
    STATES[state](page, pages)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_timeout(50)
            found = [f"{v['id']}: {v['nodes'][0]['html']}" for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
            assert not found, (width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"scrolls sideways at {width}"


@pytest.mark.parametrize("state", ["key", "upload-empty", "task-running", "task-done", "watch-poster", "watch-empty", "watch-refused"])
def test_layout_stays(page, pages, state):
    """What has been painted stays where it is while the rest loads (layout shift without input below 0.02)."""
    page.add_init_script("""self.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())
        if (!entry.hadRecentInput) self.shift += entry.value; }).observe({type: 'layout-shift', buffered: true})""")
    STATES[state](page, pages)
    page.wait_for_timeout(500)
    assert page.evaluate("self.shift") < 0.02


@pytest.mark.parametrize("state", ["key", "upload-empty", "task-done", "watch-playing"])
def test_weight(page, pages, state):
    """No page of ours weighs over 60 kB as nginx sends it, hls.js aside."""
    sizes = {}
    page.on("response", lambda answer: sizes.update({answer.url: answer}))
    STATES[state](page, pages)
    own = [answer for url, answer in sizes.items() if not re.search(r"/vendor/|/api/|/hls2/", url)]
    assert sum(len(gzip.compress(answer.body(), 5)) for answer in own) < 60_000


def test_the_key_stays_in_memory(page, pages):
    """Not in storage, not in a cookie, not in an address; a reload asks again."""
    STATES["watch-playing"](page, pages)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href, history.state, name])")
    assert KEY not in kept and "fixture" not in json.loads(kept)[3]
    assert not page.evaluate("indexedDB.databases().then((list) => list.length)")
    assert all(KEY not in path for path, _ in pages.log)
    assert all("X-API-Key" not in headers for path, headers in pages.log if not path.startswith(("/api/", "/upload")))
    assert all(headers.get("Authorization") == "Bearer fixture" for path, headers in pages.log if path.startswith("/hls2/"))
    page.reload()
    page.wait_for_selector("#api-key:visible")


def test_a_refused_key_is_asked_for_again(page, pages):
    STATES["task-done"](page, pages)
    pages.task = problem(401, "credentials_invalid")
    page.evaluate("history.pushState(null, '', '/?task=other'); dispatchEvent(new Event('rg-route'))")
    page.wait_for_selector("rg-key [data-code=credentials_invalid]")


def test_cancelling_an_upload(page, pages):
    STATES["upload-sending"](page, pages)
    page.keyboard.press("Enter")
    page.get_by_text("The upload was stopped").wait_for()
    assert page.evaluate("document.activeElement.type") == "submit"
    assert page.input_value("#field-lesson_id") == "big-buck-bunny-final-cut"


def test_ids_are_checked_before_sending(page, pages):
    STATES["upload-chosen"](page, pages)
    for wrong in ("", "-a", "a b", "é", "a/b", "x" * 65, ".."):
        page.evaluate("(value) => { document.querySelector('#field-module_id').value = value }", wrong)
        page.click("rg-upload button[type=submit]")
        assert page.get_attribute("#field-module_id", "aria-invalid") == "true", wrong
        assert page.evaluate("document.activeElement.id") == "field-module_id"
    page.fill("#field-module_id", "x" * 64)
    page.fill("#field-trainer_id", "library")
    page.click("rg-upload button[type=submit]")
    assert "library" in page.inner_text("#fault-trainer_id")
    page.fill("#field-trainer_id", "A1_-")
    page.click("rg-upload button[type=submit]")
    page.wait_for_url("**/?task=*")


def test_a_task_is_found_again(page, pages):
    """Its address and the list on the upload page lead back to it."""
    STATES["upload-chosen"](page, pages)
    page.click("rg-upload button[type=submit]")
    page.wait_for_url(f"**/?task={TASK}")
    page.wait_for_selector("rg-task h1")
    page.goto(pages.url)
    sign_in(page, pages)
    page.get_by_role("link", name="Progress: Big Buck Bunny (final cut)").click()
    page.wait_for_url(f"**/?task={TASK}")


def test_rungs_join_while_playing(page, pages):
    """A rung more: the source is loaded again where it stands, playing goes on, the menu lists it."""
    pages.task = task("running", "encoding", 0.5, [("360p", "done", 1), ("720p", "running", 0.1), ("audio", "done", 1)], True)
    pages.listed = ["360p"]
    sign_in(page, pages, f"/?watch={REL}&task={TASK}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, f"{NOW} > 1.5")
    pages.listed = ["720p", "360p"]
    pages.task = task("running", "encoding", 0.7, [("360p", "done", 1), ("720p", "done", 1), ("audio", "done", 1)], True)
    before = page.evaluate(NOW)
    until(page, "document.querySelector('rg-player').engine.levels.length === 2")
    until(page, f"{NOW} > {before} + 1")
    until(page, "document.querySelector('rg-player').state === 'playing'")
    at = page.evaluate(NOW)
    until(page, f"{NOW} > {at} + 1")
    assert page.evaluate(NOW) < before + 25


def test_rungs_join_at_a_pause_at_once(page, pages):
    pages.task = task("running", "encoding", 0.5, [("360p", "done", 1), ("720p", "running", 0.1), ("audio", "done", 1)], True)
    pages.listed = ["360p"]
    sign_in(page, pages, f"/?watch={REL}&task={TASK}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, f"{NOW} > 1.5")
    page.keyboard.press("k")
    at = page.evaluate(NOW)
    pages.listed = list(RUNGS)
    pages.task = task("done", "done", 1, [(name, "done", 1) for name in (*RUNGS, "audio")], True)
    until(page, "document.querySelector('rg-player').engine.levels.length === 3")
    until(page, f"Math.abs({NOW} - {at}) < .1")
    assert page.evaluate("document.querySelector('rg-player').state") == "paused"
    page.keyboard.press("k")
    until(page, f"{NOW} > {at} + 1")


def test_keys_of_the_player(page, pages):
    STATES["watch-playing"](page, pages)
    page.keyboard.press("k")
    assert page.evaluate("document.querySelector('rg-player video').paused")
    for key, expected in (("5", 15), ("l", 25), ("j", 15), ("ArrowRight", 20), ("ArrowLeft", 15), (".", 15.04), (",", 15), ("0", 0)):
        page.keyboard.press(key)
        assert abs(page.evaluate(NOW) - expected) < 0.1, key
    for key, script in (("m", "document.querySelector('rg-player video').muted"), (">", "document.querySelector('rg-player video').playbackRate === 1.25"),
                        ("ArrowDown", "document.querySelector('rg-player video').volume === .95"), ("i", "!document.querySelector('.stats').hidden"),
                        ("s", "document.querySelector('.menu').matches(':popover-open')")):
        page.keyboard.press(key)
        until(page, script)
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('.menu').matches(':popover-open')")
    page.reload()
    sign_in(page, pages, f"/?watch={REL}")
    page.wait_for_selector("rg-player[data-ready]")
    assert page.evaluate("document.querySelector('rg-player video').playbackRate") == 1.25
    assert page.evaluate("document.querySelector('rg-player video').volume") == 0.95


def test_a_lesson_still_being_made_starts_by_itself(page, pages):
    pages.media = (404, "not_ready")
    sign_in(page, pages, f"/?watch={REL}")
    page.wait_for_selector("[data-code=not_ready]")
    pages.media = "play"
    page.wait_for_selector("rg-player[data-ready]")
    page.wait_for_selector("rg-player .refusal", state="hidden")
    page.keyboard.press("k")
    until(page, f"{NOW} > 1")


def test_a_refusal_while_playing(page, pages):
    """The gate says no in the middle: the picture stops, the reason stands over it, and trying again goes on there."""
    STATES["watch-playing"](page, pages)
    pages.media = "revoked"
    page.evaluate("document.querySelector('rg-player').engine.choose(0)")
    page.wait_for_selector("rg-player [data-code=revoked]")
    assert page.evaluate("document.querySelector('rg-player video').paused")
    at = page.evaluate(NOW)
    pages.media = "play"
    page.get_by_role("button", name="Try again").click()
    until(page, f"{NOW} > {at} + 1")


PLAYS = f"document.querySelector('rg-player').dataset.state === 'playing'"


@pytest.mark.parametrize("when", ["playing", "loading", "idle"])
def test_the_place_is_remembered(page, pages, when):
    """It goes on where it stood, or from the beginning, whether that is asked for early or late."""
    STATES["watch-playing"](page, pages)
    page.keyboard.press("6")
    page.keyboard.press("k")
    page.goto(pages.url)
    sign_in(page, pages, f"/?watch={REL}")
    page.get_by_text("Resumed at 0:18").wait_for()
    if when != "idle":
        page.keyboard.press("k")
    if when == "playing":
        until(page, f"{PLAYS} && {NOW} >= 18")
    page.evaluate(f"""document.querySelector('rg-player video').addEventListener('timeupdate', () => {{
        if ({PLAYS} && {NOW} > 1 && {NOW} < 10) self.begun = true; }})""")
    page.get_by_text("Start over").click()
    until(page, "self.begun")


# The product itself, through nginx.

@pytest.fixture
def real(browser, demo):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.base, page.key = base_of(demo), key_of(demo)
    yield page
    context.close()


def base_of(demo):
    return demo["BASE_URL"].rstrip("/")


def key_of(demo):
    return demo["API_KEY"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Forty seconds of picture and sound."""
    path = str(tmp_path_factory.mktemp("clip") / "keyboard.mp4")
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=40", "-f", "lavfi", "-i", "sine=440:d=40",
                    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", path], check=True)
    return path


def enter(page, address="/"):
    page.goto(page.base + address)
    page.fill("#api-key", page.key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#key", state="hidden")


@pytest.fixture(scope="module")
def lesson(browser, demo, clip):
    """A lesson uploaded through the page and finished."""
    context = browser.new_context()
    page = context.new_page()
    page.base, page.key = base_of(demo), key_of(demo)
    enter(page)
    page.set_input_files("#file", clip)
    page.fill("#field-lesson_id", "page-lesson")
    page.click("rg-upload button[type=submit]")
    page.get_by_role("heading", name="Ready").wait_for(timeout=120_000)
    context.close()
    return "demo/course-1/module-1/page-lesson"


def tab_to(page, script):
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const e = document.activeElement; return {script}; }})()"):
            return
    raise AssertionError(f"Tab never reaches {script}")


def test_keyboard_only_upload_and_play(real, clip):
    page, choosers = real, []
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    page.goto(page.base)
    tab_to(page, "e.id === 'api-key'")
    page.keyboard.type(page.key)
    page.keyboard.press("Enter")
    page.wait_for_selector("rg-upload form")
    tab_to(page, "e.id === 'file'")
    page.keyboard.press("Enter")
    for _ in range(100):
        if choosers:
            break
        page.wait_for_timeout(50)
    choosers[0].set_files(clip)
    tab_to(page, "e.id === 'field-lesson_id'")
    page.keyboard.press("Control+a")
    page.keyboard.type("by-keyboard")
    tab_to(page, "e.type === 'submit'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?task=*")
    page.get_by_role("link", name="Watch now").wait_for(timeout=60_000)
    tab_to(page, "e.textContent === 'Watch now'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?watch=demo/course-1/module-1/by-keyboard*")
    page.wait_for_selector("rg-player[data-state=playing]")
    frames, now = page.evaluate(FRAMES), page.evaluate(NOW)
    until(page, f"{NOW} > {now} + 1 && {FRAMES} > {frames} + 10")
    page.keyboard.press("k")
    assert page.evaluate("document.querySelector('rg-player video').paused")


def test_plays_at_start_middle_and_end(real, lesson):
    page, sent = real, []
    page.on("request", lambda request: sent.append(request))
    enter(page, f"/?watch={lesson}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    page.wait_for_selector("rg-player[data-state=playing]")
    for to in (0, 20, 36):
        page.evaluate("(to) => document.querySelector('rg-player').seek(to)", to)
        until(page, f"!document.querySelector('rg-player video').seeking && {NOW} > {to} + .3")
        frames, now = page.evaluate(FRAMES), page.evaluate(NOW)
        until(page, f"{NOW} > {now} + 1 && {FRAMES} > {frames} + 10")
    page.wait_for_selector("rg-player[data-state=ended]")
    assert page.get_attribute("rg-player", "data-idle") is None, "the controls hide only while playing"
    media = [request for request in sent if "/hls2/" in request.url]
    assert any("/key/" in request.url for request in media)
    assert all(request.headers.get("authorization", "").startswith("Bearer ") for request in media)
    assert not any("/play/" in request.url or "/mobile/" in request.url for request in sent)


def test_native_player_by_the_path_token(browser, demo, lesson):
    """Without Media Source Extensions the element plays the path address; Chromium's own HLS stands for Safari's."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete self.MediaSource; delete self.ManagedMediaSource; delete self.WebKitMediaSource")
    page.base, page.key = base_of(demo), key_of(demo)
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    enter(page, f"/?watch={lesson}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, f"{NOW} > 2 && {FRAMES} > 20")
    assert any("/play/" in url for url in sent) and not any("/hls2/" in url for url in sent)
    assert not any("/vendor/" in url for url in sent)
    context.close()


def test_a_token_is_renewed_while_playing(real, lesson):
    page, answers = real, []
    page.route("**/api/get-video-token/v2?*", lambda route: route.continue_(url=route.request.url + "&ttl=6"))
    page.on("response", lambda answer: "/api/get-video-token" in answer.url and answers.append(answer))
    refused = []
    page.on("response", lambda answer: "/hls2/" in answer.url and answer.status >= 400 and refused.append(answer.url))
    enter(page, f"/?watch={lesson}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, f"{NOW} > 9", 40)
    given = [answer.json() for answer in answers]
    assert len(given) >= 3 and len({token["session_id"] for token in given}) == 1 and len({token["token"] for token in given}) == len(given)
    assert not refused


def test_an_expired_token_renews_by_itself(real, lesson):
    """The clock ran out while paused, as on a laptop that slept: the next segment is refused, renewed, and plays."""
    page, tokens = real, []
    def mint(route):
        tokens.append(route.request.url)
        route.continue_(url=route.request.url + ("&ttl=1" if len(tokens) == 1 else ""))
    page.route("**/api/get-video-token/v2?*", mint)
    enter(page, f"/?watch={lesson}")
    page.wait_for_selector("rg-player[data-ready]")
    page.wait_for_timeout(2000)
    page.keyboard.press("k")
    until(page, f"{NOW} > 1")
    assert len(tokens) >= 2


@pytest.mark.parametrize("change, code", [("altered", "token_signature"), ("other", "rel"), ("junk", "token_malformed")])
def test_a_refusal_shows_its_reason(real, lesson, change, code):
    """What the gate says no with is on the card, in words, with its code."""
    page = real
    def alter(route):
        token = route.fetch().json()
        if change == "altered":
            head, body, mac = token["token"].split(".")
            token["token"] = f"{head}.{body}.{('A' if mac[0] != 'A' else 'B') + mac[1:]}"
        elif change == "junk":
            token["token"] = "junk"
        else:
            token["playlist_url"] = token["playlist_url"].replace("page-lesson", "by-keyboard")
        route.fulfill(json=token)
    page.route("**/api/get-video-token/v2?*", alter)
    enter(page, f"/?watch={lesson}")
    card = page.wait_for_selector(f"rg-player [data-code={code}]")
    assert len(card.inner_text()) > 40
    assert page.evaluate(FRAMES) == 0


def test_an_unknown_lesson_says_so(real, demo):
    enter(real, "/?watch=nobody/has/this/lesson")
    real.wait_for_selector("rg-player [data-code=not_found]")


def test_no_page_breaks_its_policy(real, lesson):
    """Neither the console nor the policy has anything to say from the key to the playing picture."""
    page, said = real, []
    page.on("console", lambda message: message.type == "error" and "404" not in message.text and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    enter(page, f"/?watch={lesson}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, f"{NOW} > 1")
    assert not said
