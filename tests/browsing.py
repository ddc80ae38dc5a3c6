"""A page in headless Chromium, for the tests of reports."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gridmodel.output.languages import page_words

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
REQUIRED = bool(os.environ.get("GRIDMODEL_BROWSER_REQUIRED"))
in_browser = pytest.mark.skipif(BROWSER is None and not REQUIRED, reason="no Chromium: make browser installs one")
"""Of each edit: one page."""


def needs_browser(test):
    """Mark a test of a page in a browser: of the gate. Each edit opens one page, and tests what all are made of."""
    return pytest.mark.gate(in_browser(test))


def t_of(key, lang):
    """Words of a report."""
    return page_words(lang)[key]


def axe(shown, only="{}"):
    """Serious and critical violations that axe-core finds on a page, by rule."""
    import axe_playwright_python

    shown.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = shown.evaluate(f"axe.run({only})")["violations"]
    return {
        one["id"]: [node["html"][:120] for node in one["nodes"][:3]]
        for one in found
        if one["impact"] in {"serious", "critical"}
    }
