"""Make the pictures of the page for the documentation: a real server, the demonstration video, Chromium.

Needs the extra ``browser`` and Chromium: ``python scripts/screenshots.py [FOLDER]`` (``docs/images``).
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import samples
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
WINDOW = {"width": 1280, "height": 900}
QUALITY = 82  # of the JPEG: each picture stays below 300 kB
LIMIT_S = 900


@contextmanager
def server(data_dir: Path) -> Iterator[str]:
    """A server of its own; gives its start link."""
    log = data_dir.with_suffix(".log")
    command = [
        sys.executable,
        "-m",
        "videoannotator.cli.main",
        "serve",
        "--data-dir",
        str(data_dir),
        "--port",
        "0",
    ]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield _start_link(log, process)
        finally:
            process.terminate()


def _start_link(log: Path, process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        if (found := re.search(r"Open the page\s+(\S+)\s", log.read_text())) and "Ctrl-C" in log.read_text():
            return found[1]
        time.sleep(0.2)
    raise SystemExit(f"the server did not start:\n{log.read_text()}")


def submit(page: Page, video: Path, folder: Path) -> str:
    """Submit as a person does; the address of the job's screen."""
    page.goto(page.url.split("#")[0] + "#/new")
    page.locator("input[type=file]").set_input_files(video)
    take(page, "new", folder)
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name=video.name).wait_for()
    return page.url


def take(page: Page, name: str, folder: Path) -> None:
    """One picture, once everything is there."""
    page.wait_for_load_state("networkidle") if "review" not in page.url else page.wait_for_timeout(2500)
    page.wait_for_timeout(500)
    path = folder / f"{name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=QUALITY)
    print(f"{path} {path.stat().st_size // 1000} kB")


def session(page: Page, folder: Path, video: Path) -> None:
    """The screens in the order in which somebody sees them."""
    job = submit(page, video, folder)
    page.locator("[data-component=person_detection][data-status=running]").wait_for(timeout=LIMIT_S * 1000)
    page.get_by_role("link", name="Review", exact=True).wait_for(timeout=LIMIT_S * 1000)
    take(page, "job", folder)
    review = job.replace("/jobs/", "/review/")
    base = job.split("#")[0]
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.goto(f"{base}#/")
        page.goto(f"{review}?t=7")
        page.locator("video").wait_for()
        take(page, f"review-{theme}", folder)


def main() -> None:
    """Make the pictures anew."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = shutil.which("chromium") or sys.exit("Chromium is not installed: apt install chromium")
    with (
        tempfile.TemporaryDirectory() as scratch,
        server(Path(scratch) / "data") as link,
        sync_playwright() as driver,
    ):
        video = samples.demonstration(Path(scratch))
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(viewport=WINDOW)
        page.goto(link)
        session(page, folder, video)
        browser.close()


if __name__ == "__main__":
    main()
