"""What stands beside the picture in a player: hls.js in Chromium on the product's own origin."""
import contextlib, time

from pagelab import chromium


@contextlib.contextmanager
def hls_player(site, rel):
    """A page with hls.js playing the lesson; `window.hls` and `window.video` are its own."""
    from playwright.sync_api import sync_playwright
    token = site.token(rel)["token"]
    with sync_playwright() as play:
        browser = chromium(play)
        try:
            page = browser.new_page()
            page.goto(site.base + "/")
            page.evaluate("""async ([url, token]) => {
                const Hls = await (await import('/lib/hls.js')).loadHls();
                window.Hls = Hls;
                document.body.replaceChildren();
                const video = window.video = document.createElement('video');
                document.body.append(video);
                const hls = window.hls = new Hls({enableWorker: false, xhrSetup: x => x.setRequestHeader('Authorization', 'Bearer ' + token)});
                window.faults = [];
                hls.on(Hls.Events.ERROR, (_, data) => window.faults.push(data.details + (data.fatal ? '!' : '')));
                await new Promise(done => { hls.on(Hls.Events.MANIFEST_PARSED, done); hls.loadSource(url); hls.attachMedia(video); });
            }""", [f"/hls2/{rel}/output.m3u8", token])
            yield page
            fatal = [fault for fault in page.evaluate("window.faults") if fault.endswith("!")]
            assert not fatal, fatal
        finally:
            browser.close()


def until(page, script, seconds=40):
    end = time.monotonic() + seconds
    while not (value := page.evaluate(script)):
        assert time.monotonic() < end, f"waited {seconds} s in vain for {script}: {page.evaluate('window.faults')}"
        page.wait_for_timeout(100)
    return value
