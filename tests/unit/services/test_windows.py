"""Selecting and thinning rows by time, on rows whose answer is plain to see."""

import numpy as np

from videoannotator.services.windows import Window, select

# Two people at each of five moments.
PEOPLE = {"time_s": np.repeat(np.arange(5) / 10, 2), "track_id": np.tile([1, 2], 5)}
TURNS = {
    "start_s": np.array([0.0, 1.0, 2.0]),
    "end_s": np.array([0.9, 2.5, 2.2]),
    "speaker": np.array(["a", "b", "a"]),
}


def test_moments_are_taken_from_the_start_up_to_but_not_at_the_end():
    rows, every = select(PEOPLE, Window(start_s=0.1, end_s=0.3))
    assert (rows["time_s"].tolist(), every) == ([0.1, 0.1, 0.2, 0.2], 1)


def test_stretches_are_taken_that_reach_into_the_window():
    rows, _ = select(TURNS, Window(start_s=2.1, end_s=3))
    assert rows["speaker"].tolist() == ["b", "a"]


def test_whole_moments_are_left_out_where_there_are_too_many_rows():
    rows, every = select(PEOPLE, Window(max_rows=5))
    assert every == 2  # ten rows, five may stay
    assert rows["track_id"].tolist() == [1, 2] * 3
    assert sorted(set(rows["time_s"])) == [0.0, 0.2, 0.4]


def test_only_the_wanted_columns_are_told():
    rows, _ = select(PEOPLE, Window(columns=("track_id", "unheard_of")))
    assert list(rows) == ["track_id"]
