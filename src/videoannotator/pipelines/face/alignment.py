"""Face chips of a fixed size: upright by five mesh points, as dlib cuts them, or straight by a box."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

# Eye corners (the person's left outer, left inner, right outer, right inner) and the base of the nose.
MESH_POINTS = (263, 362, 33, 133, 2)
# Where dlib's mean face has these five points, in parts of the chip without its padding.
MEAN_FACE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)
PADDING = 0.2  # what the age and gender models were trained with
_MAX_OVERSAMPLING = 8


def similarity(source: Array, target: Array) -> Array | None:
    """Scale, rotation and shift (2, 3) that bring points (n, 2) nearest to others; None for a single spot.

    Source: Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
    IEEE PAMI 13 (1991).
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred = source - source_mean
    spread = (centred**2).sum()
    if not 0 < spread < np.inf:
        return None
    u, singular, vt = np.linalg.svd((target - target_mean).T @ centred)
    sign = np.array([1.0, np.sign(np.linalg.det(u @ vt))])  # a mirrored face is no face
    linear = (singular @ sign / spread) * (u * sign @ vt)
    return np.column_stack([linear, target_mean - linear @ source_mean])


def upright_chip(rgb: Picture, mesh: Array, size_px: int) -> Picture | None:
    """The face upright in (size, size, 3), black beyond the picture; None where the mesh has no extent."""
    target = (PADDING + MEAN_FACE) / (2 * PADDING + 1) * size_px
    transform = similarity(mesh[list(MESH_POINTS), :2], target)
    return None if transform is None else _cut(rgb, transform, size_px)


def box_chip(rgb: Picture, box_xyxy: Array, margin: float, size_px: int) -> Picture | None:
    """The square around a box, ``margin`` of its side wider on every side; None for a box without extent."""
    x1, y1, x2, y2 = box_xyxy
    side = max(x2 - x1, y2 - y1) * (1 + 2 * margin)
    if not side >= 1:
        return None
    scale = size_px / side
    left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
    return _cut(rgb, np.array([[scale, 0.0, -left * scale], [0.0, scale, -top * scale]]), size_px)


def _cut(rgb: Picture, transform: Array, size_px: int) -> Picture:
    """Apply a similarity (2, 3); shrinking in one step would skip pixels, so cut large and then average."""
    scale = math.hypot(transform[0, 0], transform[1, 0])
    factor = min(_MAX_OVERSAMPLING, math.ceil(1 / scale)) if scale > 0 else 1
    large = transform * factor
    large[:, 2] += (factor - 1) / 2  # pixels are named by their centres
    cut = cv2.warpAffine(rgb, large, (size_px * factor, size_px * factor))
    return np.asarray(cv2.resize(cut, (size_px, size_px), interpolation=cv2.INTER_AREA))
