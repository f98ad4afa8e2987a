from pathlib import Path

import cv2
import numpy as np
from tests.synthetic.annotations import annotations, run, video
from tests.synthetic.clips import Clip, write

from videoannotator.preview import canvas
from videoannotator.preview.contact_sheet import WIDTH_PX, contact_sheet
from videoannotator.preview.marks import track_colour


def sheet(folder: Path, clip: Clip, **what: object) -> np.ndarray:
    path = write(folder / "clip.mp4", clip)
    of = video(path=path).model_copy(update={"width_px": clip.width_px, "height_px": clip.height_px})
    contact_sheet(run(of), annotations(**what), folder / "sheet.png")
    return cv2.imread(str(folder / "sheet.png"))[:, :, ::-1]


def n_pixels(picture: np.ndarray, colour: canvas.Colour) -> int:
    return int((picture == colour).all(axis=2).sum())


CLIP = Clip(n_frames=60, frame_rate=6, width_px=640, height_px=480)


def test_people_are_drawn_in_their_colours_where_they_are(tmp_path: Path) -> None:
    drawn = sheet(tmp_path, CLIP)
    assert drawn.shape[1] == WIDTH_PX
    # The first person is on all twelve pictures, the second on ten: 4 s to 6 s hold two of them.
    first, second = (n_pixels(drawn[:1000], track_colour(track)) for track in (1, 2))
    assert first > second > 0


def test_nothing_is_drawn_where_nothing_was_said(tmp_path: Path) -> None:
    drawn = sheet(tmp_path, CLIP, rows={})
    assert n_pixels(drawn, track_colour(1)) == 0


def test_equal_runs_give_equal_sheets(tmp_path: Path) -> None:
    sheet(tmp_path, CLIP)
    first = (tmp_path / "sheet.png").read_bytes()
    sheet(tmp_path, CLIP)
    assert (tmp_path / "sheet.png").read_bytes() == first


def test_portrait_pictures_take_more_columns(tmp_path: Path) -> None:
    drawn = sheet(tmp_path, Clip(n_frames=60, frame_rate=6, width_px=360, height_px=640))
    assert drawn.shape[0] < 1600


def test_sound_alone_gives_the_time_line(tmp_path: Path) -> None:
    of = video().model_copy(update={"has_video": False, "width_px": 0, "height_px": 0})
    contact_sheet(run(of), annotations(only=("words", "utterances", "turns")), tmp_path / "sheet.png")
    assert cv2.imread(str(tmp_path / "sheet.png")).shape[0] < 500


def test_text_that_does_not_fit_ends_in_an_ellipsis() -> None:
    cut = canvas.fitted("a long line of words", 60, 13)
    assert cut.endswith("…")
    assert canvas.text_width(cut, 13) <= 60
    assert canvas.fitted("short", 60, 13) == "short"
    assert canvas.fitted("anything", 0, 13) == ""


def test_specks_outside_the_picture_or_unmeasured_are_left_out() -> None:
    picture = canvas.blank(4, 3, canvas.BLACK)
    points = np.array([[0.4, 0.0], [3.4, 2.4], [4.0, 0.0], [-1.0, 1.0], [np.nan, 1.0]])
    canvas.specks(picture, points, canvas.WHITE)
    assert np.argwhere((picture == 255).all(axis=2)).tolist() == [[0, 0], [2, 3]]
