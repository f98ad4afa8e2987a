"""Events as Server-Sent Events (WHATWG HTML, "Server-sent events").

The JSON of a frame is a superset that serves two kinds of reader: its fields are flat (named listeners look
for ``job_id`` there) and it holds ``type`` and ``data`` (readers of the raw stream look for those).
"""

from collections.abc import Sequence
from typing import Any, Literal

import orjson

from videoannotator.domain.event_data import KINDS, on_the_wire
from videoannotator.domain.jobs import Event, EventType, Job
from videoannotator.domain.media import Record

Format = Literal["named", "envelope"]


def _item(name: str, model: type[Record]) -> dict[str, Any]:
    """JSON Schema of one named frame."""
    content = {"type": "string", "contentMediaType": "application/json"}
    data = {**content, "contentSchema": on_the_wire(name, model)}
    known = {"event": {"const": name}, "data": data, "id": {"type": "string", "pattern": "^[0-9]+$"}}
    return {"type": "object", "title": name, "properties": known, "required": ["event", "data"]}


OPENAPI: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Frames of id, event and data; data is one JSON object. ``: ping`` every 15 s.",
        "content": {"text/event-stream": {"itemSchema": {"oneOf": [_item(*kind) for kind in KINDS.items()]}}},
    }
}
PING = b": ping\n\n"


def encode(event: Event, form: Format = "named") -> bytes:
    """The frame of an event, with its id."""
    return frame(event.type.value, event.data, event.id, form)


def frame(name: str, data: dict[str, Any], event_id: int | None, form: Format) -> bytes:
    """One frame; ``envelope`` leaves out the name, for readers that only hear unnamed messages."""
    lines = [] if event_id is None else [b"id: %d\n" % event_id]
    if form == "named":
        lines.append(b"event: " + name.encode() + b"\n")
        body = {**data, "type": name, "data": data}
    else:
        body = {"type": name, "data": data}
    lines.append(b"data: " + orjson.dumps(body) + b"\n\n")
    return b"".join(lines)


def hello(retry_ms: int) -> bytes:
    """The first bytes of a stream: how soon to come back after a break."""
    return b"retry: %d\n\n" % retry_ms


def snapshot(jobs: Sequence[Job], endings: Sequence[Event], form: Format) -> bytes:
    """Where jobs stand now, and how those of them ended that have ended."""
    told = [frame(EventType.UPDATE.value, update_of(job), None, form) for job in jobs]
    told += [frame(event.type.value, event.data, None, form) for event in endings]
    return b"".join(told)


def position(head: int) -> bytes:
    """Lets the reader know the id from which the stream goes on."""
    return b"id: %d\n\n" % head


def update_of(job: Job) -> dict[str, Any]:
    """The fields of ``job.update`` for the job's present state."""
    return {
        "job_id": job.id,
        "status": job.status.value,
        "progress": job.progress,
        "stage": job.stage.value if job.stage else None,
        "timestamp": job.updated_at.isoformat().replace("+00:00", "Z"),
    }
