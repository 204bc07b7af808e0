"""Takes the pictures of the README: the overview of the newest release, on a desk and on a phone.

Run it over a demonstration: ``FANGPIN_HOME=data .venv/bin/python scripts/pictures.py``; writes ``docs/overview*.png``.
"""

from __future__ import annotations

import shutil
import threading

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from dashboards.app import build_app
from pipelines.settings import PROJECT, Settings

SIZES = {"overview.png": (1440, 900), "overview-phone.png": (390, 844)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """Serve the app on a free port and photograph the first screen of each size."""
    server = make_server("127.0.0.1", 0, build_app(Settings.load()).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.locator(".spark").last.wait_for()
            page.screenshot(path=PROJECT / "docs" / name)
        browser.close()
    server.shutdown()
    thread.join()


if __name__ == "__main__":
    main()
