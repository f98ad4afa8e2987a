"""The models of all pipelines on this machine: which are here, may be used, and how to get the others."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import platformdirs

from videoannotator.domain.catalogue import ModelInfo, ModelState
from videoannotator.domain.errors import (
    LicenceNotAllowed,
    UnknownName,
    WeightsCorrupt,
    WeightsMissing,
)
from videoannotator.domain.media import Record
from videoannotator.domain.plan import ModelRecord
from videoannotator.weights import hub
from videoannotator.weights.cache import Cache, Presence
from videoannotator.weights.fetch import read_file
from videoannotator.weights.manifest import LicenceKind, Model, ModelFile, load_manifests
from videoannotator.weights.pins import Pins, files_below
from videoannotator.weights.stock import OnProgress, ReadFile, Stock, missing_offline, pull_command

# Which kinds of licence each mode lets run; "custom" licences have terms that the operator has to read.
_ALLOWED: dict[str, tuple[LicenceKind, ...]] = {
    "permissive": ("permissive",),
    "research": ("permissive", "research"),
    "custom": ("permissive", "research", "custom"),
}


def default_cache_dir() -> Path:
    """Where weights are kept unless the settings say otherwise; shared by all projects of the user."""
    return platformdirs.user_cache_path("videoannotator") / "weights"


class ModelStatus(Record):
    """Whether a model can be used; ``reason`` and ``hint`` say why not and what to do, None when ready."""

    state: ModelState
    reason: str | None = None
    hint: str | None = None


class FileCheck(Record):
    """What hashing one file found."""

    model: str
    file: str
    result: Literal["ok", "missing", "corrupt"]


_RESULTS: dict[Presence, Literal["ok", "missing", "corrupt"]] = {
    Presence.INTACT: "ok",
    Presence.ABSENT: "missing",
    Presence.CORRUPT: "corrupt",
}


class Library:
    """All models that the manifests declare, and the cache that holds their files."""

    def __init__(
        self,
        manifests: Sequence[Path],
        cache_dir: Path,
        licence_mode: LicenceKind = "permissive",
        offline: bool = False,
        hub_token: str | None = None,
    ) -> None:
        self._models = load_manifests(manifests)
        self._cache = Cache(cache_dir)
        self._pins = Pins(cache_dir / "pins")
        self._stock = Stock(self._cache, self._pins, offline, hub_token)
        self._licence_mode = licence_mode
        self._has_token = hub_token is not None
        self.offline = offline

    @property
    def models(self) -> tuple[Model, ...]:
        """Every declared model, in the manifests' order."""
        return tuple(self._pins.applied(model) for model in self._models.values())

    def knows(self, name: str) -> bool:
        """Whether ``model`` has an answer."""
        return self._find(name) is not None

    def model(self, name: str) -> Model:
        """The model of this name, or the hub's repository ``owner/name[@revision]``; raises UnknownName."""
        if found := self._find(name):
            return self._pins.applied(found)
        near = difflib.get_close_matches(name, self._models, n=3)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownName(
            f"No model is called {name!r}{meant}", hint="List them with: videoannotator weights list"
        )

    def _find(self, name: str) -> Model | None:
        return self._models.get(name) or hub.model_of(name)

    def path(self, name: str) -> Path:
        """The model's file, or the folder of its files, hashed and right.

        Raises UnknownName, LicenceNotAllowed, WeightsMissing or WeightsCorrupt.
        """
        model = self._allowed(name)
        blobs = [(file.name, self._intact(model, file)) for file in self._files(model)]
        paths = [self._cache.link(model.name, file, sha256) for file, sha256 in blobs]
        return paths[0] if len(paths) == 1 and model.snapshot is None else self._cache.folder(model.name)

    def state(self, name: str) -> ModelState:
        """Whether the model can be used; see ``status`` for the reason."""
        return self.status(name).state

    def status(self, name: str) -> ModelStatus:
        """Whether the model can be used, why not, and what to do about it; raises UnknownName."""
        try:
            model = self._allowed(name)
        except LicenceNotAllowed as refused:
            return ModelStatus(state=ModelState.NOT_ALLOWED, reason=str(refused), hint=refused.hint)
        found = {self._stock.presence(file) for file in model.files}
        if found == {Presence.INTACT}:
            return ModelStatus(state=ModelState.READY)
        if Presence.CORRUPT in found:
            reason = "A file did not match its hash and was set aside."
            return ModelStatus(state=ModelState.FAILED, reason=reason, hint=pull_command(name))
        if model.gated and not self._has_token:
            where = f" at {model.homepage}" if model.homepage else ""
            reason = f"Its licence ({model.licence}) has to be accepted{where}, with an account."
            hint = f"Then set VIDEOANNOTATOR_HUB_TOKEN to a key of that account, and: {pull_command(name)}"
            return ModelStatus(state=ModelState.GATED, reason=reason, hint=hint)
        if self.offline:
            missing = missing_offline(name)
            return ModelStatus(state=ModelState.DOWNLOADABLE, reason=f"{missing}.", hint=missing.hint)
        reason = f"Not on this machine yet ({model.size_bytes / 1e6:.1f} MB, {model.licence})."
        return ModelStatus(state=ModelState.DOWNLOADABLE, reason=reason, hint=pull_command(name))

    def info(self, name: str) -> ModelInfo:
        """What people and programs are told of a model; raises UnknownName."""
        model = self.model(name)
        return ModelInfo(
            name=name,
            size_bytes=model.size_bytes,
            licence=model.licence,
            licence_kind=model.licence_kind,
            gated=model.gated,
            source=model.source,
            homepage=model.homepage,
            **self.status(name).model_dump(),
        )

    def pull(self, names: Iterable[str], on_progress: OnProgress = lambda name, done, total: None) -> None:
        """Fetch what is missing of these models; what was got before an interruption is kept.

        Raises UnknownName, LicenceNotAllowed, WeightsMissing (offline), WeightsCorrupt or WeightsError.
        """
        models = [self._allowed(name) for name in dict.fromkeys(names)]
        if not all(self._stock.complete(model) for model in models):
            allowed = (m for m in self.models if m.licence_kind in _ALLOWED[self._licence_mode])
            self._stock.pull(models, allowed, on_progress)

    def take(self, name: str, files: tuple[ModelFile, ...], read: ReadFile) -> None:
        """Bring a model from elsewhere: ``read`` gives each file's bytes, which have to match its hash.

        Raises UnknownName, LicenceNotAllowed, WeightsCorrupt or WeightsError; a model that a manifest
        declares with its files keeps to those, whatever ``files`` says.
        """
        model = self._allowed(name)
        if model.snapshot is not None:
            model.snapshot.check(files)
            model = model.model_copy(update={"files": files})
        self._stock.take(model, read)

    def take_folder(self, name: str, folder: Path) -> None:
        """Bring a model from a folder of the operator's, under its files' own names; raises like ``take``."""
        snapshot = self._allowed(name).snapshot
        files = files_below(folder, snapshot) if snapshot else ()
        self.take(name, files, lambda file, offset: read_file(folder / file.name, offset))

    def fetched(self, name: str) -> tuple[tuple[ModelFile, Path], ...]:
        """Each file of a model as it was fetched, before any conversion; raises like ``path``."""
        self.path(name)
        return tuple((file, self._cache.blob(file.sha256)) for file in self.model(name).files)

    def verify(self, names: Iterable[str]) -> tuple[FileCheck, ...]:
        """Hash every file of these models again; damaged ones are set aside and never used.

        Raises UnknownName.
        """
        return tuple(
            FileCheck(model=name, file=file.name, result=_RESULTS[self._stock.presence(file, rehash=True)])
            for name in names
            for file in self.model(name).files
        )

    def record(self, name: str) -> ModelRecord:
        """What a result says of the weights that made it; raises like ``path``."""
        model = self._allowed(name)
        made = [
            f"{file.name} by {file.convert} from SHA-256 {file.sha256}"
            for file in model.files
            if file.convert
        ]
        return ModelRecord(
            name=name,
            files={file.name: self._intact(model, file) for file in self._files(model)},
            licence=model.licence,
            source="; ".join([model.source, *made]),
        )

    def _allowed(self, name: str) -> Model:
        model = self.model(name)
        if model.licence_kind not in _ALLOWED[self._licence_mode]:
            reason = (
                f"{name} has a licence ({model.licence}) that is not allowed in mode {self._licence_mode!r}"
            )
            hint = f'An operator may allow it with the setting licence_mode = "{model.licence_kind}".'
            raise LicenceNotAllowed(reason, hint=hint)
        return model

    def _files(self, model: Model) -> tuple[ModelFile, ...]:
        """The files, where it is known which; raises WeightsMissing."""
        if not model.files:
            raise WeightsMissing(f"{model.name} is not on this machine", hint=pull_command(model.name))
        return model.files

    def _intact(self, model: Model, file: ModelFile) -> str:
        sha256 = self._stock.made(file)
        presence = self._stock.presence(file)
        if presence is Presence.CORRUPT:
            reason = f"{file.name} of {model.name} does not match its hash and was set aside"
            raise WeightsCorrupt(reason, hint=pull_command(model.name))
        if sha256 is None or presence is Presence.ABSENT:
            raise WeightsMissing(f"{model.name} is not on this machine", hint=pull_command(model.name))
        return sha256
