"""A browser and a server for the tests of the page. Without Chromium they are skipped with one line."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.server import Server
from tests.synthetic.clips import Clip, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
FRAME_RATE = 25
# Answers that tests provoke; everything else that the console calls an error is one.
EXPECTED = ("401", "404", "409", "422", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "503")


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Chromium, for all tests."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium is installed: install the package chromium to run the tests of the page")
    from tests.browser.driver import api

    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a module."""
    server = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of the moving box."""
    return write(tmp_path_factory.mktemp("clips") / "box.mp4", Clip(n_frames=50, frame_rate=FRAME_RATE))


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds of the moving box: four chunks."""
    return write(tmp_path_factory.mktemp("clips") / "long.mp4", Clip(n_frames=1000, frame_rate=FRAME_RATE))


@pytest.fixture
def stranger(chromium: "Browser", server: Server) -> Iterator["Page"]:
    """A page of a browser that the server does not know. What goes wrong in its scripts fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=server.url)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(60_000)
    yield page
    context.close()
    assert [text for text in wrong if not any(one in text for one in EXPECTED)] == []


@pytest.fixture
def page(stranger: "Page", server: Server) -> "Page":
    """A page that is signed in."""
    answer = stranger.context.request.post("/api/v1/session", data={"token": server.key})
    assert answer.status == 201
    return stranger


@pytest.fixture
def goto(page: "Page") -> Callable[[str], "Page"]:
    """Open a screen: ``goto("/jobs")``."""

    def go(path: str) -> "Page":
        page.goto(f"/#{path}")
        page.locator("main h1").wait_for()
        return page

    return go
