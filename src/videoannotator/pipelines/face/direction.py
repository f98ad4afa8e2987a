"""Where a head and its eyes point, from mesh and irises. Angles in degrees.

The picture's axes are x to the right, y down, z away from the camera. A head that looks into the camera
has the angles 0; its nose points along -z.
"""

import numpy as np
from numpy.typing import NDArray

from videoannotator.pipelines.face.mesh import LEFT_EYE, RIGHT_EYE

Array = NDArray[np.float64]

# Pairs of mesh points that mirror each other: temples, cheeks, eye corners, mouth corners.
_RIGHT, _LEFT = (234, 127, 93, 33, 61), (454, 356, 323, 263, 291)
_FOREHEAD, _CHIN = (10, 151, 9), (152, 175, 199)

# An adult's eyeball has a radius of 12 mm, the opening of the eye is about 30 mm wide.
_EYEBALL_RADIUS_PER_WIDTH = 12 / 30
# A head turned further from the camera shows its eyes too foreshortened to tell where the irises stand.
_MAX_TURN_FOR_GAZE_DEG = 60.0


def head_axes(mesh: Array) -> Array:
    """The head's own axes as columns (3, 3): to its left, to its chin, to its back; a rotation.

    NaN for a mesh without extent.
    """
    left = _unit((mesh[list(_LEFT)] - mesh[list(_RIGHT)]).mean(axis=0))
    down = mesh[list(_CHIN)].mean(axis=0) - mesh[list(_FOREHEAD)].mean(axis=0)
    down = _unit(down - left * (left @ down))
    return np.column_stack([left, down, np.cross(left, down)])


def head_angles_deg(axes: Array) -> tuple[float, float, float]:
    """Yaw (to the head's left), pitch (up) and roll (clockwise in the picture) of the head's axes.

    The head is first rolled, then pitched, then turned.
    """
    back = axes[:, 2]
    yaw = np.arctan2(-back[0], back[2])
    pitch = np.arctan2(back[1], np.hypot(back[0], back[2]))
    roll = np.arctan2(axes[1, 0], axes[1, 1])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def gaze_angles_deg(mesh: Array, iris: Array, axes: Array) -> tuple[float, float]:
    """Yaw (to the head's left) and pitch (up) of the eyes in the head; NaN for a head turned far away.

    The iris's distance from the middle of the eye, undone of the head's direction, is read as the
    rotation of an eyeball; the mean of both eyes. Unvalidated.
    """
    if axes[2, 2] < np.cos(np.radians(_MAX_TURN_FOR_GAZE_DEG)):
        return float("nan"), float("nan")
    eyes = []
    for corners, centre in zip((RIGHT_EYE, LEFT_EYE), iris[:, 0], strict=True):
        start, end = mesh[corners[0]], mesh[corners[1]]
        radius = _EYEBALL_RADIUS_PER_WIDTH * float(np.linalg.norm(end - start))
        offset = np.linalg.solve(axes[:2, :2], centre - (start + end)[:2] / 2)
        eyes.append(np.degrees(np.arcsin(np.clip(offset / radius, -1, 1))))
    to_left, down = np.mean(eyes, axis=0)
    return float(to_left), float(-down)


def _unit(vector: Array) -> Array:
    length = np.linalg.norm(vector)
    return np.asarray(vector / length if length > 0 else np.full_like(vector, np.nan))
