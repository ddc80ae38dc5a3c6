"""Make the picture of a report for the README: ``python docs/report_picture.py [REPORT.html]``; needs Chromium."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import gridmodel as gm

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 1280, 900
"""Size of the window. [px]"""
COLOURS = 64
"""Colours of the picture: few enough that it stays small."""


def main() -> None:
    """Open a report, that of January 2026 without an argument, and keep its first screen."""
    browser_path = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        if len(sys.argv) > 1:
            page = Path(sys.argv[1]).resolve()
        else:
            gm.report.write(gm.run("january-2026"), page)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            shown = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, offline=True).new_page()
            shown.goto(page.as_uri())
            shown.wait_for_selector("#c-hours svg")
            taken = shown.screenshot()
            browser.close()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS).save(HERE / "report.png", optimize=True)


if __name__ == "__main__":
    main()
