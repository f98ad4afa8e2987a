"""Playwright and axe, or one line that says why the tests of the page are skipped."""

import pytest

HOW = "run these with scripts/test.py --extra browser"
api = pytest.importorskip("playwright.sync_api", reason=f"Playwright is not installed: {HOW}")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=f"axe is not installed: {HOW}")
expect = api.expect
expect.set_options(timeout=60_000)  # machines that build are busy
