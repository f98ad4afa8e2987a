"""What people do with batches: submit, look, list, pause, cancel, retry, delete.

``owner`` None stands for somebody who may see everybody's batches.
"""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import Field

from videoannotator.db import batches as rows
from videoannotator.db import videos as video_rows
from videoannotator.db.database import Database
from videoannotator.domain.batches import Batch, BatchFilter, BatchItem
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import (
    BatchRunning,
    Conflict,
    InvalidRequest,
    NothingToRetry,
    VideoAnnotatorError,
    VideoMissing,
    raise_all,
)
from videoannotator.domain.jobs import Failure, JobStatus, Page
from videoannotator.domain.media import Record
from videoannotator.services.jobs import Jobs
from videoannotator.services.submissions import Submissions, Wish

MAX_ITEMS = 100_000
_SHOWN_PROBLEMS = 20


class WantedItem(Record):
    """One video as a client names it; ``wish`` holds fields of ``Wish`` that win over the batch's."""

    video: str
    video_id: str | None = None
    video_path: str | None = None
    wish: dict[str, Any] = Field(default_factory=dict)
    problem: Failure | None = None  # why it is refused already, e.g. an upload that is no video


class Batches:
    """The batches of one server. What they hold is prepared in the background (``services.preparing``)."""

    def __init__(
        self, database: Database, jobs: Jobs, submissions: Submissions, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._submissions = submissions
        self._clock = clock

    def submit(
        self, owner: str, name: str | None, options: Wish, wanted: Sequence[WantedItem]
    ) -> tuple[Batch, tuple[BatchItem, ...]]:
        """Accept a batch: what is written wrong is refused at once, videos are looked at later.

        Refused items belong to the batch as failed ones. Raises InvalidRequest and its like where the options
        are wrong or every item is refused.
        """
        if not wanted:
            raise VideoMissing("The batch names no video", field="items")
        if len(wanted) > MAX_ITEMS:
            raise InvalidRequest(f"A batch holds at most {MAX_ITEMS} videos", field="items")
        self._submissions.check(owner, options)
        now = self._clock()
        judge = _Judge(self._database, self._submissions, owner, options)
        problems = [judge.problem(one) for one in wanted]
        if all(problems):
            raise_all([problem for problem in problems if problem][:_SHOWN_PROBLEMS])
        judged = enumerate(zip(wanted, problems, strict=True))
        items = tuple(_item(place, *one, now) for place, one in judged)
        batch = Batch(
            id=str(uuid.uuid4()),
            owner=owner,
            name=name or f"{len(items)} videos",
            options=options.model_dump(mode="json", exclude_defaults=True),
            n_items=len(items),
            created_at=now,
            updated_at=now,
        )
        with self._database.write() as connection:
            rows.create(connection, batch, items)
            return rows.get(connection, batch.id, None), items

    def get(self, batch_id: str, owner: str | None) -> Batch:
        """One batch; raises BatchNotFound."""
        with self._database.read() as connection:
            return rows.get(connection, batch_id, owner)

    def list(
        self, which: BatchFilter, *, page: int = 1, per_page: int = 20, cursor: str | None = None
    ) -> Page[Batch]:
        """Newest first, by page number (from 1) or by the ``next_cursor`` of the last page."""
        offset = 0 if cursor is not None else (page - 1) * per_page
        with self._database.read() as connection:
            return rows.find(connection, which, limit=per_page, offset=offset, cursor=cursor)

    def items(
        self,
        batch_id: str,
        owner: str | None,
        *,
        statuses: Collection[JobStatus] = (),
        after: int = -1,
        limit: int = 100,
    ) -> tuple[BatchItem, ...]:
        """Items from behind a place on, in their order; raises BatchNotFound."""
        with self._database.read() as connection:
            rows.get(connection, batch_id, owner)
            return rows.items(connection, batch_id, statuses=statuses, after=after, limit=limit)

    def pause(self, batch_id: str, owner: str | None, *, paused: bool) -> Batch:
        """Hold back what has not had its turn, or let it go on; the few queued jobs run in any case.

        Raises BatchNotFound, and Conflict for a batch that has ended.
        """
        with self._database.write() as connection:
            batch = rows.get(connection, batch_id, owner)
            if not batch.n_active or batch.cancelled_at:
                raise Conflict(
                    f"The batch is {batch.status}", hint="Only a batch that goes on can be paused."
                )
            rows.pause(connection, batch_id, paused, self._clock())
            return rows.get(connection, batch_id, owner)

    def cancel(self, batch_id: str, owner: str | None, reason: str | None = None) -> Batch:
        """Stop everything that has not ended; again without harm. Raises BatchNotFound, Conflict."""
        with self._database.write() as connection:
            batch = rows.get(connection, batch_id, owner)
            if not batch.n_active and not batch.cancelled_at:
                raise Conflict("The batch has ended already", hint="Delete it to remove its results.")
            active = rows.cancel(connection, batch_id, self._clock())
        for job_id in active:
            try:
                self._jobs.cancel(job_id, None, reason or "its batch was cancelled")
            except Conflict:
                continue  # it has just ended
        return self.get(batch_id, owner)

    def retry(self, batch_id: str, owner: str | None) -> Batch:
        """Run the failed items again, as new jobs; raises BatchNotFound, NothingToRetry."""
        with self._database.write() as connection:
            rows.get(connection, batch_id, owner)
            if not rows.retry_failed(connection, batch_id, self._clock()):
                hint = "Only failed items are retried; send again a video that could not be read."
                raise NothingToRetry("No item of the batch can be tried again", hint=hint)
            return rows.get(connection, batch_id, owner)

    def delete(self, batch_id: str, owner: str | None, *, with_jobs: bool) -> None:
        """Forget an ended batch, and its jobs with their results if that is wished.

        Raises BatchNotFound, BatchRunning.
        """
        batch = self.get(batch_id, owner)
        if batch.n_active:
            raise BatchRunning(f"{batch.n_active} items of the batch have not ended")
        if with_jobs:
            for item in self.items(batch_id, owner, limit=MAX_ITEMS):
                if item.job_id:
                    self._delete_job(item.job_id)
        with self._database.write() as connection:
            rows.delete(connection, batch_id)

    def _delete_job(self, job_id: str) -> None:
        try:
            self._jobs.delete(job_id, None)
        except VideoAnnotatorError:
            return  # deleted before, or started again on its own


class _Judge:
    """Says what is wrong with items; equal wishes are looked at once."""

    def __init__(self, database: Database, submissions: Submissions, owner: str, options: Wish) -> None:
        self._database = database
        self._submissions = submissions
        self._owner = owner
        self._options = options
        self._known: dict[str, VideoAnnotatorError | None] = {"{}": None}

    def problem(self, item: WantedItem) -> VideoAnnotatorError | None:
        """Why the item is refused, None where nothing speaks against it yet."""
        if item.problem is not None:
            return _told(item.problem)
        try:
            self._check_video(item)
        except VideoAnnotatorError as error:
            return error
        key = json.dumps(item.wish, sort_keys=True)
        if key not in self._known:
            self._known[key] = self._wrong_with(item.wish)
        return self._known[key]

    def _check_video(self, item: WantedItem) -> None:
        if (item.video_id is None) == (item.video_path is None):
            raise VideoMissing("An item needs either video_id or video_path", field="items")
        if item.video_path is not None:
            self._submissions.places.roots.locate(item.video_path, "video_path", new=False)
        else:
            with self._database.read() as connection:
                video_rows.get(connection, item.video_id or "", self._owner)

    def _wrong_with(self, wish: Mapping[str, Any]) -> VideoAnnotatorError | None:
        try:
            self._submissions.check(self._owner, merged(self._options, wish))
        except VideoAnnotatorError as error:
            return error
        return None


def merged(options: Wish, wish: Mapping[str, Any]) -> Wish:
    """What is asked for one item: its own wish over the batch's options; raises InvalidRequest."""
    config = _deep(options.config, wish.get("config") or {})
    return Wish.of({**options.model_dump(), **wish, "config": config}, "items")


def _deep(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = _deep(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _told(failure: Failure) -> VideoAnnotatorError:
    error = InvalidRequest(failure.message, hint=failure.hint)
    error.code = failure.code
    return error


def _item(place: int, wanted: WantedItem, problem: VideoAnnotatorError | None, now: Any) -> BatchItem:
    failure = Failure.of(problem) if problem else None
    return BatchItem(
        place=place,
        updated_at=now,
        status=JobStatus.FAILED if failure else JobStatus.PENDING,
        error_code=failure.code if failure else None,
        error_message=failure.message if failure else None,
        hint=failure.hint if failure else None,
        **wanted.model_dump(exclude={"problem"}),
    )
