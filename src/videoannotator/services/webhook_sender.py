"""Tells webhooks what has happened, again and again until they have heard it.

What is to be told is rows, made from the log of events: nothing is lost when the server stops, and a call
that was cut off is made again. Receivers know repetitions by their ``webhook-id``.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import orjson

from videoannotator.db import webhooks as rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.domain.webhooks import Delivery, DeliveryStatus, Webhook, signed_headers
from videoannotator.services import webhook_targets
from videoannotator.services.background import Round

INTERVAL_S = 0.5
# After each failed attempt; about three days in all (the schedule of the Standard Webhooks specification).
BACK_OFF_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
_N_AT_ONCE = 4  # a target that does not answer holds up few others
_LEASE = timedelta(seconds=2 * webhook_targets.TIMEOUT_S)


class WebhookSender:
    """A thread that collects news and makes the calls that are due."""

    def __init__(
        self,
        database: Database,
        *,
        private: bool,
        clock: Clock = utc_now,
        back_off_s: Sequence[float] = BACK_OFF_S,
    ) -> None:
        self._database = database
        self._private = private
        self._clock = clock
        self._back_off_s = back_off_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Go on in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no more calls."""
        self._stop.set()

    def work(self) -> int:
        """Collect what is new and make the calls that are due; returns how many were made."""
        now = self._clock()
        with self._database.read() as connection:
            behind, waiting = rows.behind(connection), rows.is_due(connection, now)
        if not behind and not waiting:
            return 0
        with self._database.write() as connection:
            rows.collect(connection, now)
            taken = rows.due(connection, now, now + _LEASE, _N_AT_ONCE)
            known = {one.id: one for one in rows.find(connection, None)}
        with ThreadPoolExecutor(_N_AT_ONCE) as pool:
            for one in taken:
                pool.submit(self._call, known[one.webhook_id], one)
        return len(taken)

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            with Round("webhooks"):
                while self.work() and not self._stop.is_set():
                    pass

    def _call(self, webhook: Webhook, delivery: Delivery) -> None:
        with Round("webhook"):  # a call that could not be noted is made again after its lease
            self._attempt(webhook, delivery)

    def _attempt(self, webhook: Webhook, delivery: Delivery) -> None:
        body = orjson.dumps(delivery.body)
        headers = signed_headers(webhook.secret, f"msg_{delivery.id}", self._clock(), body)
        status, error = None, None
        try:
            status = webhook_targets.call(webhook.url, headers, body, private=self._private)
        except (VideoAnnotatorError, httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as problem:
            error = f"{type(problem).__name__}: {problem}"[:500]
        now, n_attempts = self._clock(), delivery.n_attempts + 1
        heard = status is not None and 200 <= status < 300
        over = not heard and n_attempts > len(self._back_off_s)
        wait_s = 0 if heard or over else self._back_off_s[n_attempts - 1]
        state = (
            DeliveryStatus.DELIVERED if heard else DeliveryStatus.FAILED if over else DeliveryStatus.PENDING
        )
        with self._database.write() as connection:
            rows.note(
                connection,
                delivery.id,
                status=state.value,
                n_attempts=n_attempts,
                next_at=now + timedelta(seconds=wait_s),
                response_status=status,
                error=error or (None if heard else f"answered {status}"),
                delivered_at=now if heard else None,
            )
