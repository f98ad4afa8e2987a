"""The Hugging Face hub: what a repository holds at a revision, and its files.

A commit of the hub is a git commit: a large file's SHA-256 stands in it, a small one's git blob hash (SHA-1
of a header and the content). Both come with the listing, so that every file is checked against its commit
even where a manifest knows no hash. Source: the hub's API, ``GET /api/models/REPOSITORY/revision/REVISION``.
"""

import hashlib
import re
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

from videoannotator.domain.errors import WeightsError
from videoannotator.weights import web
from videoannotator.weights.manifest import HubFile, Model, ModelFile, Snapshot

_REFERENCE = re.compile(r"(?P<hub>[\w.-]+/[\w.-]+)(@(?P<revision>[\w.-]+))?")
_SMALL_BYTES = 64 << 20  # what the hub keeps in git itself is far smaller


class _LargeFile(BaseModel):
    sha256: str


class _Entry(BaseModel):
    rfilename: str
    size: int = 0
    blobId: str = ""  # noqa: N815  (the hub's spelling)
    lfs: _LargeFile | None = None


class _Listing(BaseModel):
    sha: str
    siblings: tuple[_Entry, ...]


def model_of(reference: str) -> Model | None:
    """A model named by ``owner/repository[@revision]``; None for another kind of name.

    Nobody has read its licence for this program, which is why it counts as ``custom``.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    hub, revision = match["hub"], match["revision"] or "main"
    return Model(
        name=f"{hub}-{revision}".replace("/", "--"),
        display_name=reference,
        description="A repository of the Hugging Face hub, named by the user.",
        licence="unknown",
        licence_kind="custom",
        licence_source="the repository's page",
        homepage=f"https://huggingface.co/{hub}",
        snapshot=Snapshot(hub=hub, revision=revision, files=("*",), size_bytes=1),
    )


def list_files(snapshot: Snapshot, token: str | None) -> tuple[ModelFile, ...]:
    """The files of a snapshot, each with its SHA-256 and its commit; small ones are read to hash them.

    Raises WeightsError where the hub refuses, lacks a file, or sends bytes that are not the commit's.
    """
    from huggingface_hub import constants

    address = f"{constants.ENDPOINT}/api/models/{snapshot.hub}/revision/{snapshot.revision}?blobs=true"
    try:
        listing = _Listing.model_validate(web.read_json(address, _headers(token), _hint(snapshot.hub)))
    except ValidationError as error:
        raise WeightsError(f"{address} does not answer like the hub: {error}") from error
    entries = [entry for entry in listing.siblings if snapshot.wants(entry.rfilename)]
    files = tuple(_described(entry, snapshot, listing.sha, token) for entry in entries if entry.size)
    snapshot.check(files)
    return files


def read_file(part: HubFile, offset: int, token: str | None) -> Iterator[bytes]:
    """The bytes of a file from ``offset`` on; raises WeightsError."""
    from huggingface_hub import constants, hf_hub_url

    address = hf_hub_url(part.hub, part.file, revision=part.revision, endpoint=constants.ENDPOINT)
    return web.read(address, _headers(token), offset, _hint(part.hub))


def _described(entry: _Entry, snapshot: Snapshot, commit: str, token: str | None) -> ModelFile:
    part = HubFile(hub=snapshot.hub, revision=commit, file=entry.rfilename)
    sha256 = entry.lfs.sha256 if entry.lfs else _hash_small(part, entry, token)
    return ModelFile(name=entry.rfilename, sha256=sha256, size_bytes=entry.size, parts=(part,))


def _hash_small(part: HubFile, entry: _Entry, token: str | None) -> str:
    if entry.size > _SMALL_BYTES:
        raise WeightsError(f"{part.file} of {part} is too large for a file without a SHA-256")
    content = b"".join(read_file(part, 0, token))
    # git hash-object; SHA-1 is what the hub has.
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    if blob != entry.blobId:
        raise WeightsError(f"{part.file} of {part} is not what its commit says", hint="Try again.")
    return hashlib.sha256(content).hexdigest()


def _headers(token: str | None) -> dict[str, str]:
    from huggingface_hub import get_token

    token = token or get_token()
    return {"Authorization": f"Bearer {token}"} if token else {}


def _hint(hub: str) -> str:
    return (
        f"Accept the licence at https://huggingface.co/{hub} where it asks for that, set "
        "VIDEOANNOTATOR_HUB_TOKEN (or HF_TOKEN) to a key of the account, check the network, and try again."
    )
