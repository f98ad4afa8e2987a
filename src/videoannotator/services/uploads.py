"""Complete uploads become stored videos, and jobs where asked for: once, however often it is tried."""

import secrets
import uuid
from hashlib import sha256
from pathlib import Path
from typing import Any

from videoannotator.domain.errors import NotHere, VideoAnnotatorError
from videoannotator.files.blobs import BlobStore
from videoannotator.services.submissions import Submissions, Wish, parse_json
from videoannotator.services.videos import Videos

_OWNER_LENGTH = 16


class Uploads:
    """Takes in what resumable uploads have brought."""

    def __init__(self, blobs: BlobStore, videos: Videos, submissions: Submissions) -> None:
        self._blobs = blobs
        self._videos = videos
        self._submissions = submissions

    def expect(self, size_bytes: int | None) -> None:
        """Raise PayloadTooLarge or StorageFull before the first byte."""
        self._blobs.expect(size_bytes)

    def check(self, owner: str, metadata: dict[str, str]) -> None:
        """Raise what is wrong with the job that is wished, before the first byte."""
        wish = _wish(metadata)
        if wish is not None:
            self._submissions.check(owner, wish)

    def take(self, owner: str, uid: str, path: Path, metadata: dict[str, str]) -> dict[str, Any]:
        """Store a complete upload and submit its job; returns what to remember, errors included."""
        result: dict[str, Any] = {"video_id": None, "job_id": None}
        try:
            digest = self._blobs.adopt(path)
            video = self._videos.add_blob(owner, metadata.get("filename", "video"), digest)
            result["video_id"] = video.id
            wish = _wish(metadata)
            if wish is not None:
                # The same upload always gives the same job, should the server die before it is remembered.
                job_id = str(uuid.uuid5(uuid.NAMESPACE_OID, uid))
                result["job_id"] = self._submissions.submit(owner, video, wish, id=job_id).id
        except VideoAnnotatorError as error:
            result |= {"error_code": error.code, "error_message": str(error), "hint": error.hint}
        return result


def new_id(owner: str) -> str:
    """An id that nobody can guess and that tells whose it is."""
    return secrets.token_hex(16) + _mark(owner)


def check_owner(uid: str, owner: str) -> None:
    """Raise NotHere for somebody else's upload, and for what is no id."""
    if len(uid) != 32 + _OWNER_LENGTH or not uid.isalnum() or not uid.endswith(_mark(owner)):
        raise NotHere(f"There is no upload {uid[:60]!a}", hint="Begin a new one with POST /api/v1/uploads.")


def _mark(owner: str) -> str:
    return sha256(owner.encode()).hexdigest()[:_OWNER_LENGTH]


def _wish(metadata: dict[str, str]) -> Wish | None:
    """The job that the metadata asks for: JSON with the fields of a submission, ``{}`` for the defaults."""
    if "job" not in metadata:
        return None
    return Wish.of(parse_json(metadata["job"] or "{}", "job"), "job")
