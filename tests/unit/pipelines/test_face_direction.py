"""Angles of heads that were turned by known angles.

The signs: a face that looks at the camera has its own left on the picture's right, its nose towards -z.
"""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from videoannotator.pipelines.face.direction import gaze_angles_deg, head_angles_deg, head_axes

LEFT_OF = {454: 234, 356: 127, 323: 93, 263: 33, 291: 61}  # mirrored pairs of mesh points
NOSE = 4


def _head(yaw: float = 0, pitch: float = 0, roll: float = 0, scale: float = 1.0) -> np.ndarray:
    """A mirror-symmetric head 100 px wide around (300, 200), turned by angles in degrees."""
    mesh = np.zeros((468, 3))
    for row, (left, right) in enumerate(LEFT_OF.items()):
        mesh[left] = (50 - 5 * row, -40 + 20 * row, 3 * row)
        mesh[right] = mesh[left] * (-1, 1, 1)
    mesh[[133, 362], 0] = (-12, 12)  # inner corners; the outer ones are 33 and 263
    mesh[[33, 133, 362, 263], 1:] = (20, 9)
    mesh[[10, 151, 9], 1], mesh[[152, 175, 199], 1] = -60, 60
    mesh[NOSE, 2] = -30
    # By the right-hand rule about x (right) and y (down), a positive turn lowers the nose and brings it to
    # the picture's left.
    turn = Rotation.from_euler("YXZ", (-yaw, -pitch, roll), degrees=True)
    return scale * turn.apply(mesh) + (300, 200, 0)


@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (40, 0, 0), (-65, 0, 0), (0, 25, 0), (0, -30, 0), (0, 0, 50), (35, -20, 15)]
)
@pytest.mark.parametrize("scale", [1, 4])
def test_the_angles_of_a_turned_head_are_found_again(angles, scale):
    assert head_angles_deg(head_axes(_head(*angles, scale=scale))) == pytest.approx(angles, abs=1e-9)


def test_the_signs_are_those_that_a_person_would_see():
    middle = _head()[NOSE]
    to_its_left, up, clockwise = _head(yaw=30), _head(pitch=30), _head(roll=30)
    assert to_its_left[NOSE, 0] > middle[0]
    assert up[NOSE, 1] < middle[1]
    assert clockwise[10, 0] > middle[0]  # the forehead leans to the picture's right


def test_the_axes_are_a_rotation():
    axes = head_axes(_head(35, -20, 15))
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)


def _iris(mesh: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Irises in the middle of the eyes, moved by (x, y, z) in the picture's space."""
    centres = [mesh[[33, 133]].mean(axis=0), mesh[[362, 263]].mean(axis=0)]
    return np.stack([np.repeat((centre + shift)[None, :2], 5, axis=0) for centre in centres])


@pytest.mark.parametrize("head", [(0, 0, 0), (30, 10, 20)])
def test_irises_off_the_middle_turn_the_gaze_in_the_heads_own_frame(head):
    mesh = _head(*head)
    axes = head_axes(mesh)
    radius = 12 / 30 * np.linalg.norm(mesh[33] - mesh[133])
    assert gaze_angles_deg(mesh, _iris(mesh, 0 * axes[:, 0]), axes) == pytest.approx((0, 0), abs=1e-9)
    to_its_left = _iris(mesh, radius / 2 * axes[:, 0])  # asin(1/2) = 30 degrees
    assert gaze_angles_deg(mesh, to_its_left, axes) == pytest.approx((30, 0), abs=1e-9)
    raised = _iris(mesh, -radius / 2 * axes[:, 1])
    assert gaze_angles_deg(mesh, raised, axes) == pytest.approx((0, 30), abs=1e-9)


def test_a_mesh_without_extent_has_no_direction():
    assert np.isnan(head_axes(np.ones((468, 3)))).any()


@pytest.mark.parametrize("turn", [{"yaw": 75}, {"yaw": -90}, {"pitch": 90}])
def test_a_head_turned_far_away_has_no_gaze(turn):
    mesh = _head(**turn)
    assert np.isnan(gaze_angles_deg(mesh, _iris(mesh, np.zeros(3)), head_axes(mesh))).all()
