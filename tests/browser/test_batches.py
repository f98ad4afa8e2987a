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
    other = tmp_path_factory.mktemp("other")
    for name in ("a & b/one.mp4", "a & b/two.mp4", "a & b/three/three.mp4", "top.mp4", "notes.txt"):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(clip, other / name)
    roots = {"study": str(folder), "other": str(other)}
    environment = {"VIDEOANNOTATOR_ROOTS": json.dumps(roots)}
    server = Server(tmp_path_factory.mktemp("server") / "data", environment=environment).start()
    yield server
    server.stop()


def test_a_folder_of_the_server_becomes_a_batch_whose_jobs_carry_the_tags(goto, server):
    page = goto("/new")
    choose_only_the_box_finder(page)
    page.get_by_role("button", name="study/").click()
    page.get_by_label("Everything here").check()
    page.get_by_label("Tags").fill("pilot, infants")
    page.get_by_role("button", name="Submit as a batch").click()
    page.get_by_role("link", name="session1.mp4").click()
    expect(page.get_by_text("pilot, infants")).to_be_visible()
    page.goto("/#/batches")
    page.get_by_role("table").get_by_role("link").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def test_single_videos_of_the_server_are_found_by_folder_and_chosen_by_keyboard(goto, server):
    page = goto("/new")
    choose_only_the_box_finder(page)
    page.get_by_role("button", name="other/").press("Enter")
    expect(page.get_by_role("button", name="other", exact=True)).to_be_focused()
    expect(page.get_by_label("notes.txt")).to_have_count(0)
    page.get_by_role("checkbox", name="top.mp4").press("Space")
    expect(page.get_by_role("checkbox", name="top.mp4")).to_be_focused()
    page.get_by_role("button", name="a & b/").press("Enter")
    page.get_by_role("checkbox", name="one.mp4").press("Space")
    page.get_by_role("checkbox", name="two.mp4").press("Space")
    page.get_by_role("button", name="Leave out other:a & b/two.mp4").click()
    expect(page.get_by_role("checkbox", name="two.mp4")).not_to_be_checked()
    expect(page.get_by_role("list", name="Chosen videos of the server")).to_contain_text("other:top.mp4")
    page.get_by_label("Name", exact=True).fill("chosen")
    page.get_by_role("button", name="Submit as a batch").click()
    expect(page.get_by_role("heading", name="chosen")).to_be_visible()
    expect(page.get_by_role("row", name="top.mp4")).to_be_visible()
    expect(page.get_by_role("row", name="one.mp4")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def test_one_video_of_the_server_is_a_job_whose_results_go_where_they_should(goto, server, tmp_path):
    page = goto("/new")
    choose_only_the_box_finder(page)
    page.get_by_role("button", name="study/").click()
    page.get_by_role("checkbox", name="session1.mp4").check()
    page.get_by_text("Put results in a folder of the server").click()
    page.get_by_label("Files", exact=True).fill("study:../out")
    expect(page.get_by_label("Files", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Submit", exact=True)).to_be_disabled()
    page.get_by_label("Files", exact=True).fill("other:results")
    page.get_by_label("SQLite database").fill("other:results/all.sqlite")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", name="session1.mp4")).to_be_visible()
    job = server.call("GET", "/jobs")["jobs"][0]
    assert (job["output_directory"], job["db_location"]) == ("other:results", "other:results/all.sqlite")


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
        expect(row).to_have_attribute("data-status", "completed")
    expect(page.get_by_role("row", name="notes.mp4")).to_contain_text("is not a video")
    expect(page.get_by_text("2 completed, 1 failed")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def test_the_videos_of_a_long_batch_are_turned_page_by_page_and_filtered_by_state(goto, server):
    paths = [
        "study:session1.mp4",
        *(f"study:gone{number}.mp4" for number in range(105)),
        "study:session1.mp4",
    ]
    wish = {"name": "long", "selected_pipelines": ["box_finder"]}
    batch = server.call("POST", "/batches", json={**wish, "items": [{"video_path": path} for path in paths]})
    page = goto(f"/batches/{batch['id']}")
    expect(page.locator("[data-place]")).to_have_count(100)
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    page.get_by_role("button", name="On", exact=True).click()
    expect(page.locator("[data-place]")).to_have_count(7)
    expect(page.locator("[data-place='106']")).to_have_attribute("data-status", "completed")
    page.get_by_label("State").select_option(label="failed (105)")
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    page.get_by_role("button", name="On", exact=True).click()
    expect(page.locator("[data-place]")).to_have_count(5)
    expect(page.locator("[data-place='105']")).to_contain_text("gone104.mp4")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("[data-place]")).to_have_count(100)
    page.get_by_label("State").select_option("completed")
    expect(page.locator("[data-place]")).to_have_count(2)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def submit(server, clip, *names, **more):
    """Several times the clip as a batch; its id."""
    data, content = {"selected_pipelines": "box_finder", **more}, clip.read_bytes()
    files = [("videos", (name, content)) for name in names]
    return server.call("POST", "/batches", data=data, files=files)["id"]


def test_the_list_of_batches_is_live_searched_filtered_and_acted_on_together(goto, server, clip):
    page = goto("/batches?q=several")
    expect(page.get_by_text("No batch is like that")).to_be_visible()
    ids = [submit(server, clip, "calm.mp4", name=f"several {n}") for n in range(2)]
    submit(server, clip, "wild.mp4", name="another")
    for batch_id in ids:
        row = page.locator(f"[data-batch='{batch_id}']")
        expect(row).to_have_attribute("data-status", "completed")
    expect(page.get_by_text("Page 1 of 1, 2 batches")).to_be_visible()
    page.get_by_label("Search").fill("WILD")
    expect(page.locator("[data-batch]")).to_have_count(1)
    expect(page.get_by_role("link", name="another")).to_be_visible()
    page.get_by_label("State").select_option("paused")
    expect(page.get_by_text("No batch is like that")).to_be_visible()
    assert "q=WILD" in page.url
    assert "status=paused" in page.url
    page.reload()
    expect(page.get_by_label("State")).to_have_value("paused")
    page.get_by_label("Search").fill("several")
    page.get_by_label("State").select_option("")
    page.get_by_label("Choose all batches of this page").check()
    expect(page.get_by_role("button", name="Cancel 0")).to_be_disabled()
    expect(page.get_by_role("button", name="Retry 0")).to_be_disabled()
    page.get_by_role("button", name="Delete 2", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batch is like that")).to_be_visible()
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name="Delete: another").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No batches yet")).to_be_visible()


def test_batches_are_cancelled_and_retried_together_without_a_mouse(goto, server, long_clip):
    slow = json.dumps({"moving_box": {"box_finder": {"delay_s": 0.2}}})
    broken = json.dumps({"moving_box": {"box_finder": {"fail": True}}})
    going = [submit(server, long_clip, "a.mp4", name=f"going {n}", config=slow) for n in range(2)]
    page = goto("/batches?q=going")
    press(page, page.get_by_label("Choose all batches of this page"), "Space")
    press(page, page.get_by_role("button", name="Cancel 2"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="Cancel"))
    for batch_id in going:
        row = page.locator(f"[data-batch='{batch_id}']")
        expect(row).to_have_attribute("data-status", "cancelled")
        expect(row.get_by_role("button")).to_have_text(["Delete"])
    failing = submit(server, long_clip, "b.mp4", name="failing", config=broken)
    page.get_by_label("Search").fill("failing")
    expect(page.locator(f"[data-batch='{failing}']")).to_have_attribute(
        "data-status", "completed", timeout=40_000
    )
    press(page, page.get_by_label("Choose failing"), "Space")
    press(page, page.get_by_role("button", name="Retry 1"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="Retry"))
    expect(page.locator("#toasts")).to_contain_text("Retry: done for 1 batches")
    assert server.call("GET", f"/batches/{failing}/jobs")["items"][0]["attempt"] == 2


def press(page, element, key="Enter"):
    element.focus()
    page.keyboard.press(key)


def test_a_choice_is_kept_as_a_preset_used_again_and_deleted(goto, server, clip):
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
    drop(page, "preset.mp4", clip.read_bytes())
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", name="preset.mp4")).to_be_visible()
    (kept,) = (one for one in server.call("GET", "/presets")["presets"] if one["name"] == "slow boxes")
    job = server.call("GET", "/jobs")["jobs"][0]
    assert (job["preset_id"], job["preset_version"]) == (kept["id"], kept["version"])
    page.goto("/#/settings")
    page.get_by_role("button", name="Delete preset slow boxes").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("slow boxes")).to_have_count(0)
