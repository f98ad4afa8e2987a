"""Batches and their items."""

from typing import Any

from pydantic import create_model

from videoannotator.api.answers.record import Answer, without
from videoannotator.domain.batches import Batch, BatchItem, BatchStatus


class BatchLinks(Answer):
    """Where the rest is."""

    self: str
    jobs: str
    artifacts: str
    events: str


_BatchBase: Any = create_model("_BatchBase", __base__=Answer, **without(Batch, "owner"))


_ItemBase: Any = create_model("_ItemBase", __base__=Answer, **without(BatchItem))


class BatchView(_BatchBase):
    """A batch: how many of its items stand where; ``progress`` runs from 0 to 100."""

    status: BatchStatus
    eta_s: float | None
    links: BatchLinks


class BatchItemView(_ItemBase):
    """One video of a batch, with its job or with the reason why it has none."""


class ItemVerdict(BatchItemView):
    """An item at the time of its submission."""

    accepted: bool


class SubmittedBatch(BatchView):
    """A new batch with the verdict on each of its items."""

    n_accepted: int
    n_refused: int
    items: tuple[ItemVerdict, ...]


class BatchList(Answer):
    """Batches, newest first; ``next_cursor`` is null on the last page."""

    batches: tuple[BatchView, ...]
    total: int
    page: int
    per_page: int
    next_cursor: str | None


class BatchItems(Answer):
    """Items of a batch in their order; ``next_cursor`` is null on the last page."""

    batch_id: str
    items: tuple[BatchItemView, ...]
    next_cursor: int | None
