"""Events of a server as they come, and where to go on after a break."""

import json
from collections.abc import Iterator

import httpx2

from videoannotator.client.records import Event


class Reader:
    """Reads one connection after another; ``last_id`` is the newest event that was seen whole."""

    def __init__(self, last_id: int | None = None) -> None:
        self.last_id = last_id
        self.retry_s = 1.0

    def events(self, answer: httpx2.Response) -> Iterator[Event]:
        """The events of one connection, until it ends."""
        for told in httpx2.EventSource(answer):
            if told.retry is not None:
                self.retry_s = told.retry / 1000
            number = int(told.id) if told.id.isdigit() else None
            if told.data:
                yield Event(id=number, type=told.event, data=json.loads(told.data)["data"])
            self.last_id = number if number is not None else self.last_id
