"""Every state of the browse page: functions of (page, lab) that bring it about, as those of pagelab.py for the other pages."""
from pagelab import until
from titlelab import PERSON, problem, uuid

HOME = "document.querySelector('rg-home') && !document.querySelector('rg-home [aria-busy]')"


def enter(page, lab, address="/browse", person=PERSON):
    page.goto(lab.url + address)
    page.fill("#email", person["email"])
    page.fill("#password", person["password"])
    page.keyboard.press("Enter")
    page.wait_for_selector("rg-sign", state="hidden")


def settled(page):
    until(page, "!document.querySelector('main > :not([hidden]) [aria-busy], main > [aria-busy]:not([hidden])') && !document.querySelector('main > :not([hidden]) .skeleton')")


def sign(page, lab):
    page.goto(lab.url + "/browse")
    page.wait_for_selector("rg-sign form")


def sign_up(page, lab):
    sign(page, lab)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("button", name="Create account").click()


def sign_refused(page, lab):
    sign(page, lab)
    page.fill("#email", PERSON["email"])
    page.fill("#password", "not the password")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-code=sign_in_failed]")


def sign_code(page, lab):
    lab.titles.people[PERSON["email"]]["code"] = "123456"
    sign(page, lab)
    page.fill("#email", PERSON["email"])
    page.fill("#password", PERSON["password"])
    page.keyboard.press("Enter")
    page.wait_for_selector("#code")


def sign_forgot(page, lab):
    sign(page, lab)
    page.get_by_role("button", name="Forgot").click()


def at(address, prepare=None, wait=settled):
    def show(page, lab):
        if prepare:
            prepare(lab)
        enter(page, lab, address)
        wait(page)
    return show


def used(lab):
    """Somebody who has watched and kept some."""
    for number, (position, completed) in {1: (12.0, False), 2: (30.0, True), 111: (30.0, True), 112: (8.5, False), 7: (3.0, False)}.items():
        lab.titles.watched(uuid(number), position, completed)
    lab.titles.favorites += [uuid(3), uuid(100)]


def empty(lab):
    lab.titles.all.clear()


def failing(lab):
    lab.titles.fail = {"^GET /api/(content|recommendations|users/0)": problem(503, "api_unavailable")}


def loading(address, wait):
    def show(page, lab):
        lab.hold(r"/api/(content|recommendations|users/0)")
        enter(page, lab, address)
        page.wait_for_selector(wait)
    return show


def searching(page, lab):
    enter(page, lab)
    page.fill("#search", "senora")
    page.wait_for_selector("rg-results a.tile")
    settled(page)


def refused(code):
    return lambda lab: lab.titles.fail.update({"^POST /api/streaming": problem(403, code)})


def playing(page, lab):
    enter(page, lab, f"/browse?play={uuid(1)}")
    page.wait_for_selector("rg-theatre rg-player[data-ready]")
    page.keyboard.press("k")
    page.wait_for_selector("rg-theatre rg-player[data-state=playing]")
    page.keyboard.press("k")


def clearing(page, lab):
    at("/browse?history", used)(page, lab)
    page.get_by_role("button", name="Clear history").click()
    page.wait_for_selector("dialog[open]")


def removing(page, lab):
    at("/browse?history", used)(page, lab)
    page.get_by_role("button", name="Remove from history").first.click()
    page.get_by_role("button", name="Undo").wait_for()


def password_faults(page, lab):
    at("/browse?account")(page, lab)
    page.fill("#new-password", "short")
    page.get_by_role("button", name="Change password").click()


def offline(page, lab):
    at("/browse", used)(page, lab)
    page.context.set_offline(True)
    page.wait_for_selector(".banner:not([hidden])")


def failed(page):
    page.wait_for_selector("main > :not([hidden]) .notice")


STATES = {
    "browse-sign": sign, "browse-sign-up": sign_up, "browse-sign-refused": sign_refused, "browse-sign-code": sign_code, "browse-sign-forgot": sign_forgot,
    "browse-home": at("/browse", used), "browse-home-new": at("/browse"), "browse-home-empty": at("/browse", empty),
    "browse-home-loading": loading("/browse", ".ghost"), "browse-home-failed": at("/browse", failing, failed), "browse-offline": offline,
    "browse-search": searching, "browse-search-all": at("/browse?q="), "browse-search-none": at("/browse?q=zzz"), "browse-search-loading": loading("/browse?q=a", "rg-results .ghost"),
    "browse-search-failed": at("/browse?q=a", failing, failed), "browse-title": at(f"/browse?title={uuid(1)}", used), "browse-title-level": at(f"/browse?title={uuid(2)}"),
    "browse-title-series": at(f"/browse?title={uuid(100)}", used), "browse-title-loading": loading(f"/browse?title={uuid(1)}", "rg-title .skeleton"),
    "browse-title-unknown": at("/browse?title=none", None, failed), "browse-play": playing, "browse-play-refused": at(f"/browse?play={uuid(1)}", refused("limit_streams"), failed),
    "browse-favorites": at("/browse?favorites", used), "browse-favorites-empty": at("/browse?favorites"), "browse-history": at("/browse?history", used),
    "browse-history-empty": at("/browse?history"), "browse-history-clear": clearing, "browse-history-undo": removing, "browse-account": at("/browse?account"),
    "browse-account-faults": password_faults,
}
