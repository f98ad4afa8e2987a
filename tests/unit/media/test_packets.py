import pytest

from videoannotator.media.packets import constant_period


def test_equal_steps_have_a_period_in_whatever_order_they_were_stored():
    assert constant_period([0, 3000, 1000, 2000]) == 1000


def test_rounding_to_the_clock_is_no_change_of_rate():
    ticks = [round(n * 1001 / 30) for n in range(5000)]  # 29.97 a second in milliseconds
    assert constant_period(ticks) == pytest.approx(1001 / 30, rel=1e-5)


@pytest.mark.parametrize(
    "ticks",
    [
        [],
        [0],
        [0, 0],
        [0, 1000, 2000, 4000],  # one picture dropped
        [0, 1000, 2000, 2100],  # a short last one
        [*range(0, 10_000, 1000), *range(10_000, 20_000, 1010)],  # 1 % slower from the middle on
    ],
)
def test_anything_else_has_none(ticks: list[int]):
    assert constant_period(ticks) is None
