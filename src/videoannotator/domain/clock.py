"""The time of day, handed to whoever needs it so that tests can choose it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """Fixed-width RFC 3339 in UTC, e.g. ``2026-01-31T12:00:00.000000Z``; sorts as text."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
