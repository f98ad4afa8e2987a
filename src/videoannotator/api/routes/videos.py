"""Stored videos over HTTP: send once, annotate often."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from videoannotator.api.answers.record import ANY_FILE, answers
from videoannotator.api.answers.videos import VideoList, VideoView
from videoannotator.api.auth import ArtifactsReader, JobsReader, JobsWriter
from videoannotator.api.downloads import file_answer
from videoannotator.api.schemas import FILE, form_body, iso
from videoannotator.api.state import Services, services
from videoannotator.api.uploads import receive_form
from videoannotator.domain.errors import VideoMissing
from videoannotator.domain.jobs import StoredVideo
from videoannotator.domain.keys import Principal

router = APIRouter(prefix="/api/v1/videos", tags=["videos"])
Given = Annotated[Services, Depends(services)]
OPENAPI = form_body({"video": FILE})


@router.post("", status_code=201, openapi_extra=OPENAPI, responses=answers(VideoView, 201))
async def store(request: Request, caller: JobsWriter, given: Given) -> dict[str, Any]:
    """Store a video without running anything on it."""
    form = await receive_form(request, given.blobs)
    if form.sha256 is None:
        raise VideoMissing("The form has no file named 'video'", field="video")
    return video_view(
        await asyncio.to_thread(given.videos.add_blob, caller.owner, form.filename, form.sha256)
    )


@router.get("", responses=answers(VideoList))
def list_videos(
    caller: JobsReader,
    given: Given,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Your stored videos, newest first."""
    found = given.videos.list(_owner(caller), offset=(page - 1) * per_page, limit=per_page)
    return {"videos": [video_view(one) for one in found], "page": page, "per_page": per_page}


@router.get("/{video_id}", responses=answers(VideoView))
def get(video_id: str, caller: JobsReader, given: Given) -> dict[str, Any]:
    """What is known of a video."""
    return video_view(given.videos.get(video_id, _owner(caller)))


@router.get("/{video_id}/content", response_class=Response, responses=ANY_FILE)
def content(video_id: str, request: Request, caller: ArtifactsReader, given: Given) -> Response:
    """The bytes as they were sent; ranges and ETags are understood."""
    video = given.videos.get(video_id, _owner(caller))
    return file_answer(
        request,
        given.videos.path(video),
        sha256=video.media.id,
        filename=video.filename,
        media_type="application/octet-stream",
    )


@router.delete("/{video_id}", status_code=204)
def delete(video_id: str, caller: JobsWriter, given: Given) -> Response:
    """Forget a video that no job refers to."""
    given.videos.delete(video_id, _owner(caller))
    return Response(status_code=204)


def video_view(video: StoredVideo) -> dict[str, Any]:
    """A video as clients see it, without where it lies."""
    media = video.media.model_dump(mode="json", exclude={"path", "name", "id"})
    return {
        "id": video.id,
        "filename": video.filename,
        "sha256": video.media.id,
        "created_at": iso(video.created_at),
        **media,
    }


def _owner(caller: Principal) -> str | None:
    return None if caller.sees_all else caller.owner
