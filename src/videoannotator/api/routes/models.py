"""The models' weights: which are on the server, and fetching those that are not."""

from typing import Annotated

from fastapi import APIRouter, Depends

from videoannotator.api.auth import JobsReader, SystemAdmin
from videoannotator.api.state import Services, services
from videoannotator.domain.media import Record
from videoannotator.services.pulls import ModelView

router = APIRouter(prefix="/api/v1/models", tags=["models"])
Given = Annotated[Services, Depends(services)]


class ModelList(Record):
    """Every model with its state."""

    models: tuple[ModelView, ...]
    total: int


@router.get("")
def list_models(given: Given, _: JobsReader) -> ModelList:
    """Every model: whether its weights are here, their size and licence, and how far a fetch is."""
    found = given.pulls.models()
    return ModelList(models=found, total=len(found))


@router.get("/{name}")
def one(name: str, given: Given, _: JobsReader) -> ModelView:
    """One model; ask again while ``pull.state`` is ``running``."""
    return given.pulls.model(name)


@router.post("/{name}/pull", status_code=202)
def pull(name: str, given: Given, _: SystemAdmin) -> ModelView:
    """Begin to fetch a model's weights. Asking again is no error; what was got is kept after a failure."""
    return given.pulls.begin(name)
