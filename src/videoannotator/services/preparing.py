"""Turns the items of batches into jobs, a few at a time and each batch in its turn.

At most ``share`` jobs of a batch stand in the queue: a batch of thousands does not keep others waiting, and
deep queues cost nothing. Everything is kept in the database, so a server that dies goes on where it was.
"""

import threading
import time
from datetime import datetime

import structlog

from videoannotator.db import batches as rows
from videoannotator.db.database import Database
from videoannotator.domain.batches import Batch, BatchItem
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import Conflict, ServiceUnavailable, VideoAnnotatorError
from videoannotator.domain.jobs import Failure, StoredVideo
from videoannotator.services.background import Round
from videoannotator.services.batches import merged
from videoannotator.services.events import Events
from videoannotator.services.submissions import Submissions, Wish
from videoannotator.services.videos import Videos

INTERVAL_S = 0.5  # between looks at what has changed; also how often a batch's event is told at most
_log = structlog.get_logger(__name__)


class Preparer:
    """A thread of the server."""

    def __init__(
        self,
        database: Database,
        videos: Videos,
        submissions: Submissions,
        *,
        share: int,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._videos = videos
        self._submissions = submissions
        self._events = Events(database)
        self._share = share
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="preparer", daemon=True)
        self._state: tuple[int, tuple[datetime, ...]] = (-1, ())

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new; what is being examined may be left, and is examined again by the next server."""
        self._stop.set()

    def step(self) -> bool:
        """Give every batch turns for a moment and tell what has changed; False where there was nothing."""
        head = self._events.head()
        with self._database.read() as connection:
            batches = rows.unfinished(connection)
        # A batch that is paused, resumed or cancelled changes without an event of any of its jobs.
        state = (head, tuple(batch.updated_at for batch in batches))
        if not batches or (state == self._state and not any(self._has_room(batch) for batch in batches)):
            return False
        self._state = state
        worked, until_s = False, time.monotonic() + INTERVAL_S
        while time.monotonic() < until_s:
            turns = [self._turn(batch) for batch in batches]
            if not any(turns):
                break
            worked = True
        self._tell(batches)
        return worked

    def _run(self) -> None:
        while not self._stop.is_set():
            worked = False
            with Round("batches"):
                worked = self.step()
            if not worked:
                self._stop.wait(INTERVAL_S)

    def _has_room(self, batch: Batch) -> bool:
        if batch.paused or batch.cancelled_at:
            return False
        with self._database.read() as connection:
            return (
                rows.n_queued(connection, batch.id) < self._share
                and rows.next_waiting(connection, batch.id) is not None
            )

    def _turn(self, batch: Batch) -> bool:
        """Make a job of the next waiting item where the batch has room for one."""
        if self._stop.is_set() or not self._has_room(batch):
            return False
        with self._database.read() as connection:
            item = rows.next_waiting(connection, batch.id)
        if item is None:
            return False
        try:
            self._submit(batch, item)
        except ServiceUnavailable:
            raise
        except Conflict:
            _log.info("batch item gone", batch_id=batch.id, place=item.place)
        except VideoAnnotatorError as error:
            self._fail(batch, item, error)
        except Exception as error:  # noqa: BLE001  (nobody else could say it: the others have their turns)
            _log.exception("batch item broke", batch_id=batch.id, place=item.place)
            self._fail(batch, item, VideoAnnotatorError(f"Unexpected {type(error).__name__}: {error}"))
        return True

    def _fail(self, batch: Batch, item: BatchItem, error: VideoAnnotatorError) -> None:
        with self._database.write() as connection:
            rows.fail(connection, batch.id, item.place, Failure.of(error), self._clock())

    def _submit(self, batch: Batch, item: BatchItem) -> None:
        wish = merged(Wish.of(batch.options, "options"), item.wish)
        self._submissions.submit(
            batch.owner,
            self._video(batch.owner, item),
            wish,
            batch_id=batch.id,
            batch_place=item.place,
            attempt=item.attempt,
            retry_of=item.job_id,
        )

    def _video(self, owner: str, item: BatchItem) -> StoredVideo:
        if item.video_id is not None:
            return self._videos.get(item.video_id, owner)
        return self._videos.add_in_place(owner, self._submissions.places.video(item.video_path or ""))

    def _tell(self, batches: tuple[Batch, ...]) -> None:
        """Append an event for each batch whose counts have changed."""
        for known in batches:
            with self._database.write() as connection:
                if not rows.exists(connection, known.id):
                    continue
                batch = rows.get(connection, known.id, None)
                rows.tell(connection, batch, batch.eta_s(self._clock()), self._clock())
