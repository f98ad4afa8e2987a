import threading
from collections.abc import Generator

import pytest

from videoannotator.media.prefetch import one_ahead


def counting(made: list[int], closed: threading.Event, fail_at: int = -1) -> Generator[int, None, None]:
    try:
        for number in range(1, 100):
            if number == fail_at:
                raise KeyError(number)
            made.append(number)
            yield number
    finally:
        closed.set()


def test_items_come_in_order():
    assert list(one_ahead(counting([], threading.Event()), threading.Event())) == list(range(1, 100))


def test_no_more_than_one_item_is_made_ahead_and_stopping_closes_the_source():
    made: list[int] = []
    closed, stop = threading.Event(), threading.Event()
    items = one_ahead(counting(made, closed), stop)
    assert [next(items), next(items)] == [1, 2]
    items.close()
    assert made == [1, 2, 3]  # the third was in the making and was awaited
    assert stop.is_set()
    assert closed.is_set()


def test_an_error_of_the_source_reaches_the_consumer_after_the_items_before_it():
    items = one_ahead(counting([], threading.Event(), fail_at=3), threading.Event())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(KeyError):
        next(items)
