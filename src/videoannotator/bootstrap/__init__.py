"""The one place where concrete things are joined: settings, registry, weights, stores."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.plan import ExportOptions, Run, RunRequest
from videoannotator.domain.report import Log
from videoannotator.domain.store import Store
from videoannotator.engine.progress import Emit
from videoannotator.files.store import FileStore
from videoannotator.plugin.registry import Registry, load_registry
from videoannotator.settings import Settings, read_settings
from videoannotator.weights.library import Library


def open_settings(file: Path | None = None, **flags: Any) -> Settings:
    """The settings of this installation; raises InvalidConfigFile or InvalidParameter."""
    return read_settings(file, **flags)


def open_registry() -> Registry:
    """Every installed pipeline; a broken plugin is listed as such and stops nothing."""
    return load_registry()


def open_library(registry: Registry, settings: Settings | RunRequest | None = None) -> Library:
    """The weights of every installed pipeline, kept and allowed as the settings (or a run's request) say."""
    settings = settings or open_settings()
    # A request is a file that others may read: keys stay in the settings and the environment.
    key = (settings if isinstance(settings, Settings) else open_settings()).hub_token
    return Library(
        registry.manifests,
        settings.weights_dir,
        settings.licence_mode,
        settings.offline,
        key.get_secret_value() if key else None,
    )


def open_ledger_store(run_dir: Path) -> Store:
    """Where the checkpoints of a run are kept."""
    return FileStore(run_dir / "ledger")


def make_request(run: Run, settings: Settings, export: ExportOptions) -> RunRequest:
    """Everything that the child processes of a run need to know."""
    return RunRequest(
        run=run,
        export=export,
        device=settings.device,
        n_threads=settings.n_threads,
        weights_dir=settings.weights_dir,
        licence_mode=settings.licence_mode,
        offline=settings.offline,
    )


def fetching(library: Library, emit: Emit) -> Callable[[str], Path]:
    """Gives the verified file (or folder) of a model, fetched first where it is missing, which is told."""

    def path(name: str) -> Path:
        if library.state(name) is not ModelState.READY:
            size_mb = library.model(name).size_bytes / 1e6
            emit(Log(message=f"Fetching the weights of {name} ({size_mb:.0f} MB)"))
            library.pull([name])
        return library.path(name)

    return path
