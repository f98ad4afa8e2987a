"""Several videos at once, and choices that are kept."""

import json
import shutil

import pytest
from tests.browser.driver import expect
from tests.browser.server import Server
from tests.browser.test_jobs import choose_only_the_box_finder, drop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory, clip):
    """A server that opens a folder with one video to its clients."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copy(clip, folder / "session1.mp4")
    environment = {"VIDEOANNOTATOR_ROOTS": json.dumps({"study": str(folder)})}
    server = Server(tmp_path_factory.mktemp("server") / "data", environment=environment).start()
    yield server
    server.stop()


def test_a_folder_of_the_server_becomes_a_batch_whose_jobs_carry_the_tags(goto, server):
    page = goto("/new")
    choose_only_the_box_finder(page)
    page.get_by_label("Root").select_option("study")
    page.get_by_label("Tags").fill("pilot, infants")
    page.get_by_role("button", name="Submit as a batch").click()
    page.get_by_role("link", name="session1.mp4").click()
    expect(page.get_by_text("pilot, infants")).to_be_visible()
    page.goto("/#/batches")
    page.get_by_role("table").get_by_role("link").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def test_several_videos_become_a_batch_that_is_followed_to_its_end_and_deleted(goto, clip):
    page = goto("/new")
    for name in ("one.mp4", "two.mp4"):
        drop(page, name, clip.read_bytes())
    drop(page, "notes.mp4", b"no video at all")
    choose_only_the_box_finder(page)
    page.get_by_label("Name").fill("both")
    page.get_by_role("button", name="Submit as a batch").click()
    expect(page.get_by_role("heading", name="both")).to_be_visible()
    for name in ("one.mp4", "two.mp4"):
        row = page.get_by_role("row", name=name)
        expect(row).to_have_attribute("data-status", "completed", timeout=40_000)
    expect(page.get_by_role("row", name="notes.mp4")).to_contain_text("is not a video")
    expect(page.get_by_text("2 completed, 1 failed")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def test_a_choice_is_kept_as_a_preset_used_again_and_deleted(goto):
    page = goto("/new")
    choose_only_the_box_finder(page, Delay="0.5")
    page.get_by_role("button", name="Keep as preset").click()
    page.get_by_role("dialog").get_by_label("Name").fill("slow boxes")
    page.get_by_role("dialog").get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keep as preset").click()
    page.get_by_role("dialog").get_by_label("Name").fill("slow boxes")
    page.get_by_role("dialog").get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("already")
    page.reload()
    page.get_by_label("Preset").select_option(label="slow boxes")
    finder = page.locator("[data-component=box_finder]")
    expect(finder.get_by_label("Box finder")).to_be_checked()
    expect(finder.get_by_label("Delay")).to_have_value("0.5")
    expect(page.get_by_label("Speech recognition (Whisper)")).not_to_be_checked()
    page.goto("/#/settings")
    page.get_by_role("button", name="Delete preset slow boxes").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("slow boxes")).to_have_count(0)
