"""Which files a snapshot turned out to have: kept at the first pull or import, and held to ever after."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from videoannotator.domain.errors import WeightsError
from videoannotator.domain.media import Record
from videoannotator.files import atomic
from videoannotator.weights.manifest import ImportedFile, Model, ModelFile, Snapshot


class Pin(Record):
    """The files of one snapshot, as the revision was asked for when they were found."""

    revision: str
    files: tuple[ModelFile, ...]


class Pins:
    """Pins by model, one file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def applied(self, model: Model) -> Model:
        """The model with its pinned files; itself where none are pinned for the revision asked for."""
        pin = self.get(model)
        return model if pin is None else model.model_copy(update={"files": pin.files})

    def get(self, model: Model) -> Pin | None:
        """What is pinned for the revision that is asked for now."""
        if model.snapshot is None:
            return None
        try:
            pin = Pin.model_validate_json(self._path(model).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return pin if pin.revision == model.snapshot.revision else None

    def put(self, model: Model, files: tuple[ModelFile, ...]) -> None:
        """Hold a snapshot to these files from now on."""
        if model.snapshot is not None:
            pin = Pin(revision=model.snapshot.revision, files=files)
            atomic.write_text(self._path(model), pin.model_dump_json(indent=1, exclude_none=True))

    def _path(self, model: Model) -> Path:
        return self._folder / f"{model.name}.json"


def files_below(folder: Path, snapshot: Snapshot) -> tuple[ModelFile, ...]:
    """A snapshot's files in a folder of the operator's, hashed; raises WeightsError where one is missing."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in found}
    try:
        files = tuple(_described(name, path) for name, path in names.items() if snapshot.wants(name))
    except ValidationError as error:
        raise WeightsError(f"{folder}: {error}", hint="Rename the file.") from error
    snapshot.check(files)
    return files


def _described(name: str, path: Path) -> ModelFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    part = ImportedFile(imported_as=name)
    return ModelFile(name=name, sha256=sha256, size_bytes=path.stat().st_size, parts=(part,))
