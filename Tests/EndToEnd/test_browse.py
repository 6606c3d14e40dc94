"""The browse page as people use it, against answers made for tests: signing in on several tabs, rails, searching, a title's page,
playing with the place kept by the server, history, the account."""
import gzip, re

import pytest

from axe_playwright_python.sync_playwright import Axe

from pagelab import until
from test_pages import browser, page, pages  # noqa: F401
from titlelab import NAMES, PERSON, uuid
from titlestates import STATES, at, enter, playing, settled, used

NOW = "document.querySelector('rg-player video')?.currentTime"
PLAYS = "document.querySelector('rg-player')?.dataset.state === 'playing'"


def calls(pages, pattern):
    return [entry for entry in pages.titles.log if re.search(pattern, f"{entry[0]} {entry[1]}")]


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


@pytest.mark.parametrize("state", ["browse-sign", "browse-title", "browse-search-all", "browse-history", "browse-account", "browse-favorites"])
def test_layout_stays(page, pages, state):
    page.add_init_script("""self.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())
        if (!entry.hadRecentInput) self.shift += entry.value; }).observe({type: 'layout-shift', buffered: true})""")
    STATES[state](page, pages)
    if state != "browse-sign":
        page.reload()
        settled(page)
    page.wait_for_timeout(500)
    assert page.evaluate("self.shift") < 0.05


def test_weight(page, pages):
    """No view of ours weighs over 60 kB as nginx sends it, hls.js aside."""
    playing(page, pages)
    sizes = {}
    page.on("response", lambda answer: sizes.update({answer.url: answer}))
    page.reload()
    page.wait_for_selector("rg-theatre rg-player[data-ready]")
    own = [answer for url, answer in sizes.items() if not re.search(r"/vendor/|/api/|/hls2/", url)]
    assert sum(len(gzip.compress(answer.body(), 5)) for answer in own) < 60_000


def test_signing_up_in_and_out(page, pages):
    page.goto(pages.url + "/browse")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("button", name="Create account").click()
    assert page.evaluate("document.activeElement.id") == "name"
    page.fill("#name", "Noé")
    page.fill("#email", "noe@example.org")
    page.fill("#password", "eleven byte")
    page.keyboard.press("Enter")
    assert page.get_attribute("#password", "aria-invalid") == "true" and not calls(pages, "POST /api/auth/register")
    page.fill("#password", "twelve bytes")
    page.keyboard.press("Enter")
    page.wait_for_selector("rg-home:not([hidden])")
    page.reload()
    page.wait_for_selector("rg-home:not([hidden])")
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.reload()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert calls(pages, "POST /api/auth/logout")[0][2]["refresh_token"]


def test_tokens_are_kept_in_one_place(page, pages):
    """Not in localStorage, a cookie or an address; no request but the API's carries one."""
    playing(page, pages)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href, history.state, name])")
    assert "access-" not in kept and "refresh-" not in kept
    assert all("access-" not in path and "refresh-" not in path for path, _ in pages.log)
    assert not any("access-" in headers.get("Authorization", "") for path, headers in pages.log if not path.startswith("/api/"))


def test_an_access_token_is_renewed_silently(page, pages):
    pages.titles.lifetime = 31
    enter(page, pages)
    pages.titles.lifetime = 900
    page.wait_for_timeout(1500)
    page.get_by_role("link", name="History").click()
    page.get_by_text("Nothing watched yet").wait_for()
    assert len(calls(pages, "POST /api/auth/refresh")) == 1 and not pages.titles.reused


def test_tabs_renew_one_after_another(browser, page, pages):
    """Eight tabs whose token has ended open at once: none uses a refresh token that another has used."""
    enter(page, pages)
    tabs = [page, *(page.context.new_page() for _ in range(7))]
    for tab in tabs[1:]:
        tab.goto(pages.url + "/browse?history")
        tab.get_by_text("Nothing watched yet").wait_for()
    for turn in range(3):
        pages.titles.access.update({token: (person, 0, family) for token, (person, _, family) in pages.titles.access.items()})
        for tab in tabs:
            tab.evaluate("import('/lib/catalog.js').then((all) => { self.outcome = ''; Promise.all([all.history(), all.titles({})]).then(() => { self.outcome = 'fine'; }, (error) => { self.outcome = error.code; }); })")
        for tab in tabs:
            until(tab, "self.outcome")
            assert tab.evaluate("self.outcome") == "fine"
    assert not pages.titles.reused
    assert 3 <= len(calls(pages, "POST /api/auth/refresh")) <= 6, "what one tab got serves the others"
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    for tab in tabs:
        tab.get_by_role("heading", name="Sign in").wait_for()


def test_a_sign_in_that_was_ended_asks_again(page, pages):
    enter(page, pages)
    settled(page)
    pages.titles.families.clear()
    page.get_by_role("link", name="History").click()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_an_authenticators_code(page, pages):
    STATES["browse-sign-code"](page, pages)
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-code=totp_invalid]")
    page.fill("#code", "123456")
    page.keyboard.press("Enter")
    page.wait_for_selector("rg-home:not([hidden])")


def test_a_forgotten_password(page, pages):
    STATES["browse-sign-forgot"](page, pages)
    page.get_by_role("button", name="Send the link").click()
    assert page.get_attribute("#email", "aria-invalid") == "true"
    page.fill("#email", "nobody@example.org")
    page.keyboard.press("Enter")
    page.get_by_text("a link is on its way").wait_for()
    assert calls(pages, "POST /api/auth/password-reset")[0][2] == {"email": "nobody@example.org"}


def test_rails(page, pages):
    used(pages)
    enter(page, pages)
    settled(page)
    names = page.locator("rg-home section:not([hidden]) h2").all_inner_texts()
    assert names[:4] == ["Continue watching", "Picked for you", "Trending now", "My list"] and sum(name.startswith("Popular in") for name in names) == 3
    first = page.locator("rg-home section").first
    assert first.locator("a.tile").count() == 3, "neither finished ones nor those not begun"
    assert first.locator("a.tile").first.get_attribute("href") == f"/browse?play={uuid(7)}"
    assert page.get_by_text("Because you watched “Nine Lanterns”.").count() > 3
    row = page.locator("section", has=page.get_by_role("heading", name="Trending now"))
    row.get_by_role("button", name="Forward in Trending now").click()
    until(page, "[...document.querySelectorAll('.rail-row')].some((row) => row.scrollLeft > 100)")


def test_one_row_that_fails_is_left_out(page, pages):
    used(pages)
    pages.titles.fail = {"trending": (503, {"code": "api_unavailable"})}
    enter(page, pages)
    page.get_by_role("heading", name="Picked for you").wait_for()
    until(page, "document.querySelectorAll('rg-home section:not([hidden])').length >= 5 && !document.querySelector('rg-home [aria-busy]')")
    assert not page.get_by_role("heading", name="Trending now").is_visible() and page.locator(".notice").count() == 0


def test_searching_while_typing(page, pages):
    enter(page, pages)
    settled(page)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("senora", delay=20)
    page.locator("rg-results a.tile", has_text="Señora Luna").first.wait_for()
    page.get_by_text("One title").wait_for()
    asked = calls(pages, "GET /api/content.*search=")
    assert asked[-1][1].count("search=senora") == 1 and len(asked) < 5, "not one request a letter"
    assert page.url.endswith("/browse?q=senora")
    page.keyboard.press("ArrowDown")
    assert "Señora Luna" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Señora Luna").wait_for()
    page.go_back()
    page.locator("rg-results a.tile").first.wait_for()
    assert page.input_value("#search") == "senora"
    page.focus("#search")
    page.keyboard.press("Escape")
    page.wait_for_selector("rg-home:not([hidden])")


def test_an_older_answer_never_wins(page, pages):
    enter(page, pages)
    settled(page)
    pages.hold("search=fj&")
    page.keyboard.press("/")
    page.keyboard.type("fj")
    for _ in range(400):
        if pages.waiting:
            break
        page.wait_for_timeout(20)
    page.keyboard.press("Control+a")
    page.keyboard.type("copper")
    page.locator("rg-results a.tile", has_text="Copper & Rain").wait_for()
    pages.let_go()
    page.wait_for_timeout(300)
    assert page.locator("rg-results a.tile").all_inner_texts()[0].startswith("C")


def test_filters_and_more(page, pages):
    at("/browse?q=")(page, pages)
    assert page.locator("rg-results a.tile").count() == 21
    page.get_by_label("Genre").select_option("Drama")
    until(page, "document.querySelectorAll('rg-results a.tile').length < 15")
    assert "genre=Drama" in page.url
    page.get_by_label("Kind").select_option("series")
    until(page, "location.search.includes('type=series')")
    page.reload()
    settled(page)
    assert page.get_by_label("Kind").input_value() == "series" and page.get_by_label("Genre").input_value() == "Drama"


def test_a_series_goes_on_where_one_is(page, pages):
    at(f"/browse?title={uuid(100)}", used)(page, pages)
    assert page.get_by_role("link", name="Resume at 0:08 · S1 E2").get_attribute("href") == f"/browse?play={uuid(112)}"
    assert page.locator("rg-title details").count() == 2 and page.locator("rg-title details[open] li").count() == 4
    page.get_by_text("Season 2").click()
    page.locator("rg-title details[open] a", has_text="Chapter 2.3").wait_for()


def test_a_level_that_is_not_enough(page, pages):
    at(f"/browse?title={uuid(2)}")(page, pages)
    page.get_by_text("Needs the level Premium. Yours is Free.").wait_for()
    assert page.get_by_role("link", name="Play").count() == 0


def test_ones_list(page, pages):
    at(f"/browse?title={uuid(1)}")(page, pages)
    page.get_by_role("button", name="Add to my list").click()
    page.get_by_role("button", name="On my list").wait_for()
    assert pages.titles.favorites == [uuid(1)] and page.get_attribute(".title-page button", "aria-pressed") == "true"
    page.get_by_role("link", name="My list").click()
    page.locator("rg-favorites a.tile", has_text=NAMES[1]).click()
    page.get_by_role("button", name="On my list").click()
    page.get_by_role("button", name="Add to my list").wait_for()
    assert pages.titles.favorites == []


def test_playing_keeps_the_place_at_the_server(page, pages):
    """It goes on where the server says, reports while it plays and when it pauses, and leaves its place when one goes."""
    pages.titles.watched(uuid(1), 12.0)
    at(f"/browse?title={uuid(1)}")(page, pages)
    page.get_by_role("link", name="Resume at 0:12").click()
    until(page, f"{PLAYS} && {NOW} > 12.5")
    session = next(iter(pages.titles.sessions.values()))
    until_reported = lambda test: until_true(page, lambda: any(test(*report) for report in session["reports"]))  # noqa: E731
    page.keyboard.press("k")
    until_reported(lambda position, state: state == "paused" and position > 12.4)
    page.keyboard.press("7")
    until_reported(lambda position, state: abs(position - 21) < 0.2)
    page.keyboard.press("k")
    until(page, f"{PLAYS} && {NOW} > 21.3")
    page.get_by_role("link", name="Back to the title").click()
    until_true(page, lambda: session["ended"])
    assert session["reports"][-1][0] > 21 and page.evaluate("document.querySelector('rg-player').engine") is None
    page.get_by_role("link", name="Resume at 0:2").wait_for()
    assert page.evaluate("localStorage.getItem('reelgate.positions')") is None


def until_true(page, test):
    for _ in range(600):
        if test():
            return
        page.wait_for_timeout(50)
    raise AssertionError("waited 30 s in vain")


@pytest.mark.parametrize("way", ["close", "reload", "elsewhere"])
def test_leaving_the_page_frees_the_place(page, pages, way):
    playing(page, pages)
    session = next(iter(pages.titles.sessions.values()))
    page.keyboard.press("5")
    until(page, f"{NOW} >= 15 && !document.querySelector('rg-player video').seeking")
    other = page.context.new_page()
    if way == "close":
        page.close()
    elif way == "reload":
        page.reload()
    else:
        page.goto("about:blank")
    until_true(other, lambda: session["ended"])
    assert abs(session["reports"][-1][0] - 15) < 0.5


def test_a_token_is_renewed_in_its_session(page, pages):
    pages.titles.token = pages.titles.token | {"expires_in": 4}
    playing(page, pages)
    page.keyboard.press("k")
    count = len(pages.titles.log)
    until_true(page, lambda: len([entry for entry in pages.titles.log[count:] if entry[0] == "PUT"]) >= 3)
    assert len(pages.titles.sessions) == 1


def test_a_session_that_ended_elsewhere_begins_anew(page, pages):
    pages.titles.token = pages.titles.token | {"expires_in": 4}
    playing(page, pages)
    next(iter(pages.titles.sessions.values()))["ended"] = True
    page.keyboard.press("k")
    until_true(page, lambda: len(pages.titles.sessions) == 2)
    until(page, f"{PLAYS}")


def test_the_next_episode(page, pages):
    enter(page, pages, f"/browse?play={uuid(111)}")
    page.get_by_role("link", name="Next: S1 E2 Chapter 1.2").click()
    page.get_by_role("heading", name="Chapter 1.2").wait_for()
    until_true(page, lambda: [session["ended"] for session in pages.titles.sessions.values()] == [True, False])


@pytest.mark.parametrize("code", ["limit_streams", "not_entitled"])
def test_a_refusal_says_why(page, pages, code):
    pages.titles.fail = {"POST /api/streaming": (403, {"code": code})}
    enter(page, pages, f"/browse?play={uuid(1)}")
    page.wait_for_selector(f"rg-theatre [data-code={code}]")
    pages.titles.fail = {}
    page.get_by_role("button", name="Try again").click()
    until(page, f"{NOW} > .3")


def test_history_with_undo(page, pages):
    at("/browse?history", used)(page, pages)
    assert page.locator("rg-history li").count() == 5
    first = page.locator("rg-history li").first.locator(".tile-name").inner_text()
    page.get_by_role("button", name=f"Remove from history: {first}").click()
    assert page.locator("rg-history li").count() == 4 and not calls(pages, "DELETE")
    page.get_by_role("button", name="Undo").click()
    assert page.locator("rg-history li").count() == 5
    page.get_by_role("button", name=f"Remove from history: {first}").click()
    page.get_by_role("link", name="Home").click()
    until_true(page, lambda: len(pages.titles.history) == 4)
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Clear history").click()
    page.locator("dialog").get_by_role("button", name="Clear history").click()
    page.get_by_text("Nothing watched yet").wait_for()
    assert pages.titles.history == {}


def test_the_account(page, pages):
    at("/browse?account")(page, pages)
    page.fill("#person-language", "de_DE")
    page.get_by_role("button", name="Save").click()
    assert page.get_attribute("#person-language", "aria-invalid") == "true"
    page.fill("#person-language", "pt-BR")
    page.fill("#person-name", "Ana N.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert pages.titles.people[PERSON["email"]]["name"] == "Ana N."
    page.fill("#current-password", "wrong")
    page.fill("#new-password", "a longer password")
    page.get_by_role("button", name="Change password").click()
    page.wait_for_selector("[data-code=password_wrong]")
    page.fill("#current-password", PERSON["password"])
    page.get_by_role("button", name="Change password").click()
    page.get_by_text("Your password is changed").wait_for()
    page.reload()
    page.get_by_role("heading", name="Account").wait_for()
    page.get_by_role("button", name="Sign out on all devices").click()
    page.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert pages.titles.families == {}


def test_offline_says_so_and_goes_on(page, pages):
    """A view that is there says what it lacks; one whose own files can't be had comes with the connection."""
    at("/browse?history", used)(page, pages)
    page.get_by_role("link", name="Home").click()
    settled(page)
    page.context.set_offline(True)
    page.wait_for_selector(".banner:not([hidden])")
    page.get_by_role("link", name="History").click()
    page.wait_for_selector("rg-history [data-code=offline]")
    page.context.set_offline(False)
    page.wait_for_selector("rg-history li")
    assert page.locator(".banner").is_hidden()
    page.context.set_offline(True)
    page.wait_for_selector(".banner:not([hidden])")
    page.get_by_role("link", name="Account").click()
    page.wait_for_url("**/browse?account")
    page.context.set_offline(False)
    page.get_by_role("heading", name="Account").wait_for()
