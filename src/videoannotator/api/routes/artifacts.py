"""What came out of a job, over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from videoannotator.api.answers.record import ANY_FILE, answers
from videoannotator.api.answers.results import ArtifactList, FileLink, JobResults
from videoannotator.api.auth import ArtifactsReader, link_or_key
from videoannotator.api.downloads import file_answer, zip_answer
from videoannotator.api.schemas import LinkBody
from videoannotator.api.state import Services, services
from videoannotator.domain.keys import Principal

router = APIRouter(prefix="/api/v1/jobs/{job_id}", tags=["artifacts"])
Given = Annotated[Services, Depends(services)]
ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}
ZIP_OR_LIST: dict[int | str, dict[str, Any]] = {200: {"model": ArtifactList, **ZIP[200]}}


@router.get("/artifacts", response_class=Response, responses=ZIP_OR_LIST)
def artifacts(
    job_id: str,
    request: Request,
    caller: ArtifactsReader,
    given: Given,
    format: Annotated[  # noqa: A002 (the name is part of the address)
        Literal["zip", "json"] | None, Query(description="Overrides the Accept header.")
    ] = None,
) -> Response:
    """The ZIP with the playable video and every annotation file; a list for ``Accept: application/json``."""
    if (format or _asked_for(request)) == "json":
        return JSONResponse(listing(job_id, caller, given), headers={"Vary": "Accept"})
    owner = _owner(caller)
    entries = given.artifacts.zip_entries(given.jobs.get(job_id, owner), owner)
    return zip_answer(request, entries, f"job_{job_id}_artifacts.zip")


@router.get("/artifacts.zip", response_class=Response, responses=ZIP)
def artifacts_zip(job_id: str, request: Request, caller: ArtifactsReader, given: Given) -> Response:
    """The ZIP, whatever the client accepts."""
    owner = _owner(caller)
    entries = given.artifacts.zip_entries(given.jobs.get(job_id, owner), owner)
    return zip_answer(request, entries, f"job_{job_id}_artifacts.zip")


@router.get("/artifacts/list", responses=answers(ArtifactList))
def listing(job_id: str, caller: ArtifactsReader, given: Given) -> dict[str, Any]:
    """Every file with its size, hash and address."""
    found = given.artifacts.list(job_id, _owner(caller))
    return {
        "job_id": job_id,
        "artifacts": [one.listing() for one in found],
        "total": len(found),
        "zip_url": f"/api/v1/jobs/{job_id}/artifacts.zip",
    }


@router.post("/artifacts/links", status_code=201, responses=answers(FileLink, 201))
def link(job_id: str, body: LinkBody, caller: ArtifactsReader, given: Given) -> dict[str, Any]:
    """An address of one file that works without a key for a while."""
    artifact, _ = given.artifacts.one(job_id, body.artifact_id, _owner(caller))
    signature = given.tickets.sign(job_id, artifact.id, body.expires_in_s)
    return {
        "url": f"/api/v1/jobs/{job_id}/artifacts/{artifact.id}?signature={signature}",
        "expires_in_s": body.expires_in_s,
    }


@router.get("/artifacts/{artifact_id}", response_class=Response, responses=ANY_FILE)
def artifact(
    job_id: str,
    artifact_id: str,
    request: Request,
    caller: Annotated[Principal | None, Depends(link_or_key)],
    given: Given,
    inline: Annotated[bool, Query(description="Show it in the browser rather than save it.")] = False,
) -> Response:
    """One file, by id or name; ranges and ETags are understood."""
    found, path = given.artifacts.one(job_id, artifact_id, _owner(caller) if caller else None)
    return file_answer(
        request, path, sha256=found.sha256, filename=found.name, media_type=found.media_type, inline=inline
    )


@router.get("/results", responses=answers(JobResults))
def results(job_id: str, caller: ArtifactsReader, given: Given) -> dict[str, Any]:
    """How each pipeline ended and where its file is."""
    return given.results.of(job_id, _owner(caller))


@router.get("/results/files/{pipeline}", response_class=Response, responses=ANY_FILE)
def result_file(
    job_id: str, pipeline: str, request: Request, caller: ArtifactsReader, given: Given
) -> Response:
    """The annotation file of one pipeline."""
    name = given.catalogue.pipeline(pipeline).name
    found, path = given.artifacts.of_pipeline(job_id, name, _owner(caller))
    return file_answer(
        request, path, sha256=found.sha256, filename=found.name, media_type="application/octet-stream"
    )


def _owner(caller: Principal) -> str | None:
    return None if caller.sees_all else caller.owner


def _asked_for(request: Request) -> Literal["zip", "json"]:
    """ZIP is what clients get that accept anything."""
    accepted = request.headers.get("accept", "*/*")
    return "json" if "application/json" in accepted and "zip" not in accepted else "zip"
