"""Stored videos: one row per owner and file name, sharing one row per content."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import blobs, jobs, videos
from videoannotator.domain.errors import VideoNotFound
from videoannotator.domain.jobs import StoredVideo
from videoannotator.domain.media import Video

IN_PLACE = "file-"  # how the keys of files begin that are used where they lie; others are SHA-256
_JOINED = sa.select(videos, blobs.c.media, blobs.c.path, blobs.c.stamp).join(
    blobs, videos.c.blob_sha256 == blobs.c.sha256
)


def add(connection: sa.Connection, video: StoredVideo) -> StoredVideo:
    """Remember a video; the same owner's same file under the same name gives the row that is there."""
    media = video.media.model_dump(mode="json")
    if not connection.scalar(sa.select(blobs.c.sha256).where(blobs.c.sha256 == video.blob_sha256)):
        connection.execute(
            sa.insert(blobs).values(
                sha256=video.blob_sha256,
                size_bytes=video.media.size_bytes,
                media=media,
                path=str(video.media.path),
                stamp=video.stamp.model_dump() if video.stamp else None,
                created_at=video.created_at,
            )
        )
    same = _JOINED.where(
        videos.c.owner == video.owner,
        videos.c.blob_sha256 == video.blob_sha256,
        videos.c.filename == video.filename,
    )
    if row := connection.execute(same).mappings().one_or_none():
        return _video(row)
    connection.execute(
        sa.insert(videos).values(
            video.model_dump(include={"id", "owner", "filename", "blob_sha256", "created_at"})
        )
    )
    return video


def get(connection: sa.Connection, video_id: str, owner: str | None) -> StoredVideo:
    """One video; raises VideoNotFound, also for somebody else's."""
    query = _JOINED.where(videos.c.id == video_id)
    if owner is not None:
        query = query.where(videos.c.owner == owner)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise VideoNotFound(
            f"No video has the id {video_id}", hint="List the stored videos, or send it again."
        )
    return _video(row)


def find(connection: sa.Connection, owner: str | None, *, offset: int, limit: int) -> tuple[StoredVideo, ...]:
    """An owner's videos, newest first."""
    query = _JOINED.order_by(videos.c.created_at.desc(), videos.c.id).offset(offset).limit(limit)
    if owner is not None:
        query = query.where(videos.c.owner == owner)
    return tuple(_video(row) for row in connection.execute(query).mappings())


def is_used(connection: sa.Connection, video_id: str) -> bool:
    """Whether any job refers to the video."""
    return bool(connection.scalar(sa.select(sa.exists().where(jobs.c.video_id == video_id))))


def has_blob(connection: sa.Connection, sha256: str) -> bool:
    """Whether any video has this content."""
    return bool(connection.scalar(sa.select(sa.exists().where(blobs.c.sha256 == sha256))))


def media_of(connection: sa.Connection, key: str) -> Video | None:
    """What is known of a content, whoever has it."""
    row = connection.execute(sa.select(blobs).where(blobs.c.sha256 == key)).mappings().one_or_none()
    return None if row is None else Video.model_validate({**row["media"], "path": row["path"]})


def relocate(connection: sa.Connection, path_of: Callable[[str], Path]) -> int:
    """Correct where stored bytes lie, after their folder has moved; returns how many were elsewhere."""
    stored = sa.select(blobs.c.sha256, blobs.c.path).where(~blobs.c.sha256.startswith(IN_PLACE))
    moved = [sha256 for sha256, path in connection.execute(stored) if path != str(path_of(sha256))]
    for sha256 in moved:
        change = sa.update(blobs).where(blobs.c.sha256 == sha256)
        connection.execute(change.values(path=str(path_of(sha256))))
    return len(moved)


def remove(connection: sa.Connection, video_id: str) -> str | None:
    """Forget a video; returns the hash of its content when nobody else has it, so that the file may go."""
    sha256: str = connection.execute(
        sa.delete(videos).where(videos.c.id == video_id).returning(videos.c.blob_sha256)
    ).scalar_one()
    if connection.scalar(sa.select(sa.exists().where(videos.c.blob_sha256 == sha256))):
        return None
    connection.execute(sa.delete(blobs).where(blobs.c.sha256 == sha256))
    return sha256


def _video(row: Any) -> StoredVideo:
    media = {**row["media"], "path": row["path"], "name": row["filename"]}
    return StoredVideo(
        id=row["id"],
        owner=row["owner"],
        filename=row["filename"],
        blob_sha256=row["blob_sha256"],
        media=media,
        stamp=row["stamp"],
        created_at=row["created_at"],
    )
