"""What can be run: pipelines, their components and parameters, as people and programs are told of them."""

from enum import StrEnum
from typing import Any

from videoannotator.domain.media import Record


class ModelState(StrEnum):
    """Whether a component's model can run here. ``DOWNLOADABLE`` counts as enabled."""

    READY = "ready"
    DOWNLOADABLE = "downloadable"
    GATED = "gated"
    NOT_INSTALLED = "not_installed"
    NOT_ALLOWED = "not_allowed"
    FAILED = "failed"


class Parameter(Record):
    """One parameter. ``type`` is one of boolean, integer, float, string, enum, list, object."""

    name: str
    type: str
    default: Any = None
    description: str = ""
    min: float | None = None
    max: float | None = None
    enum: tuple[Any, ...] | None = None
    unit: str | None = None
    nullable: bool = False


class ModelInfo(Record):
    """The weights that a component loads, whether they can be used, and if not, why and what to do.

    ``licence`` is an SPDX identifier; ``hint`` holds the command.
    """

    name: str
    state: ModelState
    size_bytes: int
    licence: str
    licence_kind: str
    gated: bool = False
    source: str
    homepage: str | None = None
    reason: str | None = None
    hint: str | None = None


class ComponentInfo(Record):
    """One model at work, with every parameter it accepts."""

    name: str
    display_name: str
    description: str
    pipeline: str
    version: str
    enabled: bool
    default_enabled: bool
    state: ModelState
    disabled_reason: str | None = None
    hint: str | None = None
    caveat: str | None = None  # e.g. "weak", "unvalidated": shown wherever the result is shown
    model_name: str | None = None
    parameters: tuple[Parameter, ...] = ()
    produces: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    models: tuple[ModelInfo, ...] = ()
    aliases: tuple[str, ...] = ()


class PipelineInfo(Record):
    """A family of components that a person chooses together."""

    name: str
    display_name: str
    description: str
    family: str
    enabled: bool
    default_enabled: bool
    components: tuple[ComponentInfo, ...]
    disabled_reason: str | None = None
    hint: str | None = None
    output_formats: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
