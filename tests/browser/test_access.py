"""Everybody can use it: no violation that axe knows on any screen, and everything by keyboard."""

import pytest
from tests.browser.driver import axe, expect

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def made(server, clip):
    """Ids to look at: of a job that ended well, of one that failed, and of a batch."""
    done, failed = server.submit(clip), server.submit(clip, fail=True)
    with clip.open("rb") as file:
        chosen = {"selected_pipelines": "box_finder", "name": "both"}
        batch = server.call("POST", "/batches", data=chosen, files={"videos": (clip.name, file)})["id"]
    server.wait(done, "completed")
    server.wait(failed, "failed")
    return {"done": done, "failed": failed, "batch": batch}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "screen",
    [
        "/", "/new", "/jobs", "/jobs/{done}", "/jobs/{failed}", "/review/{done}", "/batches",
        "/batches/{batch}", "/settings", "/nowhere",
    ],
)  # fmt: skip
def test_axe_finds_nothing(goto, page, made, theme, screen):
    page.emulate_media(color_scheme=theme)
    goto(screen.format(**made))
    page.wait_for_timeout(500)
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_boxes(goto, page, stranger, theme):
    page.emulate_media(color_scheme=theme)
    goto("/")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.context.clear_cookies()
    page.goto("/#/jobs")
    page.reload()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert violations(page) == []


def test_from_signing_in_to_review_without_a_mouse(stranger, server, clip):
    page = stranger
    page.goto("/")
    page.get_by_label("API key").wait_for()
    page.keyboard.type(server.key)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Latest jobs").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.get_by_role("heading", name="Annotate videos").wait_for()
    with page.expect_file_chooser() as chooser:
        press(page, "Choose files")
    chooser.value.set_files(clip)
    press(page, "Choose nothing")
    page.get_by_label("Box finder").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Submit")).to_be_enabled()
    page.wait_for_timeout(600)
    press(page, "Submit")
    page.get_by_role("link", name="Review", exact=True).wait_for()
    page.get_by_role("link", name="Review", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("video").wait_for()
    page.keyboard.press("End")
    expect(page.locator(".clock")).not_to_have_text("0:00.00 / 0:02")


def press(page, name):
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    page.keyboard.press("Enter")


def violations(page):
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]
