"""From a dropped file to a deleted job."""

import base64

import pytest
from tests.browser.driver import expect

pytestmark = pytest.mark.browser
DROP = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const dropped = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
  document.querySelector(".drop").dispatchEvent(dropped);
}"""


def drop(page, name, content, kind="video/mp4"):
    page.evaluate(DROP, [name, kind, base64.b64encode(content).decode()])


def choose_only_the_box_finder(page, **parameters):
    page.get_by_role("button", name="Choose nothing").click()
    page.get_by_label("Box finder").check()
    if parameters:
        page.get_by_text("Settings of Box finder").click()
    for label, value in parameters.items():
        page.locator("[data-component=box_finder]").get_by_label(label).fill(str(value))


def test_a_dropped_video_is_annotated_and_its_progress_is_seen_without_a_reload(goto, clip):
    page = goto("/new")
    drop(page, "play.mp4", clip.read_bytes())
    choose_only_the_box_finder(page, Delay=0.05)
    expect(page.get_by_text("1, 0:02")).to_be_visible()
    page.evaluate("window.notReloaded = true")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="play.mp4")).to_be_visible()
    finder = page.locator("[data-component=box_finder]")
    expect(finder).to_have_attribute("data-status", "running")
    expect(finder).to_have_attribute("data-status", "completed")
    expect(page.get_by_role("link", name="play_people.csv")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="play_people.csv").click()
    assert download.value.path().read_text().startswith("detection_id,frame_index,time_s,x1")
    assert page.evaluate("window.notReloaded")


def test_a_wrong_value_is_marked_at_its_field_before_anything_is_sent(goto, clip):
    page = goto("/new")
    drop(page, "play.mp4", clip.read_bytes())
    choose_only_the_box_finder(page, **{"Frames per s": 500})
    expect(page.locator("p.wrong:visible")).to_contain_text("60")
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()


def test_a_late_verdict_on_a_value_that_has_been_mended_counts_no_more(page, goto, clip):
    goto("/new")
    drop(page, "play.mp4", clip.read_bytes())
    choose_only_the_box_finder(page)
    held = []

    def hold_the_refusal(route):
        if "500" in (route.request.post_data or ""):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/config/validate", hold_the_refusal)
    page.get_by_text("Settings of Box finder").click()
    rate = page.locator("[data-component=box_finder]").get_by_label("Frames per s")
    with page.expect_request(lambda asked: "500" in (asked.post_data or "")):
        rate.fill("500")
    with page.expect_response(lambda told: "500" not in (told.request.post_data or "")):
        rate.fill("5")
    page.wait_for_timeout(200)
    ((route, answer),) = held
    route.fulfill(response=answer)
    page.wait_for_timeout(500)
    expect(page.locator("p.wrong:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="Submit")).to_be_enabled()


def test_a_file_that_is_no_video_is_refused_with_the_next_step(goto):
    page = goto("/new")
    choose_only_the_box_finder(page)
    drop(page, "notes.mp4", b"These are only notes. " * 100)
    page.get_by_role("button", name="Submit").click()
    alert = page.locator("main").get_by_role("alert")
    expect(alert).to_contain_text("is not a video in a known format")
    expect(alert).to_contain_text("Re-encode it")


def test_what_is_dropped_beside_the_place_for_it_counts_and_a_folder_is_told_to_be_one(goto, clip):
    page = goto("/new")
    browser = page.context.new_cdp_session(page)
    page.get_by_role("heading", name="Submit").scroll_into_view_if_needed()
    x, y = 1100, 800  # below the form, right of the components
    for path in (clip, clip.parent):
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            browser.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})
    expect(page.locator("#toasts")).to_contain_text(f"{clip.parent.name} is a folder")
    expect(page.get_by_role("list", name="Chosen videos").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("list", name="Chosen videos")).to_contain_text(clip.name)
    assert len(page.context.pages) == 1  # no page that shows the file


def test_a_disabled_component_says_why(goto):
    page = goto("/new")
    finder = page.locator("[data-component=openface3]")
    page.locator("details", has=finder).get_by_text("cannot run here").click()
    expect(finder.get_by_role("checkbox")).to_be_disabled()
    expect(finder).to_contain_text("videoannotator env create openface3")


def test_a_job_is_cancelled_run_again_and_deleted(goto, server, long_clip):
    job_id = server.submit(long_clip, delay_s=0.2)
    server.wait(job_id, "running")
    page = goto(f"/jobs/{job_id}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.locator(".head .badge")).to_have_text("cancelled")
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: job_id not in url)
    again = page.url.rpartition("/")[2]
    assert server.call("GET", f"/jobs/{again}")["retry_of"] == job_id
    server.call("POST", f"/jobs/{again}/cancel")
    page.goto(f"/#/jobs/{job_id}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(page.locator(f"[data-job='{job_id}']")).to_have_count(0)


def test_the_list_of_jobs_is_live_filtered_and_acted_on_together(goto, server, clip):
    page = goto("/jobs?q=many")
    ids = [server.submit(_named(clip, f"many{n}.mp4")) for n in range(2)]
    for job_id in ids:
        expect(page.locator(f"[data-job='{job_id}']")).to_have_attribute("data-status", "completed")
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_text("No job is like that")).to_be_visible()
    page.get_by_label("State").select_option("")
    page.get_by_label("Choose all jobs of this page").check()
    page.get_by_role("button", name="Delete 2", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No job is like that")).to_be_visible()


@pytest.mark.parametrize(
    ("screen", "link"),
    [("/", "a.name"), ("/jobs", "[data-status=running] a.name"), ("/jobs/{id}", ".head button.danger")],
)
def test_the_keyboard_stays_where_it_is_while_a_screen_is_drawn_anew(goto, server, long_clip, screen, link):
    job_id = server.submit(long_clip, delay_s=0.04)  # something new after each chunk of ten seconds
    try:
        server.wait(job_id, "running")
        page = goto(screen.format(id=job_id))
        page.locator(link).first.focus()
        first = page.evaluate_handle("document.activeElement")
        page.wait_for_function("(first) => !first.isConnected", arg=first)
        page.wait_for_timeout(100)
        now = page.evaluate("document.activeElement.textContent")
        assert now == first.evaluate("(one) => one.textContent")
    finally:
        server.call("POST", f"/jobs/{job_id}/cancel")
        server.wait(job_id, "cancelled")


def test_a_page_of_the_list_that_is_no_more_gives_the_last_one(goto, server, clip):
    job_id = server.submit(_named(clip, "last.mp4"))
    page = goto("/jobs?q=last.mp4&page=4")
    expect(page.locator(f"[data-job='{job_id}']")).to_be_visible()
    expect(page.get_by_text("Page 1 of 1")).to_be_visible()


def test_a_failed_job_tells_what_happened(goto, server, clip):
    job_id = server.submit(clip, fail=True)
    server.wait(job_id, "failed")
    page = goto(f"/jobs/{job_id}")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("the box is broken")


@pytest.mark.parametrize("late", ["", "/logs?*"])
def test_what_happens_while_a_screen_is_being_opened_is_not_missed(page, goto, server, long_clip, late):
    """The first answer is given when asked and handed over after the job has ended."""
    job_id = server.submit(long_clip, frames_per_s=5, delay_s=0.03)  # six seconds
    server.wait(job_id, "running")

    def hand_over(route):
        answer = route.fetch()
        server.wait(job_id, "completed")
        page.wait_for_timeout(1500)  # what the stream tells of it has come
        route.fulfill(response=answer)

    page.route(f"**/api/v1/jobs/{job_id}{late}", hand_over, times=1)
    goto(f"/jobs/{job_id}")
    expect(page.locator(".head .badge")).to_have_text("completed")
    expect(page.get_by_role("link", name="long_people.csv")).to_be_visible()
    logged = server.call("GET", f"/jobs/{job_id}/logs?level=info&limit=2000")["logs"]
    lines = page.get_by_role("log").locator("p")
    expect(lines).to_have_count(len(logged))
    assert all(line["message"] in text for line, text in zip(logged, lines.all_inner_texts(), strict=True))


def test_the_page_recovers_when_the_server_is_killed_in_mid_job_and_comes_back(goto, server, long_clip):
    job_id = server.submit(long_clip, delay_s=0.01)
    server.wait(job_id, "running")
    page = goto(f"/jobs/{job_id}")
    server.stop()
    expect(page.locator("#link-state")).to_contain_text("lost")
    server.start()
    expect(page.locator("#link-state")).to_have_text("Live")
    expect(page.locator("[data-component=box_finder]")).to_have_attribute(
        "data-status", "completed", timeout=60_000
    )
    server.wait(job_id, "completed")
    expect(page.locator(".head .badge")).to_have_text("completed")


def test_a_screen_that_is_asked_for_while_the_server_is_gone_comes_by_itself_when_it_is_back(goto, server):
    page = goto("/jobs")
    expect(page.locator("#link-state")).to_have_text("Live")
    server.stop()
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("main").get_by_role("alert")).to_contain_text("The server does not answer")
    server.start()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()


def _named(clip, name):
    path = clip.with_name(name)
    path.write_bytes(clip.read_bytes())
    return path
