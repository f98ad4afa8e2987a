"""Jobs over HTTP: submit, list, look, cancel, retry, delete."""

import asyncio
import hashlib
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from videoannotator.api.answers.jobs import CancelledJob, JobList, JobView, LogLines
from videoannotator.api.answers.record import answers
from videoannotator.api.auth import JobsReader, JobsWriter
from videoannotator.api.schemas import CancelBody, Moment, job_view
from videoannotator.api.state import Page, Services, services
from videoannotator.api.submitting import OPENAPI, read_submission
from videoannotator.domain.jobs import TERMINAL, JobFilter, JobStatus, LogLevel
from videoannotator.domain.keys import Principal
from videoannotator.services.idempotency import Answer

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])
Given = Annotated[Services, Depends(services)]
KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


@router.post("", status_code=201, openapi_extra=OPENAPI, responses=answers(JobView, 201))
async def submit(
    request: Request, caller: JobsWriter, given: Given, idempotency_key: KeyHeader = None
) -> Response:
    """Submit a form (``video``, ``selected_pipelines``, ``config``), or JSON that names a stored video."""
    sent = await read_submission(request, caller, given)

    def work() -> Answer:
        job = given.submissions.submit(caller.owner, sent.video(), sent.wish)
        return Answer(201, orjson.dumps(job_view(job)))

    answer = await asyncio.to_thread(
        given.idempotency.once, caller.owner, idempotency_key, "POST /jobs", sent.fingerprint, work
    )
    return _created(answer)


@router.get("", responses=answers(JobList))
async def list_jobs(
    request: Request,
    caller: JobsReader,
    given: Given,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(description="next_cursor of the last page.")] = None,
    status: Annotated[list[JobStatus] | None, Query()] = None,
    status_filter: Annotated[JobStatus | None, Query(include_in_schema=False)] = None,
    pipeline: str | None = None,
    batch_id: str | None = None,
    tag: str | None = None,
    q: Annotated[str | None, Query(description="Text in the job's or the file's name.")] = None,
    created_after: Moment | None = None,
    created_before: Moment | None = None,
) -> Response:
    """The newest jobs first, by page or by cursor."""
    which = JobFilter(
        owner=_owner(caller),
        statuses=(*(status or ()), *((status_filter,) if status_filter else ())),
        pipeline=pipeline,
        batch_id=batch_id,
        tag=tag,
        text=q,
        created_after=created_after,
        created_before=created_before,
    )

    def read() -> Page:
        found = given.jobs.list(which, page=page, per_page=per_page, cursor=cursor)
        shown = {
            "jobs": [job_view(job) for job in found.items],
            "total": found.total,
            "page": page,
            "per_page": per_page,
            "next_cursor": found.next_cursor,
        }
        return orjson.dumps(shown), found.next_cursor

    body, following = await given.pages.ask((which, page, per_page, cursor), read)
    headers = {"Link": _next_page(request, following)} if following else {}
    return Response(body, headers=headers, media_type="application/json")


@router.get("/{job_id}", responses=answers(JobView))
def get(job_id: str, request: Request, caller: JobsReader, given: Given) -> Response:
    """One job with its components, plan and warnings."""
    job = given.jobs.get(job_id, _owner(caller))
    body = orjson.dumps(job_view(job))
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.post("/{job_id}/cancel", responses=answers(CancelledJob))
def cancel(job_id: str, caller: JobsWriter, given: Given, body: CancelBody | None = None) -> dict[str, Any]:
    """Stop a job: a waiting one at once, a running one within two seconds. Cancelling twice is no error."""
    job = given.jobs.cancel(job_id, _owner(caller), body.reason if body else None)
    done = job.status in TERMINAL
    message = "The job is cancelled." if done else "The job is being cancelled."
    return {**job_view(job), "job_id": job.id, "message": message}


@router.post("/{job_id}/retry", status_code=201, responses=answers(JobView, 201))
def retry(
    job_id: str,
    caller: JobsWriter,
    given: Given,
    only_failed: Annotated[bool, Query(description="Only the components that failed.")] = False,
    idempotency_key: KeyHeader = None,
) -> Response:
    """Run an ended job again on the same stored video, as a new job."""

    def work() -> Answer:
        job = given.jobs.retry(job_id, _owner(caller), only_failed=only_failed)
        return Answer(201, orjson.dumps(job_view(job)))

    request = f"POST /jobs/{job_id}/retry"
    return _created(given.idempotency.once(caller.owner, idempotency_key, request, str(only_failed), work))


@router.put("/{job_id}/keep", responses=answers(JobView))
def keep(job_id: str, caller: JobsWriter, given: Given) -> dict[str, Any]:
    """Never remove this job by itself, however long ago it ended."""
    return job_view(given.jobs.keep(job_id, caller.whose, kept=True))


@router.delete("/{job_id}/keep", responses=answers(JobView))
def let_expire(job_id: str, caller: JobsWriter, given: Given) -> dict[str, Any]:
    """Let the job expire as others do."""
    return job_view(given.jobs.keep(job_id, caller.whose, kept=False))


@router.delete("/{job_id}", status_code=204)
def delete(job_id: str, caller: JobsWriter, given: Given) -> Response:
    """Remove an ended job with its results; 409 while it is running."""
    given.jobs.delete(job_id, _owner(caller))
    return Response(status_code=204)


@router.get("/{job_id}/logs", responses=answers(LogLines))
def logs(
    job_id: str,
    caller: JobsReader,
    given: Given,
    level: LogLevel = "debug",
    after: Annotated[int, Query(ge=0, description="job_seq of the last line that was seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> dict[str, Any]:
    """What the run has logged, oldest first."""
    found = given.logs.of(job_id, _owner(caller), level=level, after=after, limit=limit)
    return {"job_id": job_id, "logs": [one.data for one in found]}


def _owner(caller: Principal) -> str | None:
    return None if caller.sees_all else caller.owner


def _next_page(request: Request, cursor: str) -> str:
    """The header that leads on, with the same filters."""
    where = request.url.remove_query_params("page").include_query_params(cursor=cursor)
    return f'</api/v1/jobs?{where.query}>; rel="next"'


def _created(answer: Answer) -> Response:
    headers = {"Location": f"/api/v1/jobs/{orjson.loads(answer.body)['id']}"}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, "application/json")
