"""People and faces drawn on the picture in which they were seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import NO_ID, Table
from videoannotator.domain.tables import COCO_SKELETON
from videoannotator.preview import canvas
from videoannotator.preview.canvas import Colour, Picture
from videoannotator.preview.moments import Moment

_GAZE: Colour = (255, 60, 60)
_LARGE_FACE_PX = 160


def draw(picture: Picture, moment: Moment, scale: float) -> None:
    """Draw a moment; ``scale`` is the picture's size over that of the video, in which rows are measured."""
    pen_px = max(1, round(picture.shape[1] / 400))
    size_px = int(np.clip(picture.shape[1] // 30, 11, 28))
    if moment.people is not None:
        for row in moment.people.rows():
            _person(picture, row, scale, pen_px, size_px)
    if moment.landmarks is not None:
        _landmarks(picture, moment.landmarks, scale, pen_px)
    if moment.faces is not None:
        for row in moment.faces.rows():
            _face(picture, row, scale, pen_px, size_px)


def track_colour(track_id: int) -> Colour:
    """The colour of a person everywhere in a preview."""
    return canvas.GREY if track_id == NO_ID else canvas.colour_of(track_id - 1)


def _person(picture: Picture, row: dict[str, Any], scale: float, pen_px: int, size_px: int) -> None:
    track_id = int(row.get("track_id", NO_ID))
    colour = track_colour(track_id)
    box = row["box_xyxy"] * scale
    canvas.outline(picture, box, colour, pen_px)
    points: NDArray[np.float64] = row["keypoints"][:, :2] * scale
    for a, b in COCO_SKELETON:
        if np.isfinite(points[[a, b]]).all():
            canvas.line(picture, points[a], points[b], colour, pen_px)
    canvas.dots(picture, points, canvas.WHITE, pen_px + 1)
    name = "person" if track_id == NO_ID else f"person {track_id}"
    canvas.label(picture, name, (round(box[0]), round(box[1])), size_px, colour)


def _face(picture: Picture, row: dict[str, Any], scale: float, pen_px: int, size_px: int) -> None:
    box = row["box_xyxy"] * scale
    colour = track_colour(int(row["track_id"]))
    canvas.outline(picture, box, colour, pen_px)
    age = row.get("age_years", np.nan)
    if np.isfinite(age):
        canvas.label(picture, f"{age:.0f} y", (round(box[0]), round(box[3]) + size_px + 4), size_px, colour)


def _landmarks(picture: Picture, landmarks: Table, scale: float, pen_px: int) -> None:
    for row in landmarks.rows():
        mesh = row["mesh"][:, :2] * scale
        # 468 larger dots would hide a small face.
        if np.ptp(mesh[:, 0]) > _LARGE_FACE_PX:
            canvas.dots(picture, mesh, canvas.LIGHT, pen_px // 2 + 1)
        else:
            canvas.specks(picture, mesh, canvas.WHITE)
        # The eyes turn in the head, and the head in the picture.
        sight_deg = np.array([row[f"gaze_{turn}_deg"] + row[f"{turn}_deg"] for turn in ("yaw", "pitch")])
        centres = row["iris"][:, 0] * scale  # the first of an iris's five points
        if not np.isfinite(sight_deg).all() or not np.isfinite(centres).all():
            continue
        # A person's own left is the picture's right; up is smaller y.
        direction = np.sin(np.radians(sight_deg)) * (1, -1)
        length_px = 2.0 * np.linalg.norm(centres[0] - centres[1])
        for centre in centres:
            canvas.arrow(picture, centre, centre + direction * length_px, _GAZE, pen_px + 1)
