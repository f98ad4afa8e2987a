"""Batches: many videos under one submission, and where each of them stands.

An item waits (``pending``) until its turn comes; then its video is examined, planned and queued as a job of
its own, and from there on the item stands where the job stands.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from videoannotator.domain.jobs import ACTIVE, JobStatus
from videoannotator.domain.media import Record


class BatchStatus(StrEnum):
    """Where a batch stands. ``completed`` says that every item has ended, however."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """What is kept of an item; ``SUBMITTED`` means that its job tells the rest."""

    PENDING = "pending"
    SUBMITTED = "submitted"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchItem(Record):
    """One video of a batch. ``video`` is how it was named; ``wish`` is what differs from the options."""

    place: int
    video: str
    video_id: str | None = None
    video_path: str | None = None
    wish: dict[str, Any] = Field(default_factory=dict)
    status: JobStatus = JobStatus.PENDING
    progress: float = 0.0
    attempt: int = 1
    job_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None
    updated_at: datetime


class Batch(Record):
    """Many videos. ``options`` are what all of them share; ``progress`` runs from 0 to 100."""

    id: str
    owner: str
    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    paused: bool = False
    n_items: int
    counts: dict[JobStatus, int] = Field(default_factory=dict)
    progress: float = 0.0
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def n_active(self) -> int:
        """How many items have not ended."""
        return sum(number for status, number in self.counts.items() if status in ACTIVE)

    @property
    def status(self) -> BatchStatus:
        """The one word for all items."""
        if not self.n_active:
            return BatchStatus.CANCELLED if self.cancelled_at else BatchStatus.COMPLETED
        if self.cancelled_at:
            return BatchStatus.CANCELLING
        if self.paused:
            return BatchStatus.PAUSED
        waiting = self.counts.get(JobStatus.PENDING, 0) == self.n_items
        return BatchStatus.PENDING if waiting else BatchStatus.RUNNING

    def eta_s(self, now: datetime) -> float | None:
        """Seconds that are left if it goes on as it went; None where nobody can tell yet.

        Items that failed or were cancelled may have taken no time at all: they tell nothing.
        """
        over = self.n_items * self.progress / 100
        worked = over - sum(self.counts.get(status, 0) for status in (JobStatus.FAILED, JobStatus.CANCELLED))
        if self.status is not BatchStatus.RUNNING or worked < 0.01 * self.n_items:
            return None
        return (now - self.created_at).total_seconds() * (self.n_items - over) / worked

    def told(self) -> Mapping[str, Any]:
        """What an event says of it."""
        return {
            "status": self.status.value,
            "progress": round(self.progress, 1),
            "counts": {status.value: number for status, number in self.counts.items()},
            "n_items": self.n_items,
        }


class BatchFilter(Record):
    """Which batches a list shows; ``owner`` None means everybody's. Unset fields do not restrict."""

    owner: str | None = None
    statuses: tuple[BatchStatus, ...] = ()
    text: str | None = None  # found in the batch's name or in that of a video, case-insensitive
