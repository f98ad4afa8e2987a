import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoannotator.domain.report import Progress, Stage
from videoannotator.engine.progress import ProgressMeter


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def meter(*components: str):
    clock, told = Clock(), list[Progress]()
    return ProgressMeter(Stage.VISUAL, components, 10.0, told.append, clock), clock, told


def test_at_most_four_reports_a_second_and_every_component_is_heard_of():
    counting, clock, told = meter("a", "b", "c")
    for step in range(1000):  # ten seconds
        clock.now_s += 0.01
        for name in "abc":
            counting.advance(name, step / 100)
    assert len(told) <= 41
    assert {report.component for report in told} == {None, "a", "b", "c"}


def test_rate_and_time_left_follow_from_what_was_seen():
    counting, clock, told = meter("a")
    counting.begin("a")
    clock.now_s += 2.0
    counting.advance("a", 4.0, n_frames=20)
    clock.now_s += 0.5
    counting.advance("a", 5.0, n_frames=5)
    whole, one = told
    assert (whole.component, whole.fraction, whole.rate, whole.eta_s) == (None, 0.4, 2.0, 3.0)
    assert (one.component, one.fraction, one.rate, one.frames_per_s, one.eta_s) == ("a", 0.5, 2.0, 10.0, 2.5)


def test_work_done_before_an_interruption_is_no_speed():
    counting, clock, told = meter("a")
    counting.resume("a", 8.0)
    counting.begin("a")
    clock.now_s += 1.0
    counting.advance("a", 9.0)
    assert (told[0].fraction, told[0].rate, told[0].eta_s) == pytest.approx((0.9, 1.0, 1.0))


def test_progress_never_goes_back_nor_beyond_the_end():
    counting, clock, told = meter("a")
    for place_s in (5.0, 3.0, 12.0):
        clock.now_s += 1.0
        counting.advance("a", place_s)
    fractions = [report.fraction for report in told]
    assert fractions == sorted(fractions)
    assert max(fractions) == 1.0


def test_a_component_that_is_done_is_told_of_at_once():
    counting, clock, told = meter("a", "b")
    clock.now_s += 1.0
    counting.advance("a", 1.0)
    counting.close("a")
    assert [(one.component, one.fraction) for one in told[1:]] == [("a", 1.0), (None, 0.5)]


places = st.floats(-1e5, 1e5)


@given(
    st.floats(0, 1e5),
    places,
    st.lists(st.tuples(st.sampled_from(["resume", "advance", "close"]), st.integers(0, 6), places)),
    st.integers(1, 7),
)
def test_no_place_in_a_video_breaks_a_report(duration_s, start_s, steps, n_components):
    """A report outside its bounds would raise, and end the run that it tells of."""
    clock, told = Clock(), list[Progress]()
    names = tuple("abcdefg"[:n_components])
    counting = ProgressMeter(Stage.VISUAL, names, duration_s, told.append, clock, start_s=start_s)
    for what, number, time_s in steps:
        clock.now_s += 1.0
        name = names[number % n_components]
        counting.close(name) if what == "close" else getattr(counting, what)(name, time_s)
    for name in names:
        counting.close(name)
    assert told[-1].fraction == pytest.approx(1.0)


@pytest.mark.parametrize("n_components", range(1, 12))
def test_a_whole_hour_is_never_more_than_a_whole(n_components):
    for duration_s in (3602.6425, 10.5595, 0.1, 1 / 3, 7200.07):
        told, names = list[Progress](), tuple(map(str, range(n_components)))
        counting = ProgressMeter(Stage.VISUAL, names, duration_s, told.append, Clock())
        for name in names:
            counting.close(name)
        assert max(report.fraction for report in told) == 1.0
