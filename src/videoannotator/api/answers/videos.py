"""Stored videos and resumable uploads."""

from typing import Any

from pydantic import Field, create_model

from videoannotator.api.answers.record import Answer, without
from videoannotator.domain.jobs import StoredVideo
from videoannotator.domain.media import Video


class UploadView(Answer):
    """A resumable upload; what became of it is known once it is complete."""

    id: str
    filename: str
    offset: int = Field(description="Bytes that have come.")
    size_bytes: int | None
    complete: bool
    video_id: str | None = None
    job_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


_VideoBase: Any = create_model(
    "_VideoBase",
    __base__=Answer,
    **without(Video, "id", "path", "name"),
    **without(StoredVideo, "owner", "blob_sha256", "media"),
)


class VideoView(_VideoBase):
    """A stored video and what examining it has found."""

    sha256: str


class VideoList(Answer):
    """One page of stored videos."""

    videos: tuple[VideoView, ...]
    page: int
    per_page: int
