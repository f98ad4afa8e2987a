"""Stored videos: bytes that somebody sent, examined and remembered."""

import contextlib
import hashlib
import os
import unicodedata
import uuid
from pathlib import Path
from typing import Protocol

from videoannotator.db import audit
from videoannotator.db import videos as rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import Conflict, MediaError
from videoannotator.domain.jobs import StoredVideo
from videoannotator.domain.media import Video
from videoannotator.domain.places import FileStamp
from videoannotator.files.blobs import BlobStore
from videoannotator.files.roots import Roots

MAX_NAME_BYTES = 255


class Probe(Protocol):
    """Examines a file; one whose SHA-256 is known is not hashed again. ``name`` is what a person calls it."""

    def __call__(self, path: Path, sha256: str | None = None, name: str | None = None) -> Video: ...


class Videos:
    """The videos of one server. ``probe`` examines a file in a guarded process."""

    def __init__(
        self, database: Database, blobs: BlobStore, probe: Probe, roots: Roots, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._probe = probe
        self._roots = roots
        self._clock = clock

    def add_blob(self, owner: str, filename: str, sha256: str) -> StoredVideo:
        """Remember bytes that lie in the store; raises MediaError (and drops them) for what is no video."""
        with self._database.read() as connection:
            media = rows.media_of(connection, sha256)
        try:
            media = media or self._probe(self._blobs.path(sha256), sha256, display_name(filename))
        except MediaError:
            self.drop(sha256)
            raise
        return self._remember(owner, filename, media, sha256)

    def add_in_place(self, owner: str, stamp: FileStamp) -> StoredVideo:
        """Remember a file below a root without copying it; one that is known already is not read again.

        Raises MediaError, and PlaceChanged when somebody replaces it meanwhile.
        """
        key = rows.IN_PLACE + hashlib.sha256(stamp.model_dump_json().encode()).hexdigest()
        with self._database.read() as connection:
            media = rows.media_of(connection, key)
        path = self._roots.path(stamp.root, stamp.path)
        if media is None:
            media = self._probe(path)
            os.close(self._roots.open_unchanged(stamp))
        return self._remember(owner, path.name, media, key, stamp)

    def path(self, video: StoredVideo) -> Path:
        """Where the bytes can be read; raises PlaceChanged for a file that is no longer what it was."""
        if video.stamp is not None:
            os.close(self._roots.open_unchanged(video.stamp))
        return video.media.path

    def get(self, video_id: str, owner: str | None) -> StoredVideo:
        """One video; raises VideoNotFound, also for somebody else's."""
        with self._database.read() as connection:
            return rows.get(connection, video_id, owner)

    def list(self, owner: str | None, *, offset: int, limit: int) -> tuple[StoredVideo, ...]:
        """An owner's videos (everybody's for None), newest first."""
        with self._database.read() as connection:
            return rows.find(connection, owner, offset=offset, limit=limit)

    def delete(self, video_id: str, owner: str | None) -> None:
        """Forget a video that no job refers to; raises VideoNotFound or Conflict."""
        with self._database.write() as connection:
            video = rows.get(connection, video_id, owner)
            if rows.is_used(connection, video.id):
                raise Conflict(f"Jobs refer to the video {video.filename}", hint="Delete those jobs first.")
            unused = rows.remove(connection, video.id)
            audit.append(connection, "video.delete", video.id, self._clock(), name=video.filename)
        if unused is not None:
            self._blobs.remove(unused)

    def drop(self, sha256: str) -> None:
        """Delete bytes of the store unless they are somebody's video."""
        with self._database.read() as connection:
            if rows.has_blob(connection, sha256):
                return
        with contextlib.suppress(OSError):
            self._blobs.remove(sha256)

    def tidy(self) -> None:
        """Delete what interrupted uploads left, and find the bytes again in a data directory that has moved.

        Call before the first upload and before workers start.
        """
        with self._database.write() as connection:
            rows.relocate(connection, self._blobs.path)
        self._blobs.tidy()
        for sha256 in self._blobs.names():
            self.drop(sha256)

    def _remember(
        self, owner: str, filename: str, media: Video, key: str, stamp: FileStamp | None = None
    ) -> StoredVideo:
        name = display_name(filename)
        video = StoredVideo(
            id=str(uuid.uuid4()),
            owner=owner,
            filename=name,
            blob_sha256=key,
            media=media.model_copy(update={"name": name}),
            created_at=self._clock(),
            stamp=stamp,
        )
        with self._database.write() as connection:
            return rows.add(connection, video)


def display_name(filename: str) -> str:
    """A name that can be shown and put in a ZIP: the last part, NFC, no control or direction characters.

    It is never used as a path on this machine.
    """
    last = unicodedata.normalize("NFC", filename.replace("\\", "/")).rsplit("/", 1)[-1]
    # Cc control, Cf format (among them the right-to-left override), Cs lone surrogates.
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip(". ")
    while len(shown.encode()) > MAX_NAME_BYTES:
        stem, dot, suffix = shown.rpartition(".")
        shown = f"{stem[:-1]}{dot}{suffix}" if stem else shown[:-1]
    return shown or "video"
