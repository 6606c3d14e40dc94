"""The API's page with the real Swagger UI in Chromium, under its policy."""
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from fuzzlab import FuzzLab
from lab import ROOT
from pagelab import chromium


@pytest.fixture(scope="module")
def lab():
    installed = subprocess.run(["bash", "-c", ". scripts/lib/common.sh; fetch_swagger_ui"], cwd=ROOT, check=True, capture_output=True, text=True)
    made = FuzzLab(SWAGGER_UI_DIR=installed.stdout.strip())
    try:
        yield made.start()
    finally:
        made.stop()


def test_every_route_is_on_the_page_and_can_be_tried(lab):
    table = lab.reelgate("routes").splitlines()
    with sync_playwright() as play:
        browser = chromium(play)
        page, said, asked = browser.new_page(), [], []
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{lab.address}/api-docs")
        page.wait_for_selector(".opblock", timeout=60_000)
        assert page.locator(".opblock").count() == len(table)
        health = page.locator(".opblock", has=page.locator("[data-path='/health']"))
        health.locator(".opblock-summary-control").click()
        health.locator(".try-out__btn").click()
        health.locator(".execute").click()
        page.wait_for_selector(".live-responses-table .response", timeout=30_000)
        assert "200" in page.locator(".live-responses-table").inner_text()
        browser.close()
    assert not said, said
    assert all(url.startswith((lab.address, "data:")) for url in asked), asked
