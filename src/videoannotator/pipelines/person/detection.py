"""Person detection at work: a box and keypoints for every person in each frame."""

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.geometry import area, clip
from videoannotator.domain.table import Table
from videoannotator.domain.tables import PEOPLE
from videoannotator.pipelines.person import MODEL, PersonDetectionParameters
from videoannotator.pipelines.person.movenet import MoveNet, Poses, Region, drop_contained, paint
from videoannotator.plugin.component import Annotation, Chunk, Context

_CROP_PX = 256  # the size that the model card recommends
_CROP_MARGIN = 0.15  # of several, the one whose keypoints lay nearest to those of a larger pose model
_SAME_PERSON = 0.1  # farthest that the poses of one person may lie apart, as a part of its size


class DetectionSession:
    """People of one video. The state is the number of people seen so far: detections are counted through."""

    def __init__(self, parameters: PersonDetectionParameters, context: Context, saved: bytes | None) -> None:
        path = context.weights(MODEL)
        self._parameters = parameters
        self._frame_model = MoveNet(path, context.n_threads)
        self._crop_model = MoveNet(path, context.n_threads) if parameters.refine_keypoints else None
        self._n_people: int = json.loads(saved)["n_people"] if saved else 0

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        if chunk.frames is None:
            return
        frames = chunk.frames
        for rgb, time_s, frame_index in zip(frames.rgb, frames.time_s, frames.frame_index, strict=True):
            poses = self.look(rgb)
            if len(poses):
                yield Annotation(PEOPLE.name, self._rows(poses, float(time_s), int(frame_index)))

    def look(self, rgb: NDArray[np.uint8]) -> Poses:
        """The people in one picture (height, width, 3), surest first, boxes clipped to it."""
        chosen, (height_px, width_px) = self._parameters, rgb.shape[:2]
        region = Region.with_border(width_px, height_px, chosen.border_fraction)
        poses = self._frame_model(paint(rgb, region, chosen.canvas_px))
        boxes = clip(poses.box_xyxy, width_px, height_px)
        poses = Poses(boxes, poses.score, poses.keypoints)
        poses = poses.where((poses.score >= chosen.confidence_threshold) & (area(boxes) > 0))
        poses = drop_contained(poses, chosen.overlap_threshold)
        poses = poses.where(np.arange(min(len(poses), chosen.max_persons)))
        return Poses(poses.box_xyxy, poses.score, self._keypoints(rgb, poses))

    def _keypoints(self, rgb: NDArray[np.uint8], poses: Poses) -> NDArray[np.float64]:
        """Keypoints (n, 17, 3) of the people, refined where asked for; places not seen are NaN."""
        keypoints = poses.keypoints.copy()
        if self._crop_model is not None:
            for index, box in enumerate(poses.box_xyxy):
                closer = self._crop_model(paint(rgb, Region.around(box, _CROP_MARGIN), _CROP_PX))
                same = _same_person(poses, index, closer)
                # Someone cut off by the edge is often clearer from afar, with the border around.
                if same is not None and closer.score[same] > poses.score[index]:
                    keypoints[index] = closer.keypoints[same]
        # The model also guesses where a hidden elbow would be, beyond the edge even: that is not seen.
        inside = (keypoints[..., :2] >= 0) & (keypoints[..., :2] < [rgb.shape[1], rgb.shape[0]])
        seen = inside.all(axis=-1) & (keypoints[..., 2] >= self._parameters.keypoint_threshold)
        keypoints[~seen, :2] = np.nan
        return keypoints

    def _rows(self, poses: Poses, time_s: float, frame_index: int) -> Table:
        ids = self._n_people + np.arange(len(poses))
        self._n_people += len(poses)
        return PEOPLE.table(
            detection_id=ids,
            frame_index=np.full(len(poses), frame_index),
            time_s=np.full(len(poses), time_s),
            box_xyxy=poses.box_xyxy,
            score=poses.score,
            keypoints=poses.keypoints,
        )

    def finish(self) -> Iterator[Annotation]:
        return iter(())

    def save(self) -> bytes:
        return json.dumps({"n_people": self._n_people}).encode()

    def close(self) -> None:
        del self._frame_model, self._crop_model


def _same_person(poses: Poses, index: int, candidates: Poses) -> int | None:
    """Which of the people seen in a crop is the one the crop was made for; None when nobody fits.

    Boxes of people in a group overlap too much to tell, so keypoints decide: the mean distance between the
    two poses, weighted by both scores, relative to the longer side of the person's box.
    """
    pose, box = poses.keypoints[index], poses.box_xyxy[index]
    distance = np.linalg.norm(candidates.keypoints[..., :2] - pose[:, :2], axis=-1)
    weight = candidates.keypoints[..., 2] * pose[:, 2]
    apart = np.sum(distance * weight, axis=-1) / np.maximum(np.sum(weight, axis=-1), 1e-9)
    apart /= max(box[2] - box[0], box[3] - box[1])
    fits = apart <= _SAME_PERSON
    return int(np.argmax(np.where(fits, candidates.score, -1.0))) if fits.any() else None
