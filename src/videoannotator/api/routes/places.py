"""The folders that the operator has opened to clients, for those who look for their videos."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from videoannotator.api.auth import JobsWriter
from videoannotator.api.state import Services, services
from videoannotator.domain.places import Listing

router = APIRouter(prefix="/api/v1/places", tags=["places"])
Given = Annotated[Services, Depends(services)]


@router.get("")
def look(
    given: Given,
    _: JobsWriter,
    path: Annotated[
        str | None, Query(description="A folder, e.g. study:session1; without it the roots are listed.")
    ] = None,
) -> Listing:
    """The folders and videos in a folder of the server, at most 1000 of each."""
    return given.submissions.places.listing(path)
