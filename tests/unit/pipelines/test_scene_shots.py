"""Cuts are PySceneDetect's own, and their times are the frames' presentation times."""

from pathlib import Path

import numpy as np
import pytest
from scenedetect import ContentDetector, SceneManager, open_video
from scripts.samples import sample
from tests.synthetic.film import fade, shot, write_film

from videoannotator.domain.media import Frames, Video
from videoannotator.domain.table import concat
from videoannotator.media.decode import View, decode
from videoannotator.media.probe import probe
from videoannotator.pipelines.scene import SHOT_DETECTION, ShotDetectionParameters
from videoannotator.pipelines.scene.shots import ShotSession
from videoannotator.plugin.component import EVERY_FRAME, Chunk, Context


def pyscenedetect(path, **arguments):
    """First frame times of all shots but the first, as PySceneDetect finds them by itself."""
    video, manager = open_video(str(path)), SceneManager()
    manager.add_detector(ContentDetector(**arguments))
    manager.detect_scenes(video)
    return [start.seconds for start, _ in manager.get_scene_list(start_in_scene=True)][1:]


def decoded(path):
    """Every frame as the shared decode shows it to the component."""
    needs = SHOT_DETECTION.needs(ShotDetectionParameters())
    view = View(needs.frames_per_s, needs.max_side_px)
    chunks = [chunk.frames[view] for chunk in decode(probe(path), [view])]
    return Frames(
        *(np.concatenate([getattr(c, name) for c in chunks]) for name in ("rgb", "time_s", "frame_index"))
    )


def session(frames, saved=None, frame_rate=25.0, **parameters):
    video = Video(
        id="0" * 64, path=Path("film.mp4"), name="film.mp4", size_bytes=1,
        duration_s=float(frames.time_s[-1] + 1 / 25), frame_rate=frame_rate, n_frames=len(frames),
    )  # fmt: skip
    context = Context(video, weights=lambda name: Path(name))
    return ShotSession(ShotDetectionParameters(**parameters), context, saved)


def chunk(frames, index, start, stop):
    part = slice(start, stop)
    view = Frames(frames.rgb[part], frames.time_s[part], frames.frame_index[part])
    return Chunk(index, 0.0, 1.0, frames=view)


def shots(frames, **options):
    running = session(frames, **options)
    said = [*running.feed(chunk(frames, 0, 0, None)), *running.finish()]
    return concat([annotation.rows for annotation in said])


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Cuts before frames 40, 75, 78 (too soon), 110 and 150; a fade to black in frames 90 to 109."""
    pictures = (
        shot(1, 40) + shot(2, 35) + shot(3, 3) + shot(4, 12) + fade(shot(4, 20)) + shot(5, 40) + shot(6, 30)
    )
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", pictures)


@pytest.fixture(scope="module")
def frames(film):
    return decoded(film)


def test_cuts_equal_pyscenedetects(film, frames):
    expected = pyscenedetect(film)
    assert shots(frames)["start_s"][1:].tolist() == pytest.approx(expected, abs=1e-5)
    assert 1.6 in np.round(expected, 5)  # frame 40 at 25 frames per second


@pytest.mark.parametrize("min_shot_s", [0.0, 0.1, 0.6, 1.0, 2.0])
def test_min_shot_s_is_pyscenedetects_minimum(film, frames, min_shot_s):
    found = shots(frames, min_shot_s=min_shot_s)["start_s"][1:].tolist()
    assert found == pytest.approx(pyscenedetect(film, min_scene_len=min_shot_s), abs=1e-5)


def test_min_shot_s_merges_cuts(frames):
    assert len(shots(frames, min_shot_s=0.0)) > len(shots(frames)) > len(shots(frames, min_shot_s=2.0))


def test_threshold_is_the_least_change_of_a_cut(film, frames):
    strict, loose = (
        shots(frames, threshold=60.0, min_shot_s=0.0),
        shots(frames, threshold=10.0, min_shot_s=0.0),
    )
    assert len(strict) < len(loose)
    assert (strict["score"][1:] >= 60).all()
    found = strict["start_s"][1:].tolist()
    assert found == pytest.approx(pyscenedetect(film, threshold=60.0, min_scene_len=0.0), abs=1e-5)


def test_luma_only_compares_brightness_alone():
    red, blue = np.zeros((2, 20, 64, 64, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 200  # equally bright in HSV
    rgb = np.concatenate([red, blue])
    frames = Frames(rgb, np.arange(40) / 25, np.arange(40))
    assert (len(shots(frames)), len(shots(frames, luma_only=True))) == (2, 1)


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (200, 120), (500, 333)])
def test_any_shape_of_picture_gives_pyscenedetects_cuts(tmp_path, size):
    width, height = (side // 2 * 2 for side in size)
    path = write_film(tmp_path / "film.mp4", shot(7, 30, width, height) + shot(8, 30, width, height))
    found = shots(decoded(path))["start_s"][1:].tolist()
    assert found == pytest.approx(pyscenedetect(path), abs=1e-5)
    assert found == pytest.approx([1.2])


def test_at_a_variable_rate_cuts_are_where_the_frames_are_shown(tmp_path):
    steps = [0.06] * 30 + [0.2] * 20 + [0.02] * 40
    times = np.concatenate([[0.0], np.cumsum(steps)]).tolist()
    pictures = shot(1, 20) + shot(2, 25) + shot(3, 25) + shot(4, 21)
    path = write_film(tmp_path / "film.mp4", pictures, times)
    found = shots(decoded(path), frame_rate=None)["start_s"][1:].tolist()
    assert found == pytest.approx([times[20], times[45], times[70]], abs=1e-4)
    assert found == pytest.approx(pyscenedetect(path), abs=1e-4)


@pytest.mark.weights
def test_cuts_of_a_real_film_equal_pyscenedetects():
    path = sample("bikes.mp4")
    found = shots(decoded(path))["start_s"][1:].tolist()
    assert found == pytest.approx(pyscenedetect(path), abs=1e-5)
    assert len(found) == 5  # counted by eye


def test_shots_follow_each_other_without_gap_and_end_with_the_last_frame(frames):
    table = shots(frames)
    assert table["shot_id"].tolist() == list(range(len(table)))
    assert table["start_s"][1:].tolist() == table["end_s"][:-1].tolist()
    assert table["start_frame"][1:].tolist() == table["end_frame"][:-1].tolist()
    assert (table["start_s"][0], table["end_s"][-1]) == (0.0, pytest.approx(len(frames) / 25))
    assert (table["start_frame"][0], table["end_frame"][-1]) == (0, len(frames))


def test_the_score_is_the_change_at_the_cut_and_missing_for_the_first_shot(frames):
    score = shots(frames)["score"]
    assert np.isnan(score[0])
    assert (score[1:] >= 27).all()


def test_a_single_frame_is_one_shot():
    table = shots(Frames(np.zeros((1, 4, 4, 3), np.uint8), np.array([0.5]), np.array([0])))
    assert (table["start_s"].tolist(), table["end_s"].tolist()) == ([0.5], [pytest.approx(0.54)])


def test_a_video_without_frames_has_no_shots():
    frames = Frames(np.zeros((1, 4, 4, 3), np.uint8), np.array([0.0]), np.array([0]))
    assert list(session(frames).finish()) == []


@pytest.mark.parametrize("min_shot_s", [None, 0.0, 0.5])
def test_a_run_resumed_after_any_frame_says_the_same(frames, min_shot_s):
    through = shots(frames, min_shot_s=min_shot_s)
    running, said = session(frames, min_shot_s=min_shot_s), []
    for index in range(len(frames)):
        said += running.feed(chunk(frames, index, index, index + 1))
        running = session(frames, saved=running.save(), min_shot_s=min_shot_s)
    table = concat([annotation.rows for annotation in [*said, *running.finish()]])
    assert table.to_bytes() == through.to_bytes()


def test_every_frame_is_looked_at():
    assert SHOT_DETECTION.needs(ShotDetectionParameters()).frames_per_s == EVERY_FRAME
