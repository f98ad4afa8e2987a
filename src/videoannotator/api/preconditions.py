"""Changes that must name the version they change: ``ETag: "v3"`` and ``If-Match: "v3"``."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header

from videoannotator.domain.errors import PreconditionRequired

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag of the version that is changed, or *.")
]


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"v{version}"'


def matcher(if_match: str | None, *, required: bool = True) -> Callable[[int], bool]:
    """Whether a version is one of those that the header names; raises PreconditionRequired without one."""
    if if_match is None:
        if required:
            raise PreconditionRequired
        return lambda version: True
    named = {tag.strip() for tag in if_match.split(",")}
    return lambda version: "*" in named or etag(version) in named
