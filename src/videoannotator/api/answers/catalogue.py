"""Pipelines, components and what they take."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from videoannotator.api.answers.record import Answer
from videoannotator.domain.catalogue import ModelState


class ParameterView(BaseModel):
    """What a parameter takes."""

    model_config = ConfigDict(extra="allow")

    type: str
    default: Any
    description: str = ""


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
    parameters: dict[str, ParameterView]


class PipelineView(BaseModel):
    """One pipeline with its components and, for forms, a flat array of all parameters."""

    model_config = ConfigDict(extra="allow")

    name: str
    display_name: str
    description: str
    enabled: bool
    default_enabled: bool
    components: tuple[ComponentView, ...]
    parameters: tuple[FormParameter, ...]


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
