"""Batches over HTTP: many videos under one submission."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from videoannotator.api.answers.batches import BatchItems, BatchList, BatchView, SubmittedBatch
from videoannotator.api.answers.record import answers
from videoannotator.api.auth import ArtifactsReader, BatchesWriter, JobsReader
from videoannotator.api.batching import OPENAPI, read_batch
from videoannotator.api.downloads import disposition, zip_stream
from videoannotator.api.routes.jobs import KeyHeader
from videoannotator.api.schemas import CancelBody, batch_view, item_view
from videoannotator.api.state import Services, services
from videoannotator.domain.batches import BatchFilter, BatchStatus
from videoannotator.domain.jobs import JobStatus
from videoannotator.services.idempotency import Answer

router = APIRouter(prefix="/api/v1/batches", tags=["batches"])
Given = Annotated[Services, Depends(services)]


@router.post("", status_code=201, openapi_extra=OPENAPI, responses=answers(SubmittedBatch, 201))
async def submit(
    request: Request, caller: BatchesWriter, given: Given, idempotency_key: KeyHeader = None
) -> Response:
    """Submit many videos: JSON with ``items``, ``folder``, ``glob`` or ``csv``, or a form with ``videos``.

    The answer says of each item whether it was accepted; the videos are examined afterwards.
    """
    sent = await read_batch(request, caller, given)

    def work() -> Answer:
        batch, items = given.batches.submit(caller.owner, sent.name, sent.options, sent.items)
        verdicts = [item_view(one) | {"accepted": one.status is not JobStatus.FAILED} for one in items]
        n_accepted = sum(one["accepted"] for one in verdicts)
        counts = {"n_accepted": n_accepted, "n_refused": len(verdicts) - n_accepted}
        return Answer(201, orjson.dumps({**batch_view(batch), **counts, "items": verdicts}))

    answer = await asyncio.to_thread(
        given.idempotency.once, caller.owner, idempotency_key, "POST /batches", sent.fingerprint, work
    )
    headers = {"Location": f"/api/v1/batches/{orjson.loads(answer.body)['id']}"}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, "application/json")


@router.get("", responses=answers(BatchList))
def list_batches(
    caller: JobsReader,
    given: Given,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
    limit: Annotated[int | None, Query(ge=1, le=100, description="Another name of per_page.")] = None,
    cursor: Annotated[str | None, Query(description="next_cursor of the last page.")] = None,
    status: Annotated[list[BatchStatus] | None, Query()] = None,
    q: Annotated[str | None, Query(description="Text in the batch's or a video's name.")] = None,
) -> dict[str, Any]:
    """The newest batches first, by page or by cursor."""
    size = limit or per_page
    which = BatchFilter(owner=caller.whose, statuses=tuple(status or ()), text=q)
    found = given.batches.list(which, page=page, per_page=size, cursor=cursor)
    return {
        "batches": [batch_view(one) for one in found.items],
        "total": found.total,
        "page": page,
        "per_page": size,
        "next_cursor": found.next_cursor,
    }


@router.get("/{batch_id}", responses=answers(BatchView))
def get(batch_id: str, caller: JobsReader, given: Given) -> dict[str, Any]:
    """Where a batch stands: how many of its items in which state, progress, seconds left."""
    return batch_view(given.batches.get(batch_id, caller.whose))


@router.get("/{batch_id}/jobs", responses=answers(BatchItems))
def items(
    batch_id: str,
    caller: JobsReader,
    given: Given,
    status: Annotated[list[JobStatus] | None, Query()] = None,
    cursor: Annotated[int, Query(ge=-1, le=2**31, description="next_cursor of the last page.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """The items in their order, each with its job, or with the reason why it has none."""
    found = given.batches.items(batch_id, caller.whose, statuses=status or (), after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "batch_id": batch_id,
        "items": [item_view(one) for one in shown],
        "next_cursor": shown[-1].place if len(found) > limit else None,
    }


@router.post("/{batch_id}/cancel", responses=answers(BatchView))
def cancel(
    batch_id: str, caller: BatchesWriter, given: Given, body: CancelBody | None = None
) -> dict[str, Any]:
    """Stop what has not ended; again without harm, 409 for a batch that has ended."""
    return batch_view(given.batches.cancel(batch_id, caller.whose, body.reason if body else None))


@router.post("/{batch_id}/pause", responses=answers(BatchView))
def pause(batch_id: str, caller: BatchesWriter, given: Given) -> dict[str, Any]:
    """Queue nothing more; the few jobs that are queued already still run."""
    return batch_view(given.batches.pause(batch_id, caller.whose, paused=True))


@router.post("/{batch_id}/resume", responses=answers(BatchView))
def resume(batch_id: str, caller: BatchesWriter, given: Given) -> dict[str, Any]:
    """Go on with a paused batch."""
    return batch_view(given.batches.pause(batch_id, caller.whose, paused=False))


@router.post("/{batch_id}/retry", responses=answers(BatchView))
def retry(batch_id: str, caller: BatchesWriter, given: Given) -> dict[str, Any]:
    """Run the failed items again, and only those."""
    return batch_view(given.batches.retry(batch_id, caller.whose))


@router.delete("/{batch_id}", status_code=204)
def delete(
    batch_id: str,
    caller: BatchesWriter,
    given: Given,
    jobs: Annotated[
        Literal["keep", "delete"], Query(description="What becomes of its jobs and their results.")
    ] = "keep",
) -> Response:
    """Forget an ended batch; 409 while some item has not ended."""
    given.batches.delete(batch_id, caller.whose, with_jobs=jobs == "delete")
    return Response(status_code=204)


@router.get("/{batch_id}/artifacts", responses={200: {"content": {"application/zip": {}, "text/csv": {}}}})
def artifacts(
    batch_id: str,
    caller: ArtifactsReader,
    given: Given,
    table: Annotated[str | None, Query(description="One CSV over all videos, e.g. words.")] = None,
    format: Annotated[  # noqa: A002 (the name is part of the address)
        Literal["zip", "json"], Query(description="json lists the files and tables.")
    ] = "zip",
) -> Any:
    """One ZIP with a folder of annotation files per video, or one table with a column ``video``."""
    if table is not None:
        rows = given.batch_results.table(batch_id, caller.whose, table)
        named = {"Content-Disposition": disposition(f"batch_{batch_id}_{table}.csv")}
        return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=named)
    if format == "json":
        return _listing(batch_id, caller.whose, given)
    return zip_stream(given.batch_results.entries(batch_id, caller.whose), f"batch_{batch_id}.zip")


def _listing(batch_id: str, owner: str | None, given: Services) -> Mapping[str, Any]:
    address = f"/api/v1/batches/{batch_id}/artifacts"
    found = list(given.batch_results.completed(batch_id, owner))
    tables = given.batch_results.tables(batch_id, owner)
    return {
        "batch_id": batch_id,
        "items": [
            {**item_view(one.item), "artifacts": [file.listing() for file in one.files]} for one in found
        ],
        "tables": {name: f"{address}?table={name}" for name in tables},
        "zip_url": address,
    }
