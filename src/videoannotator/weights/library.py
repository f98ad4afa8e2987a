"""The models of all pipelines on this machine: which are here, may be used, and how to get the others."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import platformdirs

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import (
    LicenceNotAllowed,
    UnknownName,
    WeightsCorrupt,
    WeightsMissing,
)
from videoannotator.domain.media import Record
from videoannotator.domain.plan import ModelRecord
from videoannotator.files import atomic
from videoannotator.weights import convert, wheels
from videoannotator.weights.cache import Cache, Presence
from videoannotator.weights.fetch import Fetcher
from videoannotator.weights.manifest import (
    LicenceKind,
    LocalFile,
    Model,
    ModelFile,
    WheelMember,
    load_manifests,
)

# Which kinds of licence each mode lets run; "custom" licences have terms that the operator has to read.
_ALLOWED: dict[str, tuple[LicenceKind, ...]] = {
    "permissive": ("permissive",),
    "research": ("permissive", "research"),
    "custom": ("permissive", "research", "custom"),
}
OnProgress = Callable[[str, int, int], None]  # model, bytes got, bytes in all


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
    ) -> None:
        self._models = load_manifests(manifests)
        self._cache = Cache(cache_dir)
        self._licence_mode = licence_mode
        self._offline = offline

    @property
    def models(self) -> tuple[Model, ...]:
        """Every declared model, in the manifests' order."""
        return tuple(self._models.values())

    def model(self, name: str) -> Model:
        """The declaration of a model; raises UnknownName."""
        if name in self._models:
            return self._models[name]
        near = difflib.get_close_matches(name, self._models, n=3)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownName(
            f"No model is called {name!r}{meant}", hint="List them with: videoannotator weights list"
        )

    def path(self, name: str) -> Path:
        """The model's file, or the folder of its files, hashed and right.

        Raises UnknownName, LicenceNotAllowed, WeightsMissing or WeightsCorrupt.
        """
        model = self._allowed(name)
        blobs = [(file.name, self._intact(model, file)) for file in model.files]
        paths = [self._cache.link(model.name, file, sha256) for file, sha256 in blobs]
        return paths[0] if len(paths) == 1 else paths[0].parent

    def state(self, name: str) -> ModelState:
        """Whether the model can be used; see ``status`` for the reason."""
        return self.status(name).state

    def status(self, name: str) -> ModelStatus:
        """Whether the model can be used, why not, and what to do about it; raises UnknownName."""
        try:
            model = self._allowed(name)
        except LicenceNotAllowed as refused:
            return ModelStatus(state=ModelState.NOT_ALLOWED, reason=str(refused), hint=refused.hint)
        found = {self._presence(file) for file in model.files}
        if found == {Presence.INTACT}:
            return ModelStatus(state=ModelState.READY)
        if Presence.CORRUPT in found:
            reason = "A file did not match its hash and was set aside."
            return ModelStatus(state=ModelState.FAILED, reason=reason, hint=_pull_hint(name))
        if model.gated:
            where = f" at {model.homepage}" if model.homepage else ""
            reason = f"Its licence has to be accepted{where}, with an account."
            return ModelStatus(state=ModelState.GATED, reason=reason, hint=_pull_hint(name))
        reason = f"Not on this machine yet ({model.size_bytes / 1e6:.1f} MB, {model.licence})."
        return ModelStatus(state=ModelState.DOWNLOADABLE, reason=reason, hint=_pull_hint(name))

    def pull(self, names: Iterable[str], on_progress: OnProgress = lambda name, done, total: None) -> None:
        """Fetch what is missing of these models; what was got before an interruption is kept.

        Raises UnknownName, LicenceNotAllowed, WeightsMissing (offline), WeightsCorrupt or WeightsError.
        """
        models = [self._allowed(name) for name in dict.fromkeys(names)]
        if any(self.state(model.name) is not ModelState.READY for model in models):
            with self._cache.lock():
                atomic.remove_partials(self._cache.wheels)
                for model in models:
                    self._pull(model, on_progress)
                self._drop_wheels()

    def verify(self, names: Iterable[str]) -> tuple[FileCheck, ...]:
        """Hash every file of these models again; damaged ones are set aside and never used.

        Raises UnknownName.
        """
        return tuple(
            FileCheck(model=name, file=file.name, result=_RESULTS[self._presence(file, rehash=True)])
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
            files={file.name: self._intact(model, file) for file in model.files},
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

    def _made(self, file: ModelFile) -> str | None:
        """SHA-256 of the file as it is used: of what was fetched, or of what was made of that."""
        if file.convert is None:
            return file.sha256
        return self._cache.derived(file.sha256, convert.key(file.convert))

    def _presence(self, file: ModelFile, *, rehash: bool = False) -> Presence:
        sha256 = self._made(file)
        return Presence.ABSENT if sha256 is None else self._cache.presence(sha256, rehash=rehash)

    def _intact(self, model: Model, file: ModelFile) -> str:
        sha256 = self._made(file)
        presence = self._presence(file)
        if presence is Presence.CORRUPT:
            reason = f"{file.name} of {model.name} does not match its hash and was set aside"
            raise WeightsCorrupt(reason, hint=_pull_hint(model.name))
        if sha256 is None or presence is Presence.ABSENT:
            raise WeightsMissing(f"{model.name} is not on this machine", hint=_pull_hint(model.name))
        return sha256

    def _pull(self, model: Model, on_progress: OnProgress) -> None:
        before = 0
        for file in model.files:
            if self._presence(file) is not Presence.INTACT:
                self._fetch(model, file, partial(_add, on_progress, model, before))
                self._convert(file)
            before += file.size_bytes
            on_progress(model.name, before, model.size_bytes)

    def _fetch(self, model: Model, file: ModelFile, on_bytes: Callable[[int], None]) -> None:
        if self._cache.presence(file.sha256) is Presence.INTACT:
            return
        if self._offline and not all(isinstance(part, LocalFile) for part in file.parts):
            reason = f"{model.name} is not on this machine, and nothing is fetched offline"
            raise WeightsMissing(reason, hint=_pull_hint(model.name))
        fetcher = Fetcher(self._cache.wheels, file, on_bytes)
        self._cache.write(file.sha256, file.size_bytes, fetcher.read_from, f"{model.name}/{file.name}")

    def _convert(self, file: ModelFile) -> None:
        if file.convert is not None:
            made = self._cache.add(convert.run(file.convert, self._cache.blob(file.sha256)))
            self._cache.note_derived(file.sha256, convert.key(file.convert), made)

    def _drop_wheels(self) -> None:
        """Delete the packages from which no missing model needs a file any more."""
        missing = [model for model in self.models if self.state(model.name) is ModelState.DOWNLOADABLE]
        parts = [part for model in missing for file in model.files for part in file.parts]
        needed = {
            wheels.find_wheel(part, self._cache.wheels) for part in parts if isinstance(part, WheelMember)
        }
        for wheel in set(self._cache.wheels.glob("*.whl")) - needed:
            wheel.unlink(missing_ok=True)


def _add(on_progress: OnProgress, model: Model, before: int, n_bytes: int) -> None:
    on_progress(model.name, before + n_bytes, model.size_bytes)


def _pull_hint(name: str) -> str:
    return f"videoannotator weights pull {name}"
