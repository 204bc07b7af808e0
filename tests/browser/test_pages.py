"""The pages as a reader meets them in Chromium, on a phone and on a desk."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from pipelines.intake.archive import received
from pipelines.intake.reader import cells_at
from pipelines.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PAGES = [
    "/",
    "/causes",
    "/targets",
    "/quality",
    "/changes",
    "/trace/2017-12/r1/poor_household_share/532822/cause=illness",
]
expect.set_options(timeout=30_000)  # as patient as every other wait: other work may share the machine
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
TOO_SMALL = """() => [...document.querySelectorAll("a, summary, button")]
  .map((e) => [e.textContent.trim(), e.getBoundingClientRect()])
  .filter(([, r]) => r.width && r.height && (r.height < 43.5 || r.width < 43.5)).map(([text]) => text)"""


@pytest.fixture(scope="module")
def address(sealed_home: Settings) -> Iterator[str]:
    from dashboards.app import build_app

    server = make_server("127.0.0.1", 0, build_app(sealed_home).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.fail("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport=PHONE, has_touch=True)
    yield opened
    opened.close()


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    page.locator("main").wait_for()
    return page


def test_a_number_leads_to_the_row_it_came_from(context: BrowserContext, address: str, sealed_home: Settings) -> None:
    page = opened(context, f"{address}/?release=2017-12/r1")
    number = page.locator(".card .num.big").first
    shown = number.locator(".digits").inner_text()
    number.click()
    page.wait_for_url("**/trace/2017-12/r1/poor_households/**")
    expect(page.locator(".figure-head .digits")).to_have_text(shown)
    evidence = page.locator(".contribution[open] .evidence").first
    cells = dict(zip(evidence.locator("dt").all_inner_texts(), evidence.locator("dd").all_inner_texts(), strict=True))
    file, sha256 = evidence.locator(".file").inner_text(), evidence.locator(".hash code").inner_text()
    row = int(re.search(r"第 (\d+) 行", evidence.locator(".address").inner_text()).group(1))
    data = received(sealed_home, sha256, Path(file).suffix)
    found = cells_at(data, file, [(1, row)])[(1, row)]
    assert cells["主要致贫原因"] in found
    assert "●●●" in cells.values()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(context: BrowserContext, address: str, path: str) -> None:
    page = opened(context, address + path)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_desk(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(viewport=DESK)
    page = opened(context, address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
    context.close()


def test_the_switch_turns_everything_english(context: BrowserContext, address: str) -> None:
    page = opened(context, f"{address}/causes")
    page.locator("#language").click()
    page.locator("h1", has_text="Causes of poverty").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator(".graph .xtitle").last).to_have_text("Month")
    page.locator(".pages a").first.click()
    expect(page.locator("h1")).to_contain_text("December 2020")


def test_a_month_is_chosen_from_the_picker(context: BrowserContext, address: str) -> None:
    page = opened(context, address)
    page.locator(".bar-top summary").first.click()
    page.locator(".year-row a", has_text="3月").first.click()
    expect(page.locator("h1")).to_contain_text("2020年3月")
    expect(page.locator(".bar-top details").first).not_to_have_attribute("open", "")


def test_the_correction_of_the_last_month_is_one_step_away(context: BrowserContext, address: str) -> None:
    page = opened(context, address)
    page.locator(".badge a", has_text="更正").click()
    page.wait_for_url("**/changes**")
    expect(page.locator(".changes .num.new").first).to_be_visible()


def test_no_request_leaves_the_machine_and_no_page_complains(context: BrowserContext, address: str) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in PAGES:
        opened(context, address + path).wait_for_load_state("networkidle")
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        urlsplit(address).netloc
    }
    assert complaints == []
