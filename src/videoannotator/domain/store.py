"""Where a run keeps its checkpoints: named bytes, written all or not at all."""

from collections.abc import Iterator
from typing import Protocol


class Store(Protocol):
    """A small durable key-value store. Keys are relative POSIX paths such as ``visual/000012``."""

    def put(self, key: str, data: bytes) -> None:
        """Write durably and atomically: a reader sees the old bytes or all of the new ones."""

    def get(self, key: str) -> bytes | None:
        """The bytes, or None where the key was never written."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that starts with the prefix, sorted."""

    def delete(self, prefix: str) -> None:
        """Remove every key that starts with the prefix; missing ones are no error."""
