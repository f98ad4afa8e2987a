"""The page that people see, and the session by which it knows them."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.responses import FileResponse, RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from videoannotator.api.answers.keys import Session
from videoannotator.api.answers.record import answers
from videoannotator.api.auth import COOKIE
from videoannotator.api.schemas import CheckTokenBody
from videoannotator.api.state import Services, services
from videoannotator.domain.errors import Unauthorized
from videoannotator.services.sessions import SESSION_LIFETIME_S

router = APIRouter(tags=["page"])
Given = Annotated[Services, Depends(services)]
FOLDER = Path(str(files("videoannotator.web")))
START_LINK_USED = "/#start-link-used"
# Only our own files, nothing inline, no frames; pictures and sound also from memory (``blob:``).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",  # asked for again each time, answered 304 while it is the same
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@router.get("/", include_in_schema=False)
def page(request: Request, given: Given, start: str | None = None) -> Response:
    """The page. A start link is changed for a session first, so that no ticket stays in the address."""
    if start is None:
        return FileResponse(FOLDER / "index.html", headers=HEADERS)
    try:
        session = given.sessions.redeem(start)
    except Unauthorized:
        return RedirectResponse(START_LINK_USED, 303)
    answer = RedirectResponse("/", 303)
    _set(answer, session, request)
    return answer


@router.post("/api/v1/session", status_code=201, responses=answers(Session, 201))
def sign_in(body: CheckTokenBody, request: Request, response: Response, given: Given) -> dict[str, Any]:
    """Change a key for a session: a cookie that scripts cannot read and other pages cannot use."""
    caller = given.tokens.authenticate(body.token)
    _set(response, given.sessions.open(str(caller.key_id)), request)
    return {"owner": caller.owner, "scopes": sorted(caller.scopes)}


@router.delete("/api/v1/session", status_code=204)
def sign_out(response: Response) -> None:
    """Forget the session of this browser; the key goes on working."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def _set(response: Response, session: str, request: Request) -> None:
    response.set_cookie(
        COOKIE,
        session,
        max_age=SESSION_LIFETIME_S,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def serve_files(app: FastAPI) -> None:
    """Let the application answer ``/page/...`` with the page's own files."""
    static = StaticFiles(directory=FOLDER)

    async def with_headers(scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await static(scope, receive, told)

    app.mount("/page", with_headers)
