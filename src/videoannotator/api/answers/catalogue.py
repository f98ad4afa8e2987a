"""Pipelines, components and what they take."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from videoannotator.api.answers.record import Answer
from videoannotator.domain.catalogue import ModelInfo, ModelState


class ParameterView(BaseModel):
    """What a parameter takes; fields that say nothing are left out."""

    model_config = ConfigDict(extra="allow")

    type: str
    default: Any
    description: str = ""
    min: float | None = None
    max: float | None = None
    enum: tuple[Any, ...] | None = None
    unit: str | None = None
    nullable: bool = False


class FormParameter(ParameterView):
    """The same for forms; ``name`` is ``component.parameter``."""

    name: str
    label: str
    group: str
    required: bool


class ComponentView(BaseModel):
    """One component; fields that say nothing are left out."""

    model_config = ConfigDict(extra="allow")

    name: str
    display_name: str
    description: str
    pipeline: str
    enabled: bool
    default_enabled: bool
    state: ModelState
    disabled_reason: str | None = None
    hint: str | None = None
    caveat: str | None = None
    version: str
    model_name: str | None = None
    models: tuple[ModelInfo, ...]
    weights: tuple[str, ...]
    produces: tuple[str, ...]
    needs: tuple[str, ...]
    aliases: tuple[str, ...]
    parameters: dict[str, ParameterView]


class PipelineView(BaseModel):
    """One pipeline with its components and, for forms, a flat array of all parameters."""

    model_config = ConfigDict(extra="allow")

    name: str
    display_name: str
    description: str
    enabled: bool
    default_enabled: bool
    disabled_reason: str | None = None
    hint: str | None = None
    components: tuple[ComponentView, ...]
    parameters: tuple[FormParameter, ...]
    config_schema: dict[str, ParameterView]
    outputs: tuple[dict[str, Any], ...]
    output_formats: tuple[str, ...]
    capabilities: tuple[dict[str, Any], ...]
    aliases: tuple[str, ...]
    slug: str
    id: str
    pipeline_family: str
    category: str
    version: str
    variant: str
    model_name: str | None = None
    stability: str


class PipelineList(Answer):
    """Everything that is installed."""

    pipelines: tuple[PipelineView, ...]
    total: int


class PipelineSchema(Answer):
    """A pipeline's parameters in three forms."""

    pipeline: PipelineView
    parameters: tuple[FormParameter, ...]
    json_schema: dict[str, Any]


class PipelineDefaults(Answer):
    """The configuration that runs when nothing is said."""

    pipeline: str
    config: dict[str, Any]


class PipelineComponents(Answer):
    """The components of a pipeline."""

    pipeline: str
    components: tuple[ComponentView, ...]
