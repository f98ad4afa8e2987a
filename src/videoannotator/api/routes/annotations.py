"""What a job says about its video, by stretch of time: for pages that show it while it grows."""

import mimetypes
from typing import Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from numpy.typing import NDArray

from videoannotator.api.answers.record import ANY_FILE, answers
from videoannotator.api.answers.results import TableList, TableRows
from videoannotator.api.auth import ArtifactsReader
from videoannotator.api.downloads import file_answer
from videoannotator.api.state import Services, services
from videoannotator.domain.errors import InvalidRequest
from videoannotator.domain.jobs import TERMINAL
from videoannotator.domain.keys import Principal
from videoannotator.services.windows import Window

router = APIRouter(prefix="/api/v1/jobs/{job_id}", tags=["annotations"])
Given = Annotated[Services, Depends(services)]
DECIMALS = 4  # a tenth of a millisecond, and more than a pixel or a score can say


@router.get("/annotations", responses=answers(TableList))
def tables(job_id: str, caller: ArtifactsReader, given: Given) -> dict[str, Any]:
    """Which tables can be looked at now, and how much of the video each speaks of so far."""
    job, found = given.annotations.tables(job_id, _owner(caller))
    return {
        "job_id": job.id,
        "status": job.status.value,
        "final": job.status in TERMINAL,
        "duration_s": job.video_duration_seconds,
        "tables": [info.model_dump(mode="json") for info in found],
    }


@router.get("/annotations/{table}", responses=answers(TableRows))
def rows(
    job_id: str,
    table: str,
    caller: ArtifactsReader,
    given: Given,
    start_s: Annotated[float, Query(ge=0)] = 0.0,
    end_s: Annotated[float | None, Query(gt=0, description="Not included; the end when left out.")] = None,
    columns: Annotated[str | None, Query(description="Names with commas; else all but meshes.")] = None,
    max_rows: Annotated[int, Query(ge=1, le=200_000, description="More are thinned evenly.")] = 20_000,
) -> Response:
    """Rows of a table as columns; ``null`` is what was not measured or not visible."""
    if end_s is not None and end_s <= start_s:
        raise InvalidRequest("end_s must be greater than start_s", field="end_s")
    window = Window(
        start_s=start_s,
        end_s=end_s if end_s is not None else float("inf"),
        columns=tuple(columns.split(",")) if columns else None,
        max_rows=max_rows,
    )
    found = given.annotations.rows(job_id, _owner(caller), table, window)
    body = {
        "job_id": job_id,
        "table": table,
        "covered_s": found.covered_s,
        "every": found.every,
        "columns": {name: _shown(name, values) for name, values in found.columns.items()},
    }
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


@router.get("/video", response_class=Response, responses=ANY_FILE)
def video(job_id: str, request: Request, caller: ArtifactsReader, given: Given) -> Response:
    """The video for a browser to play, in ranges: the copy made for browsers where there is one."""
    entry = given.artifacts.playable(given.jobs.get(job_id, _owner(caller)))
    kind = mimetypes.guess_type(entry.name)[0] or "video/mp4"
    return file_answer(
        request, entry.path, sha256=entry.sha256, filename=entry.name, media_type=kind, inline=True
    )


def _shown(name: str, values: NDArray[Any]) -> Any:
    """A column as JSON has it: rounded numbers, null for what is missing."""
    if values.dtype.kind == "U":
        return [text or None for text in values.tolist()]
    if values.dtype.kind == "f":
        return np.ascontiguousarray(np.round(values.astype(np.float64), DECIMALS))
    if name.endswith("_id"):
        return [None if value == -1 else value for value in values.tolist()]
    return np.ascontiguousarray(values)


def _owner(caller: Principal) -> str | None:
    return None if caller.sees_all else caller.owner
