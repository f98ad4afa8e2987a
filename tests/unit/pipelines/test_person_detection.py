"""The real model on a photograph of five people, and every parameter's effect on what it says."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scripts.samples import sample

from videoannotator.domain.media import Frames, Video
from videoannotator.domain.table import concat
from videoannotator.domain.tables import COCO_KEYPOINTS
from videoannotator.pipelines.person import PERSON_DETECTION, PersonDetectionParameters
from videoannotator.plugin.component import Chunk, Context

pytestmark = pytest.mark.weights

# Noses of the five people in group.jpg, x and y in px, marked by hand.
NOSES = np.array([(265, 132), (369, 302), (478, 262), (570, 367), (731, 358)])
NOSE = COCO_KEYPOINTS.index("nose")


@pytest.fixture(scope="module")
def group():
    return cv2.cvtColor(cv2.imread(str(sample("group.jpg"))), cv2.COLOR_BGR2RGB)


@pytest.fixture(scope="module")
def open_session(library):
    video = Video(id="0" * 64, path=Path("video.mp4"), name="video.mp4", size_bytes=1, duration_s=1)
    context = Context(video=video, weights=library.path)

    def start(saved=None, **parameters):
        return PERSON_DETECTION.start(PersonDetectionParameters(**parameters), context, saved)

    return start


def chunk(*pictures, start=0):
    index = np.arange(start, start + len(pictures))
    return Chunk(0, 0.0, 1.0, frames=Frames(np.stack(pictures), index / 10, index))


@pytest.fixture(scope="module")
def detect(group, open_session):
    def look(**parameters):
        said = list(open_session(**parameters).feed(chunk(group)))
        return said[0].rows

    return look


@pytest.fixture(scope="module")
def default(detect):
    return detect()


def test_everyone_is_found_once_with_a_nose_where_it_is(default):
    noses = default["keypoints"][:, NOSE, :2]
    distance = np.linalg.norm(noses[:, None] - NOSES[None], axis=-1)
    assert len(default) == 5
    assert sorted(distance.argmin(axis=1)) == [0, 1, 2, 3, 4]
    assert distance.min(axis=1).max() < 10


def test_boxes_lie_in_the_picture_and_hold_the_face(default):
    boxes = default["box_xyxy"]
    assert (boxes >= 0).all()
    assert (boxes <= [1000, 667, 1000, 667]).all()
    noses = default["keypoints"][:, NOSE, :2]
    assert ((noses > boxes[:, :2]) & (noses < boxes[:, 2:])).all()


def test_someone_at_the_edge_is_found_too(group, open_session):
    # The right half of the leftmost person is cut away.
    (said,) = open_session(max_persons=1).feed(chunk(np.ascontiguousarray(group[:, :300])))
    assert said.rows["keypoints"][0, NOSE, :2] == pytest.approx(NOSES[0], abs=15)


def test_a_picture_without_people_says_nothing(open_session):
    assert list(open_session().feed(chunk(np.full((240, 320, 3), 128, np.uint8)))) == []


@pytest.mark.parametrize("shape", [(1, 1), (2, 16384)])
def test_a_degenerate_picture_is_no_error(open_session, shape):
    list(open_session(confidence_threshold=0.0).feed(chunk(np.zeros((*shape, 3), np.uint8))))


def test_confidence_threshold_drops_the_unsure(detect, default):
    strict = detect(confidence_threshold=0.2)
    assert (default["score"] < 0.2).any()
    assert strict["score"].tolist() == [score for score in default["score"] if score >= 0.2]


def test_max_persons_keeps_the_surest(detect, default):
    assert detect(max_persons=2)["score"].tolist() == sorted(default["score"], reverse=True)[:2]


@pytest.mark.parametrize("choice", [{"canvas_px": 256}, {"border_fraction": 0.1}])
def test_size_and_border_of_the_canvas_change_what_the_model_sees(detect, default, choice):
    assert detect(**choice)["score"].tolist() != default["score"].tolist()


def test_overlap_threshold_drops_people_in_front_of_others(detect, default):
    # Neighbours in the group share far more than a twentieth of their boxes.
    assert len(detect(overlap_threshold=0.05)) < len(default)


def test_refine_keypoints_moves_keypoints_and_no_boxes(detect, default):
    rough = detect(refine_keypoints=False)
    assert rough["box_xyxy"].tolist() == default["box_xyxy"].tolist()
    apart = np.linalg.norm(rough["keypoints"][:, NOSE, :2] - default["keypoints"][:, NOSE, :2], axis=-1)
    assert 0 < apart.max() < 50


def test_keypoint_threshold_says_what_counts_as_seen(detect):
    everything, sure = (
        detect(keypoint_threshold=0.0)["keypoints"],
        detect(keypoint_threshold=0.5)["keypoints"],
    )
    unsure = everything[..., 2] < 0.5
    assert (np.isnan(sure[..., 0]) == unsure | np.isnan(everything[..., 0])).all()
    assert np.isnan(sure).sum() > np.isnan(everything).sum()


def test_what_lies_beyond_the_edge_is_not_seen(group, open_session):
    # Cut off below the shoulders: elbows and hips are guessed by the model, below the picture.
    (said,) = open_session(max_persons=1, keypoint_threshold=0.0).feed(chunk(group[:300, :420].copy()))
    points = said.rows["keypoints"][0, :, :2]
    assert np.isnan(points).any()
    assert np.nanmax(points[:, 0]) < 420
    assert np.nanmax(points[:, 1]) < 300
    assert np.nanmin(points) >= 0


def test_frames_per_s_is_what_is_asked_of_the_decoder():
    rates = [
        PERSON_DETECTION.needs(PersonDetectionParameters(frames_per_s=r)).frames_per_s for r in (5, 12.5)
    ]
    assert rates == [5, 12.5]


def test_detections_are_counted_through_and_a_resumed_run_says_the_same(group, open_session):
    mirrored = np.ascontiguousarray(group[:, ::-1])
    through = open_session()
    whole = concat([said.rows for said in through.feed(chunk(group, mirrored, group))])
    assert whole["detection_id"].tolist() == list(range(len(whole)))
    first = open_session()
    said = list(first.feed(chunk(group)))
    second = open_session(first.save())
    said += second.feed(chunk(mirrored, group, start=1))
    assert concat([annotation.rows for annotation in said]).to_bytes() == whole.to_bytes()
    assert second.save() == through.save()
