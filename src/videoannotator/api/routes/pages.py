"""Pages for people: the API's documentation, made from its own description, and the viewer."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from videoannotator.api import asyncapi, errors, handbook

router = APIRouter(include_in_schema=False)
# Pages load nothing from elsewhere; only their own style is allowed.
_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


@router.get("/docs")
@router.get("/redoc")
def docs(request: Request) -> HTMLResponse:
    """Every route with its parameters and answers."""
    return HTMLResponse(handbook.routes_page(request.app.openapi()), headers=_POLICY)


@router.get("/asyncapi.json")
def events_description(request: Request) -> dict[str, Any]:
    """The event stream for programs."""
    return asyncapi.document(request.app.version)


@router.get("/docs/errors")
def docs_errors() -> HTMLResponse:
    """Every error code with its status and what to do."""
    return HTMLResponse(handbook.errors_page(errors.catalogue()), headers=_POLICY)


@router.get("/docs/events")
def docs_events(request: Request) -> HTMLResponse:
    """Every event with what it carries."""
    return HTMLResponse(handbook.events_page(asyncapi.document(request.app.version)), headers=_POLICY)


def viewer_dir(request: Request) -> Path:
    """The folder of the viewer; 404 on a server without one."""
    folder: Path | None = request.app.state.viewer_dir
    if folder is None:
        raise HTTPException(404)
    return folder


@router.get("/viewer")
@router.get("/viewer/{path:path}")
def viewer(folder: Annotated[Path, Depends(viewer_dir)], path: str = "") -> Response:
    """A file of the viewer; any other address below is one of its pages, which its script shows."""
    wanted = (folder / path).resolve()
    if wanted.is_file() and wanted.is_relative_to(folder.resolve()):
        return FileResponse(wanted)
    return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})
