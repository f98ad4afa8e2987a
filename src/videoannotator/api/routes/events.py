"""What happens, as a stream and as a list."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from videoannotator.api import frames
from videoannotator.api.answers.events import EventList
from videoannotator.api.answers.keys import Ticket
from videoannotator.api.answers.record import answers
from videoannotator.api.auth import LOCAL_SEAT, AnyCaller, EventsReader
from videoannotator.api.hub import Audience
from videoannotator.api.sse import EventStream
from videoannotator.api.state import Services, services
from videoannotator.domain.errors import HistoryGone
from videoannotator.domain.jobs import ENDINGS, Event, EventType

router = APIRouter(prefix="/api/v1/events", tags=["events"])
Given = Annotated[Services, Depends(services)]
LARGEST_ID = 2**63 - 1


@router.get("/stream", status_code=200, response_class=EventStream, responses=frames.OPENAPI)
async def stream(
    caller: EventsReader,
    given: Given,
    job_id: Annotated[str | None, Query(description="Only this job's events.")] = None,
    batch_id: Annotated[str | None, Query(description="Only this batch's own events.")] = None,
    last_event_id: Annotated[str | None, Query(description="Go on after this event.")] = None,
    format: Annotated[  # noqa: A002 (the name is part of the address)
        Literal["named", "envelope"], Query(description="envelope: unnamed frames of {type, data}.")
    ] = "named",
    last_event_id_header: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Server-Sent Events: a snapshot of the active jobs (or what was missed), then all that happens."""
    owner = None if caller.sees_all else caller.owner
    if job_id is not None:
        await asyncio.to_thread(given.jobs.get, job_id, owner)
    if batch_id is not None:
        await asyncio.to_thread(given.batches.get, batch_id, owner)
    subject = batch_id or job_id

    async def after(event_id: int, limit: int) -> Sequence[Event] | None:
        return await asyncio.to_thread(_events_after, given, event_id, limit)

    async def present() -> bytes:
        return await given.snapshots.ask(audience, partial(_present, given, audience))

    audience = Audience(owner, subject, format)
    return EventStream(
        given.hub,
        caller.key_id or LOCAL_SEAT,
        audience,
        _event_id(last_event_id_header or last_event_id),
        after,
        present,
    )


@router.post("/tickets", status_code=201, responses=answers(Ticket, 201))
def ticket(caller: AnyCaller, given: Given) -> dict[str, Any]:
    """A stand-in for the key that opens the stream once, within a minute: ``?ticket=...``."""
    return {"ticket": given.tickets.issue(caller.key_id), "expires_in_seconds": 60}


@router.get("", responses=answers(EventList))
def history(
    caller: EventsReader,
    given: Given,
    job_id: str | None = None,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """The same events as a list, oldest first."""
    owner = None if caller.sees_all else caller.owner
    oldest = given.events.oldest()
    if 0 < after < oldest - 1:
        raise HistoryGone(f"Event {after} is no longer kept; the oldest is {oldest}")
    found = given.events.after(after, owner=owner, job_id=job_id, limit=limit)
    return {
        "events": [{**one.data, "id": one.id, "type": one.type.value} for one in found],
        "next_after": found[-1].id if found else after,
    }


def _events_after(given: Services, event_id: int, limit: int) -> Sequence[Event] | None:
    oldest = given.events.oldest()
    if event_id < oldest - 1:
        return None
    return given.events.after(event_id, limit=limit)


def _present(given: Services, audience: Audience) -> bytes:
    """What a new reader is told: the active jobs, or the one it asked for, be it over or not."""
    owner, job_id = audience.owner, audience.job_id
    if job_id is None:
        return frames.snapshot(given.events.snapshot(owner)[1], (), audience.form)
    if told := given.events.after(0, owner=owner, job_id=job_id, types=(EventType.BATCH_UPDATE,)):
        return frames.snapshot((), told[-1:], audience.form)
    endings = given.events.after(0, owner=owner, job_id=job_id, types=ENDINGS)
    return frames.snapshot((given.jobs.get(job_id, owner),), endings, audience.form)


def _event_id(text: str | None) -> int | None:
    """The id to go on after; what is no id counts as none, as a browser's reconnect must never fail."""
    if text is None or not text.isascii() or not text.isdigit() or int(text) > LARGEST_ID:
        return None
    return int(text)
