"""Work one item ahead of whoever consumes it."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

Item = TypeVar("Item")


def one_ahead(source: Generator[Item, None, None], stop: Event) -> Iterator[Item]:
    """The source's items, made in a thread of their own while the consumer works on the item before.

    At most one item waits. When the consumer stops early, ``stop`` is set for the source to see, and the
    source is closed in its own thread: decoders are never abandoned at work. Its errors reach the consumer.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="decode") as worker:
        try:
            pending = worker.submit(next, source, None)
            while (item := pending.result()) is not None:
                pending = worker.submit(next, source, None)
                yield item
        finally:
            stop.set()
            worker.submit(source.close)
