"""Boxes in the plane: overlap, conversion, clipping. Boxes are (x1, y1, x2, y2) in pixels."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]


def area(boxes_xyxy: Boxes) -> NDArray[np.float64]:
    """Area of each box, shape (..., 4) -> (...); an inverted box has none."""
    width = np.maximum(0.0, boxes_xyxy[..., 2] - boxes_xyxy[..., 0])
    height = np.maximum(0.0, boxes_xyxy[..., 3] - boxes_xyxy[..., 1])
    return np.asarray(width * height)


def intersection(a_xyxy: Boxes, b_xyxy: Boxes) -> NDArray[np.float64]:
    """Shared area of every pair: (n, 4) x (m, 4) -> (n, m)."""
    top_left = np.maximum(a_xyxy[:, None, :2], b_xyxy[None, :, :2])
    bottom_right = np.minimum(a_xyxy[:, None, 2:], b_xyxy[None, :, 2:])
    return np.asarray(np.prod(np.clip(bottom_right - top_left, 0.0, None), axis=-1))


def iou(a_xyxy: Boxes, b_xyxy: Boxes) -> NDArray[np.float64]:
    """Intersection over union of every pair: (n, 4) x (m, 4) -> (n, m), 0 where both are empty."""
    shared = intersection(a_xyxy, b_xyxy)
    union = area(a_xyxy)[:, None] + area(b_xyxy)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def containment(inner_xyxy: Boxes, outer_xyxy: Boxes) -> NDArray[np.float64]:
    """Part of each inner box that lies in each outer one: (n, 4) x (m, 4) -> (n, m) in [0, 1]."""
    shared = intersection(inner_xyxy, outer_xyxy)
    own = np.broadcast_to(area(inner_xyxy)[:, None], shared.shape)
    return np.divide(shared, own, out=np.zeros_like(shared), where=own > 0)


def clip(boxes_xyxy: Boxes, width_px: int, height_px: int) -> Boxes:
    """The part of each box inside the picture, shape (..., 4)."""
    limits = np.array([width_px, height_px, width_px, height_px], dtype=np.float64)
    return np.clip(boxes_xyxy, 0.0, limits)


def xyxy_to_xywh(boxes_xyxy: Boxes) -> Boxes:
    """Corners to COCO's (left, top, width, height), shape (..., 4)."""
    return np.concatenate([boxes_xyxy[..., :2], boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]], axis=-1)
