"""Who is who, on boxes whose paths are arithmetic."""

import numpy as np
import pytest

from videoannotator.domain.table import NO_ID, concat
from videoannotator.domain.tables import PEOPLE
from videoannotator.pipelines.person import TrackingParameters
from videoannotator.pipelines.person.kalman import begin, correct, predict
from videoannotator.pipelines.person.tracking import TrackingSession
from videoannotator.plugin.component import Chunk

SURE, UNSURE = 0.5, 0.1


def standing(x, y=100.0, score=SURE):
    """A person 40 px wide and 100 px high, centred on x, y."""
    return (x - 20, y - 50, x + 20, y + 50, score)


def people(frames):
    """The table of people for ``frames``: (time_s, [(x1, y1, x2, y2, score), ...]) each."""
    rows = [(index, time_s, *box) for index, (time_s, boxes) in enumerate(frames) for box in boxes]
    values = np.array(rows, dtype=np.float64).reshape(-1, 7)
    return PEOPLE.table(
        detection_id=np.arange(len(rows)),
        frame_index=values[:, 0],
        time_s=values[:, 1],
        box_xyxy=values[:, 2:6],
        score=values[:, 6],
        keypoints=np.full((len(rows), 17, 3), np.nan),
    )


def feed(session, frames):
    """Track ids frame by frame."""
    table = people(frames)
    said = list(session.feed(Chunk(0, 0.0, 1.0, annotations={"people": table})))
    if not said:
        return [[] for _ in frames]
    assert said[0].rows["detection_id"].tolist() == table["detection_id"].tolist()
    ids = said[0].rows["track_id"]
    return [ids[table["frame_index"] == index].tolist() for index in range(len(frames))]


def track(frames, **parameters):
    return feed(TrackingSession(TrackingParameters(**parameters), None), frames)


def two_who_cross():
    """Ten samples a second: one walks right, one left, at 100 px/s; they meet at 1.0 s."""
    times = np.arange(21) / 10
    return [(t, [standing(100 + 100 * t), standing(300 - 100 * t, 110.0)]) for t in times.tolist()]


def test_people_who_cross_keep_their_ids():
    assert track(two_who_cross()) == [[1, 2]] * 21


def test_the_order_of_detections_in_a_frame_does_not_matter():
    turned = [(t, boxes[::-1] if index % 2 else boxes) for index, (t, boxes) in enumerate(two_who_cross())]
    assert track(turned) == [[2, 1] if index % 2 else [1, 2] for index in range(21)]


def test_unevenly_spaced_frames_do_not_break_a_track():
    # 200 px/s: 60 px in the longest pause, more than the person is wide, so only a prediction that knows
    # the time that passed still overlaps.
    times = np.cumsum([0, *[0.05] * 10, 0.3, 0.05, 0.05, 0.3, 0.1, 0.1, 0.3]).tolist()
    assert track([(t, [standing(100 + 200 * t)]) for t in times]) == [[1]] * len(times)


def test_someone_who_sways_keeps_one_id_at_two_samples_a_second():
    # Half their width to either side at 0.4 Hz: between two samples they turn round, and are not where they
    # were heading.
    times = (np.arange(40) / 2).tolist()
    assert track([(t, [standing(100 + 20 * np.sin(0.8 * np.pi * t))]) for t in times]) == [[1]] * 40


@pytest.mark.parametrize(("gap_s", "ids"), [(0.9, [1, 1]), (1.1, [1, 2])])
def test_max_gap_s_is_how_long_an_unseen_person_is_remembered(gap_s, ids):
    before = [(t / 10, [standing(100)]) for t in range(5)]
    after = [(0.4 + gap_s, [standing(100)])]
    seen = track(before + after, max_gap_s=1.0)
    assert [seen[0][0], seen[-1][0]] == ids


def test_activation_threshold_keeps_unsure_detections_from_starting_a_person():
    frames = [(t / 10, [standing(100, score=UNSURE)]) for t in range(3)]
    assert track(frames, activation_threshold=0.3) == [[NO_ID]] * 3
    assert track(frames, activation_threshold=0.05) == [[1]] * 3


def test_an_unsure_detection_continues_a_person():
    frames = [(t / 10, [standing(100, score=SURE if t < 2 else UNSURE)]) for t in range(9)]
    assert track(frames) == [[1]] * 9


def test_a_sure_detection_chooses_before_an_unsure_one_that_fits_better():
    frames = [(0.0, [standing(100)]), (0.1, [standing(100, score=UNSURE), standing(108)])]
    assert track(frames) == [[1], [NO_ID, 1]]


def test_match_threshold_is_the_least_overlap_with_the_expected_box():
    # Shifted by half its width: 44 of 64 px shared of 84 around the boxes, an overlap of 0.52.
    frames = [(0.0, [standing(100)]), (0.1, [standing(120)])]
    assert track(frames, match_threshold=0.5) == [[1], [1]]
    assert track(frames, match_threshold=0.55) == [[1], [2]]


def test_match_threshold_alone_counts_for_someone_who_was_not_just_seen():
    # The same two boxes, an overlap of 1/3, but somebody else was seen in between.
    other = standing(1000)
    frames = [(0.0, [standing(100)]), (0.1, [other]), (0.2, [standing(120), other])]
    assert track(frames, match_threshold=0.3) == [[1], [2], [1, 2]]
    assert track(frames, match_threshold=0.4) == [[1], [2], [3, 2]]


def test_without_any_overlap_nobody_is_the_same_even_at_threshold_zero():
    assert track([(0.0, [standing(100)]), (0.1, [standing(500)])], match_threshold=0) == [[1], [2]]


def test_min_hits_is_the_number_of_detections_until_a_person_has_an_id():
    frames = [(t / 10, [standing(100)]) for t in range(4)]
    assert track(frames, min_hits=3) == [[NO_ID], [NO_ID], [1], [1]]


def test_someone_seen_once_uses_up_no_id():
    flicker = [(0.0, [standing(500)]), (0.1, [])]
    stay = [(t / 10, [standing(100)]) for t in range(2, 5)]
    assert track(flicker + stay, min_hits=2)[-1] == [1]


def test_a_frame_without_people_and_a_chunk_without_annotations_say_nothing():
    session = TrackingSession(TrackingParameters(), None)
    assert list(session.feed(Chunk(0, 0.0, 1.0))) == []
    assert feed(session, [(0.0, [])]) == [[]]
    assert list(session.finish()) == []


@pytest.mark.parametrize("stop", range(1, 21))
def test_a_run_resumed_after_any_chunk_says_the_same(stop):
    parameters, frames = TrackingParameters(), two_who_cross()
    through = TrackingSession(parameters, None)
    first = TrackingSession(parameters, None)
    expected = [feed(through, frames[:stop]), feed(through, frames[stop:])]
    before = feed(first, frames[:stop])
    second = TrackingSession(parameters, first.save())
    assert [before, feed(second, frames[stop:])] == expected
    assert second.save() == through.save()


def test_chunk_bounds_do_not_change_ids():
    whole, parts = TrackingSession(TrackingParameters(), None), TrackingSession(TrackingParameters(), None)
    frames = two_who_cross()
    said = list(whole.feed(Chunk(0, 0.0, 2.0, annotations={"people": people(frames)})))
    pieces = [
        annotation.rows
        for index in range(len(frames))
        for annotation in parts.feed(
            Chunk(index, 0.0, 2.0, annotations={"people": people(frames[index : index + 1])})
        )
    ]
    assert concat(pieces)["track_id"].tolist() == said[0].rows["track_id"].tolist()


def test_the_filter_learns_a_constant_velocity():
    motion = begin(0.0, np.array(standing(100.0)[:4]))
    for step in range(1, 31):
        expected = np.array(standing(100.0 + 60 * step / 30)[:4])
        motion = correct(predict(motion, step / 30), expected)
    velocity = motion.mean[1]
    assert velocity[0] == pytest.approx(60, rel=0.1)  # px/s along x, nothing else moves
    assert velocity[1:] == pytest.approx([0, 0, 0], abs=1e-6)


def test_the_filter_grows_less_certain_with_time_and_more_certain_with_each_look():
    seen = begin(0.0, np.array(standing(100.0)[:4]))
    soon, later = predict(seen, 0.1), predict(seen, 1.0)
    looked = correct(later, np.array(standing(100.0)[:4]))
    assert seen.covariance[0, 0] < soon.covariance[0, 0] < later.covariance[0, 0]
    assert looked.covariance[0, 0] < later.covariance[0, 0]


def test_someone_unseen_is_expected_to_come_to_rest():
    motion = begin(0.0, np.array(standing(100.0)[:4]))
    for step in range(1, 31):
        motion = correct(predict(motion, step / 30), np.array(standing(100.0 + 60 * step / 30)[:4]))
    x = [predict(motion, 1.0 + wait).mean[0, 0] for wait in (0.0, 2.0, 20.0)]
    assert x[1] - x[0] > 20
    assert x[2] == x[1]
