"""Which detection is which person: sure detections choose first, unsure ones may only continue a track.

Two-stage matching after Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection
Box", ECCV 2022 (arXiv 2110.06864), over predictions of a Kalman filter. Whoever turned round since the
sample before is not where they were heading: what is left over is matched around where people just were,
after Yang et al., "Hard to Track Objects with Irregular Motions and Similar Appearances? Make It Easier by
Buffering the Matching Space", WACV 2023 (arXiv 2211.14317).
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from videoannotator.domain.geometry import Boxes, iou
from videoannotator.domain.table import NO_ID
from videoannotator.pipelines.person import TrackingParameters
from videoannotator.pipelines.person.kalman import Motion, begin, correct, predict

_BUFFER = 0.3  # what the search around a box adds to each of its sides, as a part of its size; Yang et al.


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """One person: its motion as of its last detection. It has an id once it was seen often enough."""

    motion: Motion
    n_hits: int = 1
    track_id: int = NO_ID


class Tracker:
    """Assigns ids to the detections of one frame after the other. All of its state is in ``to_json``."""

    def __init__(self, parameters: TrackingParameters, saved: str | bytes | None = None) -> None:
        self._parameters = parameters
        state: dict[str, Any] = json.loads(saved) if saved else {"n_persons": 0, "tracks": []}
        self._n_persons: int = state["n_persons"]
        self._last_s: float | None = state.get("last_s")
        self._tracks = [_track(fields) for fields in state["tracks"]]

    def forget(self) -> None:
        """Follow nobody any further: whoever is seen from now on is someone new."""
        self._tracks = []

    def update(self, time_s: float, boxes_xyxy: Boxes, scores: NDArray[np.float64]) -> NDArray[np.int64]:
        """Take the detections of one frame, later than the last one.

        Args:
            boxes_xyxy: Shape (n, 4), in px.
            scores: Shape (n,).

        Returns:
            Track ids, shape (n,), from 1; NO_ID for a detection that belongs to nobody (yet).
        """
        chosen = self._parameters
        self._tracks = [t for t in self._tracks if time_s - t.motion.time_s <= chosen.max_gap_s]
        predicted = [predict(track.motion, time_s) for track in self._tracks]
        sure = scores >= chosen.activation_threshold
        overlap = iou(_corners(predicted), boxes_xyxy)
        just_seen = np.array([track.motion.time_s == self._last_s for track in self._tracks], dtype=bool)
        around = iou(_grown(_corners([track.motion for track in self._tracks])), _grown(boxes_xyxy))
        owner = self._match(overlap * sure, overlap * ~sure, around * just_seen[:, np.newaxis] * sure)
        self._last_s = time_s
        ids = np.full(len(scores), NO_ID, dtype=np.int64)
        for detection, box in enumerate(boxes_xyxy):
            if detection in owner:
                index = owner[detection]
                track = self._tracks[index]
                hit = replace(track, motion=correct(predicted[index], box), n_hits=track.n_hits + 1)
                self._tracks[index] = hit = self._named(hit)
            elif sure[detection]:
                hit = self._named(_Track(begin(time_s, box)))
                self._tracks.append(hit)
            else:
                continue
            ids[detection] = hit.track_id
        return ids

    def _match(self, *stages: NDArray[np.float64]) -> dict[int, int]:
        """Track of each matched detection; every stage says what each pair of (track, detection) is worth."""
        owner: dict[int, int] = {}
        for stage in stages:
            # A pair below the threshold must not draw a better pair apart: it is worth nothing.
            worth = np.where(stage >= max(self._parameters.match_threshold, 1e-9), stage, 0.0)
            worth[list(owner.values())] = 0.0
            worth[:, list(owner)] = 0.0
            for track, detection in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
                if worth[track, detection] > 0:
                    owner[int(detection)] = int(track)
        return owner

    def _named(self, track: _Track) -> _Track:
        if track.track_id != NO_ID or track.n_hits < self._parameters.min_hits:
            return track
        self._n_persons += 1
        return replace(track, track_id=self._n_persons)

    def to_json(self) -> str:
        """The state; floats are written so that they are read back exactly."""
        tracks = [
            {
                "time_s": track.motion.time_s,
                "mean": track.motion.mean.tolist(),
                "covariance": track.motion.covariance.tolist(),
                "n_hits": track.n_hits,
                "track_id": track.track_id,
            }
            for track in self._tracks
        ]
        return json.dumps({"n_persons": self._n_persons, "last_s": self._last_s, "tracks": tracks})


def _corners(motions: list[Motion]) -> Boxes:
    return np.array([motion.box_xyxy for motion in motions]).reshape(-1, 4)


def _grown(boxes_xyxy: Boxes) -> Boxes:
    margin = _BUFFER * (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2])
    return np.concatenate([boxes_xyxy[:, :2] - margin, boxes_xyxy[:, 2:] + margin], axis=1)


def _track(fields: dict[str, Any]) -> _Track:
    """Inverse of the entries of ``Tracker.to_json``."""
    motion = Motion(fields["time_s"], np.array(fields["mean"]), np.array(fields["covariance"]))
    return _Track(motion, fields["n_hits"], fields["track_id"])
