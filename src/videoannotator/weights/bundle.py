"""Weights on their way to a machine without network: one ZIP of files, hashes and licences.

Layout::

    bundle.json       the models: their declaration, and SHA-256 and size of each file as it was fetched
    LICENCES.md       under which licence each of them comes, and where it says so
    blobs/<sha256>    content
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from videoannotator.domain.errors import WeightsError
from videoannotator.domain.media import Record
from videoannotator.files import atomic
from videoannotator.weights.library import Library
from videoannotator.weights.manifest import Model, ModelFile

_INDEX = "bundle.json"
_BLOCK_BYTES = 1 << 20
_VERSION = 1


class _Packed(Record):
    name: str  # as the library is asked for it
    model: Model


class _Bundle(Record):
    format_version: int
    models: tuple[_Packed, ...]


def pack(library: Library, names: Iterable[str], target: Path) -> None:
    """Write the bundle of these models, which have to be here; raises like ``Library.path``."""
    blobs: dict[str, Path] = {}
    models = {name: library.model(name) for name in names}
    for name in models:
        blobs |= {file.sha256: path for file, path in library.fetched(name)}
    packed = [{"name": name, "model": _declared(model)} for name, model in models.items()]
    index = {"format_version": _VERSION, "models": packed}
    # Weights do not compress.
    with atomic.replacing(target) as partial, zipfile.ZipFile(partial, "w") as archive:
        archive.writestr(_INDEX, json.dumps(index, indent=1))
        archive.writestr("LICENCES.md", _licences(models.values()))
        for sha256, path in blobs.items():
            archive.write(path, f"blobs/{sha256}")


def unpack(library: Library, source: Path) -> tuple[str, ...]:
    """Bring every model of a bundle; returns their names.

    Raises WeightsError for another kind of file, and like ``Library.take``.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            bundle = _Bundle.model_validate_json(archive.read(_INDEX))
            for packed in bundle.models:
                library.take(
                    packed.name, packed.model.files, lambda file, offset: _read(archive, file, offset)
                )
    except (zipfile.BadZipFile, KeyError, ValidationError, OSError) as error:
        raise WeightsError(
            f"{source} is no bundle of weights: {error}",
            hint="Make one with: videoannotator weights pull --bundle FILE",
        ) from error
    return tuple(packed.name for packed in bundle.models)


def _declared(model: Model) -> dict[str, object]:
    """The declaration without its snapshot: whoever unpacks has a manifest, and needs the files."""
    return model.model_dump(mode="json", by_alias=True, exclude={"snapshot"}, exclude_none=True)


def _read(archive: zipfile.ZipFile, file: ModelFile, offset: int) -> Iterator[bytes]:
    with archive.open(f"blobs/{file.sha256}") as blob:
        blob.seek(offset)
        while block := blob.read(_BLOCK_BYTES):
            yield block


def _licences(models: Iterable[Model]) -> str:
    lines = ["| Model | Licence | Where it says so | Page | Paper |", "|---|---|---|---|---|"]
    lines += [
        f"| {m.name} | {m.licence} ({m.licence_kind}) | {m.licence_source} | {m.homepage or ''} "
        f"| {m.paper or ''} |"
        for m in models
    ]
    return "\n".join(lines) + "\n"
