"""What can be run, and whether a configuration would."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from videoannotator.api import catalogue as views
from videoannotator.api.answers.catalogue import (
    PipelineComponents,
    PipelineDefaults,
    PipelineList,
    PipelineSchema,
    PipelineView,
)
from videoannotator.api.answers.record import answers
from videoannotator.api.auth import JobsReader
from videoannotator.api.schemas import ValidateBody
from videoannotator.api.state import Services, services
from videoannotator.services.catalogue import Verdict

router = APIRouter(prefix="/api/v1", tags=["pipelines"])
Given = Annotated[Services, Depends(services)]


@router.get("/pipelines", responses=answers(PipelineList))
def list_pipelines(given: Given, _: JobsReader) -> dict[str, Any]:
    """Every pipeline with its components and every parameter, and why what cannot run cannot."""
    shown = [views.pipeline_view(info) for info in given.catalogue.pipelines()]
    return {"pipelines": shown, "total": len(shown)}


@router.get("/pipelines/schema/{name}", include_in_schema=False)
@router.get("/pipelines/{name}/schema", responses=answers(PipelineSchema))
def schema(name: str, given: Given, _: JobsReader) -> dict[str, Any]:
    """The parameters of a pipeline as a flat array and as JSON Schema."""
    info = given.catalogue.pipeline(name)
    shown = views.pipeline_view(info)
    return {"pipeline": shown, "parameters": shown["parameters"], "json_schema": views.json_schema(info)}


@router.get("/pipelines/{name}/defaults", responses=answers(PipelineDefaults))
def defaults(name: str, given: Given, _: JobsReader) -> dict[str, Any]:
    """The configuration that runs when nothing is said."""
    info = given.catalogue.pipeline(name)
    config = {
        component.name: {one.name: one.default for one in component.parameters}
        for component in info.components
        if component.enabled and component.default_enabled
    }
    return {"pipeline": info.name, "config": {info.name: config}}


@router.get("/pipelines/{name}/components", responses=answers(PipelineComponents))
def components(name: str, given: Given, _: JobsReader) -> dict[str, Any]:
    """The components of a pipeline."""
    info = given.catalogue.pipeline(name)
    return {"pipeline": info.name, "components": [views.component_view(one) for one in info.components]}


@router.post("/pipelines/{name}/validate")
def validate_one(name: str, body: ValidateBody, given: Given, _: JobsReader) -> Verdict:
    """Check the configuration of one pipeline; 200 also when it is wrong."""
    info = given.catalogue.pipeline(name)
    config = body.config if info.name in body.config else {info.name: body.config}
    return given.catalogue.validate(config, [info.name])


@router.post("/config/validate")
def validate(body: ValidateBody, given: Given, _: JobsReader) -> Verdict:
    """Check a configuration and places for results; 200 also when it is wrong. What it accepts runs."""
    verdict = given.catalogue.validate(body.config, body.selected_pipelines)
    wrong = given.submissions.places.problems(body.output_directory, body.db_location)
    return verdict.blamed(wrong)


@router.get("/pipelines/{name}", responses=answers(PipelineView))
def one(name: str, given: Given, _: JobsReader) -> dict[str, Any]:
    """One pipeline, by name or alias."""
    return views.pipeline_view(given.catalogue.pipeline(name))
