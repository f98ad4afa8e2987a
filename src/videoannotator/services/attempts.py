"""Keys that turned out to be worthless, counted by the address that they come from.

Keys hold 256 random bits, so guessing is hopeless at any pace; what is slowed down are scripts that go on
with a dead key, or try. A good key is never held up, not even beside them, and a mistyped one, which is known
without a look at the database, does not count.
"""

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from videoannotator.domain.errors import RateLimited


class Attempts:
    """Counts by address and minute, in memory; ``per_minute`` 0 lets everything pass."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def failed(self, address: str | None) -> None:
        """Note a worthless key; raises RateLimited from the first one that is too many."""
        if self._limit is None or self._limiter.hit(self._limit, address or ""):
            return
        reset_s = self._limiter.get_window_stats(self._limit, address or "").reset_time
        raise RateLimited(
            f"More than {self._limit.amount} worthless keys have come from {address} within a minute",
            hint="Stop trying; make a key with: videoannotator token create NAME",
            retry_after_s=max(1, math.ceil(reset_s - time.time())),
        )
