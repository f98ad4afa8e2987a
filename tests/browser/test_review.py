"""What is drawn, where and when, against where the box of the clip is by arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from tests.browser.conftest import FRAME_RATE
from tests.browser.driver import expect
from tests.synthetic.clips import BOX_PX, BOX_TOP_PX, WIDTH_PX, Clip, Sound, box_left_px, write

pytestmark = pytest.mark.browser
ORANGE = (230, 159, 0)  # of track 1
# The opaque orange pixels of the overlay, in pixels of the video: [left, top, right, bottom], or null.
DRAWN = """([red, green, blue, width]) => {
  const canvas = document.querySelector(".picture canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const scale = canvas.width / width;
  let box = null;
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [(at / 4) % canvas.width, Math.floor(at / 4 / canvas.width)];
    if (data[at + 3] < 250 || data[at] !== red || data[at + 1] !== green || data[at + 2] !== blue) continue;
    box ??= [x, y, x, y];
    box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
  }
  return box && box.map((value) => value / scale);
}"""

# Whether anything is drawn in the lane of people.
FILLED = """() => {
  const lane = document.querySelector("[data-lane=people] canvas");
  return lane.getContext("2d").getImageData(0, 0, lane.width, lane.height).data.some(Boolean);
}"""

# Whether a curve of this colour rises in its lane while the box goes to the right for the first time.
RISING = """([red, green, blue]) => {
  const canvas = document.querySelector("[data-lane=box_places] canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const top = (x) => [...Array(height).keys()].find((y) => {
    const at = 4 * (y * width + x);
    return data[at + 3] > 60 && [red, green, blue].every((one, n) => Math.abs(data[at + n] - one) < 12);
  });
  const [early, late] = [0.1, 0.4].map((share) => top(Math.round(share * width)));
  return early > late;
}"""


@pytest.fixture(scope="module")
def done(server, clip):
    """A completed job on the short clip."""
    job_id = server.submit(clip)
    server.wait(job_id, "completed")
    return job_id


def drawn(page):
    return page.evaluate(DRAWN, [*ORANGE, WIDTH_PX])


def expect_picture(page, number):
    """The picture of this number is on screen: its time stands beside the video."""
    expect(page.locator(".clock")).to_have_text(f"0:{number / FRAME_RATE:05.2f} / 0:02")


def only_boxes(page):
    for name in ("Skeletons", "Faces", "Head and gaze", "Labels", "Words"):
        page.get_by_role("group", name="Overlays").get_by_role("button", name=name, exact=True).click()


def open_at(goto, job_id, number):
    """Review with the picture of a number on screen. A time in the middle of it cannot miss it."""
    page = goto(f"/review/{job_id}?t={(number + 0.5) / FRAME_RATE}")
    only_boxes(page)
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    expect_picture(page, number)
    expect(page.locator(".now")).to_contain_text("Person 1")
    return page


@pytest.mark.parametrize("number", [5, 20, 31])
def test_the_box_is_drawn_where_it_is_in_the_picture_that_is_shown(goto, done, number):
    page = open_at(goto, done, number)
    left = box_left_px(number)
    # Codecs blur edges by a pixel, and the line is 2 px of the screen wide.
    assert drawn(page) == pytest.approx([left, BOX_TOP_PX, left + BOX_PX, BOX_TOP_PX + BOX_PX], abs=1.6)


# Calls back late, as a busy machine does.
LATE = """{
  const video = HTMLVideoElement.prototype;
  const ask = video.requestVideoFrameCallback;
  video.requestVideoFrameCallback = function (tell) {
    return ask.call(this, (now, picture) => setTimeout(tell, 200, now, picture));
  };
}"""


@pytest.fixture(params=["", LATE, "delete window.VideoFrame"], ids=["as it is", "busy", "without TLS"])
def sight(request, page):
    """How the browser tells what is on screen; at addresses without TLS it only calls back."""
    page.add_init_script(request.param)


@pytest.mark.usefixtures("sight")
def test_stepping_goes_picture_by_picture_and_the_box_goes_with_it(goto, done):
    page = open_at(goto, done, 10)
    box = drawn(page)
    for key, number in ((".", 11), (".", 12), (",", 11)):
        page.keyboard.press(key)
        expect_picture(page, number)
        assert drawn(page)[0] - box[0] == pytest.approx(3 * (number - 10), abs=1)  # 3 px a picture


# Without TLS nobody can tell a late call back from another picture where those come unevenly.
@pytest.mark.parametrize("sight", ["", LATE], ids=["as it is", "busy"], indirect=True)
@pytest.mark.usefixtures("sight")
def test_stepping_goes_picture_by_picture_also_where_they_come_unevenly(goto, server, tmp_path):
    times_s = np.cumsum([0, *(0.07, 0.07, 0.1, 0.05, 0.15) * 8])
    # Without pictures out of order: with them files do not say how long each lasts, and Chromium guesses.
    clip = Clip(times_s=times_s, frame_rate=FRAME_RATE, options={"bf": "0"})
    job_id = server.submit(write(tmp_path / "uneven.mp4", clip))
    server.wait(job_id, "completed")
    page = goto(f"/review/{job_id}?t={times_s[10] + 0.02}")
    for key, number in (
        ("", 10),
        (".", 11),
        (".", 12),
        (".", 13),
        (".", 14),
        (",", 13),
        (",", 12),
        (".", 13),
    ):
        if key:
            page.wait_for_timeout(300)  # as a person does who looks before going on
            page.keyboard.press(key)
        expect(page.locator(".clock")).to_contain_text(f"0:{times_s[number]:05.2f} /")


def test_a_person_shown_alone_can_be_given_up_where_nobody_is_seen(goto, server, long_clip):
    job_id = server.submit(long_clip, delay_s=0.02)
    server.wait(job_id, "running")
    page = goto(f"/review/{job_id}?t=2")
    page.get_by_role("button", name="Solo Person 1").click()
    page.keyboard.press("End")
    expect(page.locator(".now")).to_contain_text("not visible")
    page.get_by_role("button", name="Solo Person 1").click()
    expect(page.locator(".now")).to_contain_text("Nobody is seen")
    server.call("POST", f"/jobs/{job_id}/cancel")
    server.wait(job_id, "cancelled", "completed")


def test_a_person_can_be_hidden_and_a_lane_too(goto, done):
    page = open_at(goto, done, 12)
    page.get_by_role("button", name="Hide Person 1").click()
    assert drawn(page) is None
    page.get_by_role("button", name="Hide Person 1").click()
    assert drawn(page) is not None
    page.keyboard.press("1")
    expect(page.locator("[data-lane=people]")).to_have_attribute("data-hidden", "")


def test_a_table_of_another_component_is_drawn_as_a_curve(goto, done):
    page = open_at(goto, done, 12)
    lane = page.locator("[data-lane=box_places]")
    expect(lane).to_contain_text("Box places")
    page.wait_for_function(RISING, arg=list(ORANGE))


def test_what_could_not_be_loaded_is_asked_for_again_without_anybody_moving(page, goto, done):
    busy = {"status": 503, "content_type": "application/problem+json", "body": '{"detail": "Too busy"}'}
    page.route("**/annotations/people?*", lambda route: route.fulfill(**busy), times=4)
    open_at(goto, done, 12)
    page.wait_for_function(f"(wanted) => ({DRAWN})(wanted) !== null", arg=[*ORANGE, WIDTH_PX])
    page.wait_for_function(FILLED)


def test_the_timeline_goes_with_jumps_and_stays_where_it_was_moved(goto, server, long_clip):
    job_id = server.submit(long_clip, "box_finder,box_talk", frames_per_s=5)
    server.wait(job_id, "completed")
    page = goto(f"/review/{job_id}?t=1.5")
    expect(page.locator(".clock")).to_have_text("0:01.48 / 0:40")
    playhead, said = page.locator(".playhead"), page.get_by_role("region", name="Transcript")
    for _ in range(4):
        page.keyboard.press("+")  # two and a half seconds
    said.get_by_role("button", name="second 30").click()
    expect(page.locator(".clock")).to_have_text("0:30.00 / 0:40")
    expect(playhead).to_be_visible()
    page.locator("[data-lane=people] canvas").hover()
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 3000)  # away from the playhead
    page.keyboard.up("Shift")
    expect(playhead).to_be_hidden()
    page.keyboard.press(".")
    expect(page.locator(".clock")).to_have_text("0:30.04 / 0:40")
    expect(playhead).to_be_hidden()
    page.keyboard.press("}")
    expect(page.locator(".clock")).to_have_text("0:31.00 / 0:40")
    said.get_by_role("button", name="second 5", exact=False).first.click()
    expect(playhead).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator(".clock")).to_have_text("0:39.96 / 0:40")
    page.keyboard.press("}")  # nothing more is said: no way to go
    page.keyboard.press("]")
    page.wait_for_timeout(500)
    expect(page.locator(".clock")).to_have_text("0:39.96 / 0:40")


def test_what_was_not_looked_at_is_said_to_be_missing(goto, done):
    page = open_at(goto, done, 12)
    expect(page.locator(".now")).to_contain_text("Face")
    expect(page.locator(".now")).to_contain_text("not measured")
    expect(page.get_by_role("region", name="Transcript")).to_contain_text(
        "No speech recognition was asked for"
    )


def test_the_transcript_follows_the_video_also_into_a_pause_and_seeks(goto, server, long_clip):
    job_id = server.submit(long_clip, "box_finder,box_talk", frames_per_s=5)
    server.wait(job_id, "completed")
    page = goto(f"/review/{job_id}?t=35.7")  # after what begins at 35 s has been said
    transcript = page.get_by_role("region", name="Transcript")
    expect(transcript.get_by_role("button", name="second 35")).to_be_in_viewport()
    expect(transcript.locator("[aria-current]")).to_have_count(0)
    transcript.get_by_role("button", name="second 36").click()
    expect(page.locator(".clock")).to_have_text("0:36.00 / 0:40")
    expect(transcript.locator("[aria-current]")).to_contain_text("second 36")


def test_a_transcript_that_comes_late_or_gets_less_room_shows_what_is_said(page, goto, server, long_clip):
    job_id = server.submit(long_clip, "box_finder,box_talk", frames_per_s=5)
    server.wait(job_id, "completed")

    def late(route) -> None:
        page.locator("video").wait_for()
        page.wait_for_function("() => document.querySelector('.clock').textContent.startsWith('0:35.')")
        page.wait_for_timeout(1000)  # all that comes with opening a video has come
        route.continue_()

    page.route("**/annotations/utterances?*", late, times=1)
    goto(f"/review/{job_id}?t=35.7")
    said = page.get_by_role("region", name="Transcript").get_by_role("button", name="second 35")
    expect(said).to_be_in_viewport()
    page.locator(".now").evaluate("(panel) => (panel.style.minHeight = '260px')")
    expect(said).to_be_in_viewport(ratio=0.9)


def test_finished_chunks_are_on_the_timeline_and_the_picture_before_the_job_ends(goto, server, long_clip):
    job_id = server.submit(long_clip, delay_s=0.02)
    server.wait(job_id, "running")
    page = goto(f"/review/{job_id}?t=2")
    only_boxes(page)
    page.locator("[data-lane=people]").wait_for()
    page.wait_for_function(f"(wanted) => ({DRAWN})(wanted) !== null", arg=[*ORANGE, WIDTH_PX])
    job = server.call("GET", f"/jobs/{job_id}")
    covered = {
        one["name"]: one["covered_s"] for one in server.call("GET", f"/jobs/{job_id}/annotations")["tables"]
    }
    assert job["status"] == "running"
    assert 5 < covered["people"] < 40
    server.wait(job_id, "completed")
    expect(page.locator(".head .badge")).to_have_text("completed")


@pytest.mark.parametrize(
    ("name", "codec", "sound"),
    [("box.avi", "mpeg4", None), ("phone.mp4", "libx265", Sound(duration_s=12))],
    ids=["not at all", "only its sound"],
)
def test_a_video_that_no_browser_plays_is_told_and_comes_when_its_copy_is_made(
    goto, server, tmp_path, name, codec, sound
):
    clip = Clip(n_frames=300, frame_rate=FRAME_RATE, codec=codec, clock=Fraction(1, FRAME_RATE), sound=sound)
    job_id = server.submit(write(tmp_path / name, clip), delay_s=0.03)
    server.wait(job_id, "running")
    page = goto(f"/review/{job_id}?t=4")
    expect(page.locator(".picture [role=status]")).to_contain_text("made at the end of the job")
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    expect(page.locator(".picture [role=status]")).to_be_empty()
    expect(page.locator(".clock")).to_contain_text("0:04")
    only_boxes(page)
    page.wait_for_function(f"(wanted) => ({DRAWN})(wanted) !== null", arg=[*ORANGE, WIDTH_PX])
