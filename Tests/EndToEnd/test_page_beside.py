"""What stands beside picture and sound on the watch page: captions, sound tracks, chapters, small pictures, poster; what a
task says of its renditions; and places and wishes told to a player that is just reading its source. Answers are made for tests."""
import json, re

import pytest

from pagelab import ALL, CAPTIONS, CHAPTERS, REL, RUNGS, STATES, TASK, problem, sign_in, task, until
from test_pages import NOW, PLAYS, browser, page, pages  # noqa: F401

PLAYER = "document.querySelector('rg-player')"
CUES = "[...document.querySelectorAll('rg-player .cue')].map((cue) => cue.textContent).join()"


def watch(page, pages, beside=ALL, play=True, **more):
    pages.beside = beside
    sign_in(page, pages, f"/?watch={REL}")
    page.wait_for_selector("rg-player[data-ready]")
    if play:
        page.keyboard.press("k")
        until(page, PLAYS)


def kept(page, name):
    return page.evaluate("(name) => JSON.parse(localStorage.getItem(`reelgate.${name}`))", name)


def test_captions_by_key_and_menu_are_remembered(page, pages):
    watch(page, pages)
    assert page.evaluate(CUES) == ""
    page.keyboard.press("c")
    until(page, f"{CUES}.includes('English')")
    assert page.locator("rg-player .cue i").count() >= 1, "a cue's own markup stays"
    page.keyboard.press("s")
    page.locator(".menu").get_by_label("German").first.check()
    until(page, f"{CUES}.includes('Deutsch')")
    assert kept(page, "captions") == "de"
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    until(page, f"{CUES} === ''")
    page.keyboard.press("c")
    until(page, f"{CUES}.includes('Deutsch')")
    page.reload()
    watch(page, pages)
    until(page, f"{CUES}.includes('Deutsch')")
    page.keyboard.press("5")
    until(page, f"{NOW} >= 15 && /Deutsch (15|18)/.test({CUES})")
    assert page.evaluate("[...document.querySelector('rg-player video').textTracks].every((track) => track.mode !== 'showing')"), "nothing is shown twice"


def test_captions_off_stay_off(page, pages):
    watch(page, pages)
    page.keyboard.press("c")
    until(page, f"{CUES}.includes('English')")
    page.keyboard.press("c")
    page.reload()
    watch(page, pages)
    until(page, f"{NOW} > 3")
    assert page.evaluate(CUES) == "" and not any("captions-" in path for path, _ in pages.log[-40:] if "vtt" in path and "Deutsch" in path)
    assert page.evaluate(f"{PLAYER}.engine.tracks.caption") == -1


def test_captions_stay_when_a_rung_joins(page, pages):
    pages.task = task("running", "encoding", 0.5, [("360p", "done", 1), ("720p", "running", 0.1), ("audio", "done", 1)], True)
    pages.listed, pages.beside = ["360p"], ALL
    sign_in(page, pages, f"/?watch={REL}&task={TASK}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, PLAYS)
    page.keyboard.press("c")
    until(page, f"{CUES}.includes('English')")
    page.keyboard.press("k")
    pages.listed = list(RUNGS)
    pages.task = task("done", "done", 1, [(name, "done", 1) for name in (*RUNGS, "audio")], True)
    until(page, f"{PLAYER}.engine.levels.length === 3")
    page.keyboard.press("k")
    until(page, f"{PLAYS} && {CUES}.includes('English')")


def test_captions_that_come_later_join(page, pages):
    """They are in the master when their making is done: the source is read again where it stands."""
    making = [(name, "done", 1) for name in (*RUNGS, "audio")]
    pages.task = task("running", "encoding", 0.9, [*making, ("captions-en", "running", 0)], True)
    sign_in(page, pages, f"/?watch={REL}&task={TASK}")
    page.wait_for_selector("rg-player[data-ready]")
    page.keyboard.press("k")
    until(page, PLAYS)
    assert page.locator(".captions-button").is_hidden()
    pages.beside = ("captions",)
    pages.task = task("done", "done", 1, [*making, ("captions-en", "done", 1)], True)
    page.wait_for_selector(".captions-button:not([hidden])", state="attached")
    page.keyboard.press("c")
    until(page, f"{CUES}.includes('English')")


def test_sound_tracks(page, pages):
    watch(page, pages)
    page.keyboard.press("s")
    fields = page.locator(".menu fieldset", has_text="Sound")
    assert fields.get_by_label("English").is_checked()
    fields.get_by_label("German").check()
    until(page, f"{PLAYER}.engine.tracks.sound === 1")
    until(page, f"{PLAYS} && {NOW} > 2")
    assert any("/audio-de/" in path for path, _ in pages.log)
    pages.log.clear()
    page.reload()
    watch(page, pages)
    until(page, f"{PLAYER}.engine.tracks.sound === 1")
    assert not any("/audio/" in path and path.endswith(".ts") for path, _ in pages.log), "the other track isn't fetched"


def test_pictures_of_the_seek_bar(page, pages):
    """One file of times, a sheet once, both with the token in the header; a title where there is a chapter."""
    watch(page, pages)
    page.keyboard.press("k")
    assert not any("/sprites/" in path for path, _ in pages.log), "nothing is fetched before it is wanted"
    line = page.locator("rg-player .line").bounding_box()
    colours = []
    for part in (0.11, 0.51, 0.53, 0.91, 0.11):
        page.mouse.move(line["x"] + line["width"] * part, line["y"] + 12)
        page.wait_for_selector("rg-player .hint canvas:not([hidden])")
        until(page, f"{PLAYER}.bar.preview.clock.textContent.startsWith('0:{int(part * 30):02}')")
        page.wait_for_timeout(200)
        colours.append(page.evaluate("document.querySelector('rg-player .hint canvas').toDataURL()"))
    assert len(set(colours)) == 3, "the same picture within a picture's time, others elsewhere"
    assert page.inner_text("rg-player .hint .title") == "Welcome & thanks"
    fetched = [path for path, _ in pages.log if "/sprites/" in path]
    assert sorted(path.rpartition("/")[2] for path in fetched) == ["0.vtt", "1.jpg", "2.jpg"]
    assert all(headers.get("Authorization") == "Bearer fixture" for path, headers in pages.log if re.search("/(sprites|poster|chapters|captions-)", path))
    page.mouse.move(10, 10)
    until(page, "document.querySelector('rg-player .hint').hidden")


def test_dragging_shows_and_seeks(page, pages):
    watch(page, pages)
    page.keyboard.press("k")
    line = page.locator("rg-player .line").bounding_box()
    y = line["y"] + 12
    page.mouse.move(line["x"] + line["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(line["x"] + line["width"] * 0.8, y, steps=4)
    page.wait_for_selector("rg-player .hint canvas:not([hidden])")
    page.mouse.up()
    until(page, f"Math.abs({NOW} - 24) < 1")
    page.mouse.down()
    page.mouse.move(line["x"] + line["width"] * 0.5, y, steps=3)
    page.mouse.move(line["x"] + line["width"] * 0.8, y, steps=3)
    page.mouse.up()
    page.evaluate(f"{PLAYER}.seek(3)")
    until(page, "Math.abs(document.querySelector('rg-player .line').value - 3) < 0.5")


def test_chapters(page, pages):
    watch(page, pages)
    page.keyboard.press("k")
    until(page, "document.querySelectorAll('rg-player .marks span').length === 2")
    assert page.inner_text("rg-player .chapter") == "Welcome & thanks"
    for keys, at, title in (("Shift+ArrowRight", 8, CHAPTERS[1][2]), ("Shift+ArrowRight", 19, CHAPTERS[2][2]), ("Shift+ArrowRight", 19, CHAPTERS[2][2]),
                            ("Shift+ArrowLeft", 8, CHAPTERS[1][2]), ("l", 18, CHAPTERS[1][2]), ("Shift+ArrowLeft", 8, CHAPTERS[1][2]), ("Shift+ArrowLeft", 0, "Welcome & thanks")):
        page.keyboard.press(keys)
        until(page, f"Math.abs({NOW} - {at}) < .2")
        until(page, f"document.querySelector('rg-player .chapter').textContent === {json.dumps(title)}")
        assert page.get_attribute("rg-player .line", "aria-valuetext").endswith(title)
    page.click("rg-player .chapter")
    page.get_by_role("button", name="The end").click()
    until(page, f"Math.abs({NOW} - 19) < .2")
    page.get_by_role("button", name="Previous chapter").click()
    until(page, f"Math.abs({NOW} - 8) < .2")
    page.set_viewport_size({"width": 360, "height": 800})
    page.keyboard.press("s")
    page.locator(".menu:popover-open").get_by_role("button", name="Chapters").click()
    page.locator(".menu:popover-open").get_by_role("button", name="The end").click()
    until(page, f"Math.abs({NOW} - 19) < .2")


def test_the_poster_stands_before_the_start(page, pages):
    watch(page, pages, play=False)
    page.wait_for_selector(".poster img:not([hidden])")
    assert page.evaluate("document.querySelector('.poster img').naturalWidth") == 1280
    page.keyboard.press("k")
    until(page, PLAYS)
    assert page.locator(".poster img").is_hidden()


@pytest.mark.parametrize("missing", [("poster", "sprites", "chapters", *(f"captions-{tag}" for tag in CAPTIONS))])
def test_what_is_named_but_gone_does_no_harm(page, pages, missing):
    """Each address answers 404: the lesson plays, captions go off, nothing else is said."""
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages.url)
    page.evaluate("localStorage.setItem('reelgate.captions', '\"de\"')")
    pages.missing = missing
    watch(page, pages)
    until(page, f"{NOW} > 1")
    until(page, f"{PLAYER}.engine.tracks.caption === -1")
    line = page.locator("rg-player .line").bounding_box()
    page.mouse.move(line["x"] + 100, line["y"] + 12)
    page.wait_for_selector("rg-player .hint:not([hidden])")
    assert page.locator("rg-player .hint canvas").is_hidden() and page.locator("rg-player .chapter").is_hidden()
    page.keyboard.press("Shift+ArrowRight")
    at = page.evaluate(NOW)
    until(page, f"{PLAYS} && {NOW} > {at} + 1")
    assert page.locator("rg-player .refusal").is_hidden() and not said
    assert kept(page, "captions") == "de", "another lesson has them again"


def test_nothing_beside(page, pages):
    watch(page, pages, beside=())
    for selector in (".captions-button", ".chapter", ".step", ".poster img"):
        assert page.locator(f"rg-player {selector}").first.is_hidden(), selector
    page.keyboard.press("c")
    page.get_by_text("No captions here").wait_for()


def test_captions_are_added_and_removed_on_the_page(page, pages):
    watch(page, pages, beside=())
    page.keyboard.press("k")
    page.get_by_text("No captions yet.").wait_for()
    page.click("rg-captions summary")
    send = page.locator("rg-captions button[type=submit]")
    send.click()
    assert page.evaluate("document.activeElement.id") == "captions-file"
    file = pages.file("words.srt", 0)
    with open(file, "w") as text:
        text.write("1\n00:00:01,000 --> 00:00:02,000\nHallo\n")
    page.set_input_files("#captions-file", file)
    for wrong in ("", "x", "not a tag", "de_DE", "12"):
        page.fill("#captions-language", wrong)
        send.click()
        assert page.get_attribute("#captions-language", "aria-invalid") == "true", wrong
    page.fill("#captions-language", "pt-BR")
    page.fill("#captions-label", "Legendas & mais")
    pages.beside = ("captions",)
    send.click()
    page.locator("rg-captions li", has_text="Brazilian Portuguese (Legendas & mais)").wait_for()
    path = next(path for path, headers in pages.log if "/captions/pt-BR" in path)
    assert path == f"/api/videos/{REL.replace('/', '%2F')}/captions/pt-BR?label=Legendas%20%26%20mais"
    page.wait_for_selector(".captions-button:not([hidden])", state="attached")
    page.get_by_role("button", name=re.compile("Remove captions")).click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("No captions yet.").wait_for()
    page.get_by_text("was removed").wait_for()


def test_a_refused_file_of_captions_says_why(page, pages):
    watch(page, pages, beside=(), play=False)
    page.click("rg-captions summary")
    file = pages.file("words.vtt", 0)
    with open(file, "w") as text:
        text.write("not captions")
    page.set_input_files("#captions-file", file)
    page.fill("#captions-language", "en")
    page.click("rg-captions button[type=submit]")
    page.wait_for_selector("rg-captions [data-code=bad_request]")


def test_a_server_without_captions_shows_no_card(page, pages):
    pages.captions = problem(404, "not_found")
    watch(page, pages, play=False)
    page.wait_for_timeout(300)
    assert page.locator("rg-captions").is_hidden()


def test_a_task_tells_its_figures(page, pages):
    STATES["task-playable"](page, pages)
    text = page.inner_text("rg-task")
    for words in ("2.3× as fast as it plays", "about 2 min left", "63 % · 1.8× · about 2 min left", "Pictures of the seek bar", "40 % · 31× · about 15 s left", "Poster", "Captions German", "Pictures for fast search"):
        assert words in re.sub(r"\s+", " ", text), words


def test_absurd_figures_are_not_shown(page, pages):
    STATES["task-absurd"](page, pages)
    text = page.inner_text("rg-task")
    assert "×" not in text.replace(" × ", "") and "left" not in text and "-" not in text.replace("course-1", "").replace("module-1", ""), text
    assert "63 %" in text and "100 %" in text and "700 %" not in text


def test_bars_never_go_back(page, pages):
    pages.task = task("running", "encoding", 0.7, [("720p", "done", 1), ("480p", "running", 0.63)], True)
    sign_in(page, pages, f"/?task={TASK}")
    page.get_by_text("63 %").wait_for()
    pages.task = task("running", "encoding", 0.5, [("720p", "done", 1), ("480p", "running", 0.1)], True, eta=33)
    page.get_by_text("about 35 s left").wait_for()
    assert "63 %" in page.inner_text("rg-task .rungs") and "70 %" in page.inner_text("rg-task")


# What is told to a player while it reads its source.

def until_held(page, pages):
    for _ in range(400):
        if pages.waiting:
            return
        page.wait_for_timeout(50)
    raise AssertionError("it was never asked for")


@pytest.mark.parametrize("wish", ["pause", "seek", "nothing"])
def test_wishes_while_the_source_is_read_again(page, pages, wish):
    """A rung joins while it plays; before the master is there one pauses, or goes elsewhere: that is what counts."""
    pages.listed = ["360p"]
    watch(page, pages)
    until(page, f"{NOW} > 2")
    pages.listed = list(RUNGS)
    page.evaluate(f"{PLAYER}.engine.refresh(3600)")
    until(page, f"{PLAYER}.engine.waits")
    pages.hold("output.m3u8")
    page.evaluate(f"{PLAYER}.seek(4)")
    until_held(page, pages)
    if wish == "pause":
        page.keyboard.press("k")
        assert page.evaluate(f"{PLAYER}.state") == "paused"
    if wish == "seek":
        page.keyboard.press("6")
        page.keyboard.press("j")
    pages.let_go()
    until(page, f"{PLAYER}.engine.levels.length === 3")
    place = 8 if wish == "seek" else 4
    if wish == "pause":
        until(page, f"Math.abs({NOW} - 4) < .5")
        page.wait_for_timeout(500)
        assert page.evaluate(f"document.querySelector('rg-player video').paused && {PLAYER}.state === 'paused' && Math.abs({NOW} - 4) < .5")
        page.keyboard.press("k")
    until(page, f"{PLAYS} && {NOW} > {place} + 1")
    assert page.evaluate(NOW) < place + 15


def test_the_place_survives_a_rung_that_joins_at_the_start(page, pages):
    """It is to go on at 0:18; before there is a picture a rung joins: it goes on at 0:18."""
    page.goto(pages.url)
    page.evaluate("(id) => localStorage.setItem('reelgate.positions', JSON.stringify({[id]: {t: 18, at: Date.now()}}))", f"{REL} demo-viewer")
    pages.listed = ["360p"]
    pages.hold(r"\.ts$")
    watch(page, pages, play=False)
    page.keyboard.press("k")
    until_held(page, pages)
    pages.listed = list(RUNGS)
    page.evaluate(f"{PLAYER}.engine.refresh()")
    until(page, f"{PLAYER}.engine.levels.length === 3")
    pages.let_go()
    until(page, f"{PLAYS} && {NOW} > 18.5")
    assert page.evaluate(NOW) < 29


@pytest.mark.parametrize("wish", ["over", "elsewhere", "again"])
def test_wishes_before_the_first_picture(page, pages, wish):
    """It is to go on at 0:18; sound is there, the picture isn't, and one starts over, goes elsewhere, or pauses and plays."""
    page.goto(pages.url)
    page.evaluate("(id) => localStorage.setItem('reelgate.positions', JSON.stringify({[id]: {t: 18, at: Date.now()}}))", f"{REL} demo-viewer")
    pages.hold(r"0p/6\.ts$")
    watch(page, pages, play=False)
    page.keyboard.press("k")
    until_held(page, pages)
    until(page, "performance.getEntriesByType('resource').some(({name, responseEnd}) => responseEnd && /audio.\\d\\.ts$/.test(name))")
    for key in {"over": "", "elsewhere": "4l", "again": "kk"}[wish]:
        page.keyboard.press(key)
    if wish == "over":
        page.get_by_text("Start over").click()
    pages.let_go()
    place = {"over": 0, "elsewhere": 22, "again": 18}[wish]
    until(page, f"{PLAYS} && {NOW} > {place} + .2")
    assert page.evaluate(NOW) < place + 8
    assert len([path for path, _ in pages.log if path.endswith(f"audio/{place // 3}.ts")]) < 4, "nothing is fetched over and over"


def test_a_place_behind_the_end_is_no_trap(page, pages):
    """The lesson was replaced by a shorter one since."""
    page.goto(pages.url)
    page.evaluate("(id) => localStorage.setItem('reelgate.positions', JSON.stringify({[id]: {t: 500, at: Date.now()}}))", f"{REL} demo-viewer")
    watch(page, pages, play=False)
    page.keyboard.press("k")
    until(page, f"{PLAYS} || {PLAYER}.state === 'ended'")
    page.keyboard.press("1")
    until(page, f"{NOW} >= 3 && {NOW} < 15")


def test_the_menu_is_the_present_lessons(page, pages):
    """After trying again, or another lesson of the same shape, choices reach what plays now."""
    watch(page, pages)
    pages.media = "revoked"
    page.evaluate(f"{PLAYER}.engine.choose(0)")
    page.wait_for_selector("rg-player [data-code=revoked]")
    pages.media = "play"
    page.get_by_role("button", name="Try again").click()
    until(page, PLAYS)
    page.keyboard.press("s")
    page.locator(".menu:popover-open").get_by_role("radio", name="720p 2.6").check()
    until(page, f"{PLAYER}.engine.playing?.name === '720p'")


def test_a_rung_published_between_master_and_first_answer_joins(page, pages):
    """The master was read with one rung, the first answer of the task already names two: the second joins."""
    pages.listed = ["360p"]
    pages.task = "hold"
    sign_in(page, pages, f"/?watch={REL}&task={TASK}")
    page.wait_for_selector("rg-player[data-ready]")
    pages.listed = list(RUNGS)
    pages.task = task("done", "done", 1, [(name, "done", 1) for name in (*RUNGS, "audio")], True)
    pages.released.set()
    page.evaluate("(id) => { const task = document.querySelector('rg-lesson rg-task'); task.removeAttribute('task-id'); task.setAttribute('task-id', id) }", TASK)
    until(page, f"{PLAYER}.engine.levels.length === 3")
