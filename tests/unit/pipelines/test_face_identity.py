"""Faces go to the people whose heads they are, or follow themselves."""

import numpy as np
import pytest

from videoannotator.domain.table import NO_ID
from videoannotator.domain.tables import PEOPLE, TRACKS
from videoannotator.pipelines.face.identity import FaceTracks, TrackedPeople


def _people(*people: tuple[float, list[float], tuple[float, float] | None]) -> TrackedPeople:
    """People as (time, box, where nose and eyes are or None); their tracks are 11, 12, ..."""
    keypoints = np.full((len(people), 17, 3), np.nan)
    for row, (_, _, head) in enumerate(people):
        if head is not None:
            keypoints[row, :3] = (*head, 0.9)
    ids = np.arange(len(people))
    time_s = [time for time, _, _ in people]
    table = PEOPLE.table(
        detection_id=ids, frame_index=ids, time_s=time_s, box_xyxy=[box for _, box, _ in people],
        score=np.ones(len(people)), keypoints=keypoints,
    )  # fmt: skip
    return TrackedPeople.of(table, TRACKS.table(detection_id=ids, time_s=time_s, track_id=ids + 11))


LEFT, RIGHT = [0.0, 0, 100, 200], [200.0, 0, 300, 200]
FACE_LEFT, FACE_RIGHT = [30.0, 10, 70, 50], [230.0, 10, 270, 50]


def test_each_face_goes_to_the_person_whose_box_holds_it():
    people = _people((0, LEFT, None), (0, RIGHT, None))
    assert people.link(0, np.array([FACE_RIGHT, FACE_LEFT]), 0.05).tolist() == [12, 11]


def test_the_head_decides_where_one_box_holds_two_faces():
    parent, child = [0.0, 0, 300, 300], [100.0, 100, 250, 300]
    people = _people((0, parent, (40, 40)), (0, child, (170, 130)))
    faces = np.array([[150.0, 110, 190, 150], [20, 20, 60, 60]])
    assert people.link(0, faces, 0.05).tolist() == [12, 11]


def test_a_face_away_from_a_persons_head_is_not_theirs_though_their_box_holds_it():
    people = _people((0, [0.0, 0, 300, 300], (40, 40)))
    assert people.link(0, np.array([[150.0, 110, 190, 150]]), 0.05).tolist() == [NO_ID]


def test_a_face_outside_of_everybody_belongs_to_nobody():
    assert _people((0, LEFT, None)).link(0, np.array([FACE_RIGHT]), 0.05).tolist() == [NO_ID]


def test_one_person_has_one_face():
    linked = _people((0, LEFT, None)).link(0, np.array([FACE_LEFT, [30.0, 100, 70, 140]]), 0.05)
    assert sorted(linked.tolist()) == [NO_ID, 11]


def test_the_nearest_sample_in_time_counts_if_it_is_near_enough():
    people = _people((0.0, LEFT, None), (0.2, LEFT, None))
    face = np.array([FACE_LEFT])
    assert people.link(0.09, face, 0.01).tolist() == [11]  # people every .2 s: up to .1 s away
    assert people.link(0.11, face, 0.01).tolist() == [12]
    assert people.link(0.5, face, 0.01).tolist() == [NO_ID]
    assert people.link(0.5, face, 0.3).tolist() == [12]


def test_people_without_a_track_and_no_people_at_all_lend_no_ids():
    untracked = TrackedPeople.of(
        PEOPLE.table(
            detection_id=[0], frame_index=[0], time_s=[0], box_xyxy=[LEFT], score=[1],
            keypoints=np.full((1, 17, 3), np.nan),
        ),
        TRACKS.empty(),
    )  # fmt: skip
    for people in (untracked, TrackedPeople.of(None, None)):
        assert people.link(0, np.array([FACE_LEFT]), 0.05).tolist() == [NO_ID]


def test_a_moving_face_keeps_its_own_track_and_a_new_one_gets_the_next():
    tracks = FaceTracks()
    for step in range(20):
        moved = np.array([FACE_LEFT]) + 3 * step
        assert tracks.follow(step / 10, moved).tolist() == [1]
    assert tracks.follow(2.0, np.array([FACE_RIGHT, moved[0]])).tolist() == [2, 1]


@pytest.mark.parametrize(("away_s", "track"), [(0.9, 1), (1.1, 2)])
def test_a_face_that_was_away_for_more_than_a_second_is_a_new_one(away_s, track):
    tracks = FaceTracks()
    tracks.follow(0.0, np.array([FACE_LEFT]))
    tracks.follow(away_s / 2, np.zeros((0, 4)))
    assert tracks.follow(away_s, np.array([FACE_LEFT])).tolist() == [track]


def test_tracks_go_on_from_saved_state():
    tracks = FaceTracks()
    tracks.follow(0.0, np.array([FACE_LEFT, FACE_RIGHT]))
    resumed = FaceTracks(tracks.save())
    faces = np.array([FACE_RIGHT, [500.0, 0, 540, 40]])
    assert resumed.follow(0.1, faces).tolist() == tracks.follow(0.1, faces).tolist() == [2, 3]
    assert resumed.save() == tracks.save()
