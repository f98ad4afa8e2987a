"""Which detection is which person: sure detections choose first, unsure ones may only continue a track.

Two-stage matching after Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection
Box", ECCV 2022 (arXiv 2110.06864), over predictions of a Kalman filter.
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
        expected = np.array([motion.box_xyxy for motion in predicted]).reshape(-1, 4)
        overlap = iou(expected, boxes_xyxy)
        sure = scores >= chosen.activation_threshold
        owner = self._match(overlap, sure)
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

    def _match(self, overlap: NDArray[np.float64], sure: NDArray[np.bool_]) -> dict[int, int]:
        """Track of each matched detection, from the overlap (tracks, detections)."""
        owner: dict[int, int] = {}
        for stage in (sure, ~sure):
            free = np.array([i for i in range(len(overlap)) if i not in owner.values()], dtype=np.int64)
            detections = np.flatnonzero(stage)
            # A pair below the threshold must not draw a better pair apart: it is worth nothing.
            worth = overlap[np.ix_(free, detections)]
            worth = np.where(worth >= max(self._parameters.match_threshold, 1e-9), worth, 0.0)
            for row, column in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
                if worth[row, column] > 0:
                    owner[int(detections[column])] = int(free[row])
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
        return json.dumps({"n_persons": self._n_persons, "tracks": tracks})


def _track(fields: dict[str, Any]) -> _Track:
    """Inverse of the entries of ``Tracker.to_json``."""
    motion = Motion(fields["time_s"], np.array(fields["mean"]), np.array(fields["covariance"]))
    return _Track(motion, fields["n_hits"], fields["track_id"])
