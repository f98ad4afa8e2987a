import numpy as np
import pytest
from tests.synthetic.annotations import said

from videoannotator.preview import canvas, marks
from videoannotator.preview.moments import Moment

RED = (255, 60, 60)


def gazing(**angles: float) -> np.ndarray:
    """One face whose eyes are at (80, 100) and (120, 100), drawn on black; everything else is hidden."""
    angles = {"yaw_deg": 0.0, "pitch_deg": 0.0, "gaze_yaw_deg": 0.0, "gaze_pitch_deg": 0.0, **angles}
    iris = np.zeros((1, 2, 5, 2))
    iris[0, :, 0] = (80, 100), (120, 100)
    face = said()["face_landmarks"].where(np.array([0]))
    face = face.with_columns(iris=iris, **{name: np.array([value]) for name, value in angles.items()})
    picture = canvas.blank(200, 200, canvas.BLACK)
    marks.draw(picture, Moment(None, None, face), 1.0)
    return np.argwhere((picture == RED).all(axis=2))


@pytest.mark.parametrize(
    ("angles", "axis", "sign"),
    [
        ({"gaze_yaw_deg": 40.0}, 1, 1),  # a person's own left is the picture's right
        ({"gaze_yaw_deg": -40.0}, 1, -1),
        ({"gaze_pitch_deg": 40.0}, 0, -1),  # up is smaller y
        ({"yaw_deg": 40.0}, 1, 1),  # the head takes the eyes along
        ({"yaw_deg": -60.0, "gaze_yaw_deg": 20.0}, 1, -1),
    ],
)
def test_the_arrow_points_where_the_person_looks(angles: dict[str, float], axis: int, sign: int) -> None:
    drawn = gazing(**angles)
    middle = drawn.mean(axis=0) - (100, 100)
    assert middle[axis] * sign > 10
    assert abs(middle[1 - axis]) < 3


def test_an_unknown_gaze_has_no_arrow() -> None:
    assert len(gazing(gaze_yaw_deg=np.nan)) == 0


def test_people_keep_their_colours_and_strangers_are_grey() -> None:
    assert marks.track_colour(1) != marks.track_colour(2)
    assert marks.track_colour(-1) == canvas.GREY
