"""Gets the files of models into the cache: fetched, brought by hand, converted."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from videoannotator.domain.errors import WeightsMissing
from videoannotator.files import atomic
from videoannotator.weights import convert, hub, wheels
from videoannotator.weights.cache import Cache, Presence
from videoannotator.weights.fetch import Fetcher
from videoannotator.weights.manifest import LocalFile, Model, ModelFile, WheelMember
from videoannotator.weights.pins import Pins

OnProgress = Callable[[str, int, int], None]  # model, bytes got, bytes in all
ReadFile = Callable[[ModelFile, int], Iterator[bytes]]  # a file's bytes from an offset on


class Stock:
    """Brings in what is missing; ``offline`` forbids everything but files of this machine."""

    def __init__(self, cache: Cache, pins: Pins, offline: bool, hub_token: str | None) -> None:
        self._cache, self._pins = cache, pins
        self._offline, self._hub_token = offline, hub_token

    def made(self, file: ModelFile) -> str | None:
        """SHA-256 of the file as it is used: of what was fetched, or of what was made of that."""
        if file.convert is None:
            return file.sha256
        return self._cache.derived(file.sha256, convert.key(file.convert))

    def presence(self, file: ModelFile, *, rehash: bool = False) -> Presence:
        """Whether the file as it is used is here and right."""
        sha256 = self.made(file)
        return Presence.ABSENT if sha256 is None else self._cache.presence(sha256, rehash=rehash)

    def complete(self, model: Model) -> bool:
        """Whether all files of a model are here and right."""
        return {self.presence(file) for file in model.files} == {Presence.INTACT}

    def pull(self, models: Iterable[Model], others: Iterable[Model], on_progress: OnProgress) -> None:
        """Fetch what is missing of the models; raises WeightsMissing (offline), or WeightsError.

        Packages that ``others``, also not here, need a file of are kept.
        """
        with self._cache.lock():
            atomic.remove_partials(self._cache.wheels)
            for model in models:
                self._pull(model, on_progress)
            self._drop_wheels(others)

    def take(self, model: Model, read: ReadFile) -> None:
        """Bring in a model's files from where ``read`` finds them; raises WeightsError."""
        with self._cache.lock():
            for file in model.files:
                if self._cache.presence(file.sha256) is not Presence.INTACT:
                    label = f"{model.name}/{file.name}"
                    self._cache.write(file.sha256, file.size_bytes, partial(read, file), label)
                self._convert(file)
            self._pins.put(model, model.files)

    def _pull(self, model: Model, on_progress: OnProgress) -> None:
        model = self._pinned(model)
        before = 0
        for file in model.files:
            if self.presence(file) is not Presence.INTACT:
                self._fetch(model, file, partial(_add, on_progress, model, before))
                self._convert(file)
            before += file.size_bytes
            on_progress(model.name, before, model.size_bytes)

    def _pinned(self, model: Model) -> Model:
        """The model with its files; those of a snapshot are asked for once."""
        if model.files or model.snapshot is None:
            return model
        if self._offline:
            raise missing_offline(model.name)
        files = hub.list_files(model.snapshot, self._hub_token)
        self._pins.put(model, files)
        return model.model_copy(update={"files": files})

    def _fetch(self, model: Model, file: ModelFile, on_bytes: Callable[[int], None]) -> None:
        if self._cache.presence(file.sha256) is Presence.INTACT:
            return
        if self._offline and not all(isinstance(part, LocalFile) for part in file.parts):
            raise missing_offline(model.name)
        fetcher = Fetcher(self._cache.wheels, file, on_bytes, self._hub_token)
        self._cache.write(file.sha256, file.size_bytes, fetcher.read_from, f"{model.name}/{file.name}")

    def _convert(self, file: ModelFile) -> None:
        if file.convert is not None:
            made = self._cache.add(convert.run(file.convert, self._cache.blob(file.sha256)))
            self._cache.note_derived(file.sha256, convert.key(file.convert), made)

    def _drop_wheels(self, others: Iterable[Model]) -> None:
        """Delete the packages from which no missing model needs a file any more."""
        missing = [model for model in others if not self.complete(model)]
        parts = [part for model in missing for file in model.files for part in file.parts]
        needed = {
            wheels.find_wheel(part, self._cache.wheels) for part in parts if isinstance(part, WheelMember)
        }
        for wheel in set(self._cache.wheels.glob("*.whl")) - needed:
            wheel.unlink(missing_ok=True)


def _add(on_progress: OnProgress, model: Model, before: int, n_bytes: int) -> None:
    on_progress(model.name, before + n_bytes, model.size_bytes)


def missing_offline(name: str) -> WeightsMissing:
    """Nothing is fetched here: how to bring it in otherwise."""
    return WeightsMissing(
        f"{name} is not on this machine, and nothing is fetched offline",
        hint=f"{pull_command(name)} --bundle FILE (on a machine with a network), then here: videoannotator "
        "weights pull --from FILE",
    )


def pull_command(name: str) -> str:
    """What fetches a model."""
    return f"videoannotator weights pull {name}"
