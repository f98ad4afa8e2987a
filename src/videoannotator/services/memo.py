"""Answers that stay right for as long as nobody writes."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from videoannotator.db.database import Database

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """What was read from the database since the last commit, be it of another process.

    Keys must say everything that a reading depends on but the database. Any thread may use a memo. Where the
    database cannot tell whether it has changed, everything is read anew.
    """

    def __init__(self, database: Database, most: int = 1024) -> None:
        self._database = database
        self._most = most
        self._kept: tuple[int | None, dict[Hashable, Value]] = (None, {})

    def get(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """The kept value, or what ``read`` returns; raises what it raises."""
        kept = self._current()  # before reading: what is kept may be newer than it seems, never older
        if key not in kept:
            kept[key] = read()
        return kept[key]

    async def ask(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """``get`` for an event loop: where there is something to read, a thread does it."""
        kept = self._current()
        return kept[key] if key in kept else await asyncio.to_thread(self.get, key, read)

    def _current(self) -> dict[Hashable, Value]:
        version = self._database.version()
        kept_of, kept = self._kept
        if version is None or kept_of != version or len(kept) >= self._most:
            kept = {}
            self._kept = (version, kept)
        return kept
