import math
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.media.timeline import Timeline, is_due


def stamped(*ticks: int | None) -> list[av.VideoFrame]:
    """Frames with these time stamps in tenths of a second."""
    frames = []
    for tick in ticks:
        frame = av.VideoFrame(2, 2, "gray")
        frame.pts, frame.time_base = tick, Fraction(1, 10)
        frames.append(frame)
    return frames


def times_s(timeline: Timeline, *ticks: int | None) -> list[float]:
    return [timeline.time_s(frame) for frame in stamped(*ticks)]


def test_times_count_from_the_containers_start():
    timeline = Timeline(start_s=3.0, period_s=0.1)
    assert times_s(timeline, 32, 33, 36) == pytest.approx([0.2, 0.3, 0.6])
    assert timeline.trusted


def test_a_missing_or_repeated_stamp_follows_by_the_nominal_period():
    timeline = Timeline(start_s=0.0, period_s=0.04)
    assert times_s(timeline, 0, None, None, 1, 1, 2) == pytest.approx([0, 0.04, 0.08, 0.1, 0.14, 0.2])
    assert not timeline.trusted


def test_after_a_clock_was_set_back_the_distances_stay_true():
    timeline = Timeline(start_s=0.0, period_s=0.1)
    assert times_s(timeline, 0, 30, 0, 5, 30) == pytest.approx([0, 3.0, 3.1, 3.6, 6.1])


def test_a_stamp_before_the_start_is_not_negative():
    assert times_s(Timeline(start_s=1.0, period_s=0.1), 8) == [0.0]


@given(
    st.lists(st.floats(0.001, 2.0), min_size=1, max_size=60),
    st.sampled_from([0.5, 1.0, 3.0, 5.0, 12.5, 29.97]),
)
def test_each_tick_that_a_frame_follows_picks_the_first_such_frame(gaps_s: list[float], frames_per_s: float):
    times = [sum(gaps_s[:n]) for n in range(len(gaps_s) + 1)]
    previous = [-math.inf, *times[:-1]]
    picked = [t for t, p in zip(times, previous, strict=True) if is_due(t, p, frames_per_s)]
    # By hand: for each tick the first frame not before it; a rounding error apart counts as on it.
    n_ticks = math.floor((times[-1] + 1e-6) * frames_per_s) + 1
    by_hand = {next(t for t in times if (t + 1e-6) * frames_per_s >= tick) for tick in range(n_ticks)}
    assert picked == sorted(by_hand)


def test_every_frame_is_due_where_all_are_wanted():
    assert is_due(0.0001, 0.0, math.inf)
