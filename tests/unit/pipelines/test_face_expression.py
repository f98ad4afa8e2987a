"""The arithmetic of smoothing along a track."""

import json

import numpy as np
import pytest

from videoannotator.domain.table import NO_ID
from videoannotator.pipelines.face.expression import Smoothing

OFF, ON = np.zeros(7), np.ones(7)
TRACK = 3


def test_after_one_time_constant_the_old_scores_count_one_eth():
    smooth = Smoothing(0.5)
    assert smooth(TRACK, 1.0, OFF).tolist() == OFF.tolist()
    assert smooth(TRACK, 1.5, ON) == pytest.approx(1 - np.exp(-1))


def test_the_rate_of_sampling_does_not_change_the_answer():
    dense, sparse = Smoothing(0.5), Smoothing(0.5)
    dense(TRACK, 0, OFF)
    sparse(TRACK, 0, OFF)
    for step in range(1, 10):
        dense(TRACK, step / 10, ON)
    assert dense(TRACK, 1, ON) == pytest.approx(sparse(TRACK, 1, ON))


def test_without_a_time_constant_or_a_track_nothing_is_smoothed():
    for smooth, track in ((Smoothing(0), TRACK), (Smoothing(9), NO_ID)):
        smooth(track, 0.0, OFF)
        assert smooth(track, 0.1, ON).tolist() == ON.tolist()


def test_tracks_do_not_mix():
    smooth = Smoothing(0.5)
    smooth(1, 0.0, OFF)
    assert smooth(2, 0.1, ON).tolist() == ON.tolist()


def test_saved_state_gives_exactly_the_same_scores():
    smooth, scores = Smoothing(0.3), np.linspace(0, 1, 7) / 3
    for step in range(5):
        smooth(TRACK, step / 7, scores * step)
    resumed = Smoothing(0.3, smooth.save())
    assert resumed(TRACK, 1.0, scores).tolist() == smooth(TRACK, 1.0, scores).tolist()


def test_tracks_that_no_longer_matter_are_forgotten():
    smooth = Smoothing(0.5)
    smooth(1, 0.0, ON)
    smooth(2, 60.0, ON)
    assert list(json.loads(smooth.save())) == ["2"]
