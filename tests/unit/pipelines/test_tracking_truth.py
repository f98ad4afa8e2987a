"""Who is who, on pedestrians whose boxes and identities were marked by hand."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scripts.samples import sample

from videoannotator.pipelines.person import TrackingParameters
from videoannotator.pipelines.person.tracker import Tracker

pytestmark = pytest.mark.weights
FRAME_RATE = 25


def idf1(truth, given):
    """Share of detections whose identity is right under the best one-to-one naming.

    Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016; with
    the true boxes as detections both precision and recall have all of them as denominator.
    """
    agree = np.array([[np.sum((truth == a) & (given == b)) for b in set(given)] for a in set(truth)])
    return agree[linear_sum_assignment(agree, maximize=True)].sum() / len(truth)


def follow(name, step, dropped):
    """True and given identity of every detection on each ``step``-th frame, a part of them dropped."""
    rows = np.loadtxt(sample(name), delimiter=",")  # frame, identity, left, top, width, height, ...
    kept = (rows[:, 0] % step == 0) & (np.random.default_rng(0).random(len(rows)) >= dropped)
    rows = rows[kept][np.argsort(rows[kept, 0], kind="stable")]
    tracker, given = Tracker(TrackingParameters()), []
    for frame in np.unique(rows[:, 0]):
        people = rows[rows[:, 0] == frame]
        boxes = np.concatenate([people[:, 2:4], people[:, 2:4] + people[:, 4:6]], axis=1)
        given += tracker.update(frame / FRAME_RATE, boxes, np.ones(len(boxes))).tolist()
    return rows[:, 1], np.array(given)


@pytest.mark.parametrize("name", ["campus.txt", "stadtmitte.txt"])
@pytest.mark.parametrize("step", [1, 2, 3])  # 25, 12.5 and 8.3 samples a second
def test_everyone_keeps_one_identity_of_their_own(name, step):
    assert idf1(*follow(name, step, dropped=0)) == 1


@pytest.mark.parametrize("name", ["campus.txt", "stadtmitte.txt"])
def test_a_detector_that_misses_three_of_ten_costs_few_identities(name):
    assert idf1(*follow(name, 2, dropped=0.3)) >= 0.9


@pytest.mark.parametrize(("name", "least"), [("campus.txt", 0.6), ("stadtmitte.txt", 0.95)])
def test_two_samples_a_second_still_tell_most_people_apart(name, least):
    assert idf1(*follow(name, 12, dropped=0)) >= least
