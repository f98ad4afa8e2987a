"""Whose face it is: the person it belongs to, or the face it was a moment ago."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from videoannotator.domain.geometry import containment, iou
from videoannotator.domain.table import NO_ID, Table
from videoannotator.domain.tables import COCO_KEYPOINTS, PEOPLE, TRACKS

Array = NDArray[np.float64]
Ids = NDArray[np.int64]

_HEAD = [COCO_KEYPOINTS.index(name) for name in ("nose", "left_eye", "right_eye")]
_NEAR = 0.25  # a keypoint this part of the face's size beyond its box still counts
_MIN_CONTAINMENT = 0.5
_SAME_FACE_IOU = 0.3
_ROUNDING_S = 1e-6  # half an interval is near enough, however it is rounded
_MEMORY_S = 1.0  # a face that was away longer comes back as a new one


def match(score: Array, minimum: float) -> list[tuple[int, int]]:
    """Pairs (row, column) of the best one-to-one assignment, without those that score below a minimum."""
    rows, columns = linear_sum_assignment(score, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if score[r, c] >= minimum]


def belonging(faces_xyxy: Array, people_xyxy: Array, keypoints: Array) -> Array:
    """How well each face (n, 4) fits each person (m, 4), (m, 17, 3): (n, m), 0 where it cannot be theirs.

    Nose and eyes decide where they were seen: they lie in or near one's own face, whoever else's box
    holds it. Otherwise at least half of the face must lie in the person's box.
    """
    size = faces_xyxy[:, 2:] - faces_xyxy[:, :2]
    low, high = faces_xyxy[:, :2] - _NEAR * size, faces_xyxy[:, 2:] + _NEAR * size
    points = keypoints[None, :, _HEAD, :2]
    seen = np.isfinite(points[0]).all(axis=-1).sum(axis=-1)
    hits = ((points >= low[:, None, None]) & (points <= high[:, None, None])).all(axis=-1).sum(axis=-1)
    inside = containment(faces_xyxy, people_xyxy)
    by_head = np.where(hits > 0, inside + 2 * hits / np.maximum(seen, 1), 0.0)
    by_box = np.where(inside >= _MIN_CONTAINMENT, inside, 0.0)
    return np.where(seen > 0, by_head, by_box)


@dataclass(frozen=True, slots=True, eq=False)
class TrackedPeople:
    """The people of a chunk with their tracks: (n,), (n,), (n, 4) and (n, 17, 3).

    ``spacing_s`` is the usual time between two samples, 0 where there is only one.
    """

    time_s: Array
    track_id: Ids
    box_xyxy: Array
    keypoints: Array
    spacing_s: float

    @classmethod
    def of(cls, people: Table | None, tracks: Table | None) -> "TrackedPeople":
        """Join the two tables; people without a track do not count."""
        people, tracks = people or PEOPLE.empty(), tracks or TRACKS.empty()
        track_of = dict(zip(tracks["detection_id"].tolist(), tracks["track_id"].tolist(), strict=True))
        track_id = np.array([track_of.get(d, NO_ID) for d in people["detection_id"].tolist()], np.int64)
        known = people.where(track_id != NO_ID)
        gaps_s = np.diff(np.unique(people["time_s"]))
        return cls(
            time_s=known["time_s"],
            track_id=track_id[track_id != NO_ID],
            box_xyxy=known["box_xyxy"],
            keypoints=known["keypoints"],
            spacing_s=float(np.median(gaps_s)) if len(gaps_s) else 0.0,
        )

    def link(self, time_s: float, faces_xyxy: Array, tolerance_s: float) -> Ids:
        """Track of each face (n, 4) among the people sampled nearest in time; ``NO_ID`` where none fits."""
        linked = np.full(len(faces_xyxy), NO_ID, dtype=np.int64)
        distance_s = np.abs(self.time_s - time_s)
        if not len(distance_s) or not len(faces_xyxy):
            return linked
        # Where people are sampled more sparsely than faces, half their own spacing is near enough.
        if distance_s.min() > max(tolerance_s, self.spacing_s / 2) + _ROUNDING_S:
            return linked
        here = np.flatnonzero(self.time_s == self.time_s[distance_s.argmin()])
        score = belonging(faces_xyxy, self.box_xyxy[here], self.keypoints[here])
        for face, person in match(score, minimum=np.finfo(float).tiny):
            linked[face] = self.track_id[here[person]]
        return linked


class FaceTracks:
    """Follows faces by the overlap of their boxes from one looked-at frame to the next."""

    def __init__(self, saved: bytes | None = None) -> None:
        state: dict[str, Any] = json.loads(saved) if saved else {"next_id": 1, "last": []}
        self._next_id = int(state["next_id"])
        self._last = [(int(track), float(time_s), list(box)) for track, time_s, box in state["last"]]

    def follow(self, time_s: float, faces_xyxy: Array) -> Ids:
        """Track of each face (n, 4), from 1; times must not go back."""
        self._last = [entry for entry in self._last if time_s - entry[1] <= _MEMORY_S]
        followed = np.full(len(faces_xyxy), NO_ID, dtype=np.int64)
        boxes = np.array([box for _, _, box in self._last]).reshape(-1, 4)
        for face, old in match(iou(faces_xyxy, boxes), _SAME_FACE_IOU):
            followed[face] = self._last[old][0]
        for face in np.flatnonzero(followed == NO_ID).tolist():
            followed[face] = self._next_id
            self._next_id += 1
        gone = [entry for entry in self._last if entry[0] not in followed]
        here = zip(followed.tolist(), faces_xyxy.tolist(), strict=True)
        self._last = [*gone, *((track, time_s, box) for track, box in here)]
        return followed

    def save(self) -> bytes:
        """State as JSON."""
        return json.dumps({"next_id": self._next_id, "last": self._last}).encode()
