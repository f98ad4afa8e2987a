"""Fetches models at an administrator's wish, each in a process of its own: the server goes on answering."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from videoannotator.domain.catalogue import ModelInfo, ModelState
from videoannotator.domain.errors import LicenceNotAllowed, NotHere, WeightsGated
from videoannotator.domain.media import Record
from videoannotator.weights.library import Library
from videoannotator.weights.manifest import Model
from videoannotator.weights.stock import missing_offline, pull_command

PULLABLE = (ModelState.DOWNLOADABLE, ModelState.FAILED)


class Pull(Record):
    """How far a fetch is. ``error_message`` and ``hint`` say what went wrong and what to do."""

    state: Literal["running", "done", "failed"] = "running"
    done_bytes: int = 0
    total_bytes: int
    error_message: str | None = None
    hint: str | None = None


class ModelView(ModelInfo):
    """A model as the page shows it; ``pullable`` where it can be fetched here, ``pull`` once it was begun."""

    display_name: str
    pullable: bool
    pull: Pull | None = None


class Pulls:
    """The models of this server and the fetches that were begun since it started.

    ``command``, with the model's name behind it, fetches in a process: it prints one JSON object with fields
    of ``Pull`` a line. It finds the server's settings in ``variables``.
    """

    def __init__(self, library: Library, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self._library, self._command, self._variables = library, command, variables
        self._begun: dict[str, Pull] = {}
        self._lock = threading.Lock()

    def models(self) -> tuple[ModelView, ...]:
        """Every model that a manifest declares."""
        return tuple(self._view(model) for model in self._library.models)

    def model(self, name: str) -> ModelView:
        """One of them; raises NotHere."""
        for model in self._library.models:
            if model.name == name:
                return self._view(model)
        raise NotHere(f"No model is called {name!r}", hint="List them with GET /api/v1/models.")

    def _view(self, model: Model) -> ModelView:
        info = self._library.info(model.name)
        return ModelView(
            **info.model_dump(),
            display_name=model.display_name,
            pullable=info.state in PULLABLE and not self._library.offline,
            pull=self._begun.get(model.name),
        )

    def begin(self, name: str) -> ModelView:
        """Begin to fetch a model that is not here; a fetch that runs goes on.

        Raises NotHere, LicenceNotAllowed, WeightsGated or WeightsMissing (offline).
        """
        model = self.model(name)
        if model.state is ModelState.NOT_ALLOWED:
            raise LicenceNotAllowed(model.reason or name, hint=model.hint)
        if model.state is ModelState.GATED:
            raise WeightsGated(model.reason or name, hint=model.hint)
        if model.state in PULLABLE and self._library.offline:
            raise missing_offline(name)
        with self._lock:
            begun = self._begun.get(name)
            if model.pullable and not (begun and begun.state == "running"):
                self._begun[name] = Pull(total_bytes=model.size_bytes)
                threading.Thread(target=self._fetch, args=(name,), name=f"pull {name}", daemon=True).start()
        return self.model(name)

    def _fetch(self, name: str) -> None:
        """See a process through. It dies with this thread, which the kernel takes for its parent."""
        environment = {**os.environ, **self._variables}
        with subprocess.Popen([*self._command, name], stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            for line in process.stdout:
                self._told(name, **json.loads(line))
        if not process.returncode:
            self._told(name, state="done")
        elif self._begun[name].error_message:
            self._told(name, state="failed")
        else:
            message = f"The fetch was ended ({process.returncode})."
            self._told(name, state="failed", error_message=message, hint=pull_command(name))

    def _told(self, name: str, **fields: Any) -> None:
        self._begun[name] = self._begun[name].model_copy(update=fields)
