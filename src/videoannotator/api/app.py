"""The HTTP application: routes, errors and layers put together."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from videoannotator.api import errors, middleware, openapi, tus
from videoannotator.api.auth import LOCAL_SEAT, Authenticator
from videoannotator.api.middleware import Surroundings
from videoannotator.api.routes import (
    annotations,
    artifacts,
    batches,
    events,
    jobs,
    models,
    page,
    pages,
    pipelines,
    places,
    preferences,
    presets,
    system,
    tokens,
    uploads,
    videos,
    webhooks,
)
from videoannotator.api.state import Services
from videoannotator.domain.errors import Unauthorized
from videoannotator.services.background import Round

API_VERSION = "1"
POLL_S = 0.02  # how soon an event is seen here, whichever process wrote it
HOUSEKEEPING_S = 5.0
TURNS_PER_HOUR = 720
# In the order of the description.
MODULES = (
    system,
    tokens,
    pipelines,
    models,
    presets,
    preferences,
    places,
    videos,
    jobs,
    artifacts,
    batches,
    uploads,
    annotations,
    events,
    webhooks,
    page,
    pages,
)


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the application says of itself, and where it may be called from."""

    version: str
    surroundings: Surroundings
    viewer_dir: Path | None = None


def create_app(services: Services, appearance: Appearance) -> ASGIApp:
    """The whole application; its background tasks run while the server does."""
    app = _routed(appearance.version)
    app.state.services = services
    app.state.authenticator = Authenticator(
        services.tokens,
        services.tickets,
        services.sessions,
        required=services.auth_required,
        origins=appearance.surroundings.origins,
    )
    app.state.viewer_dir = appearance.viewer_dir
    app.state.tus = tus.speaker(services.upload_storage, services.blobs.max_bytes)
    errors.install(app)
    app.state.methods = [
        (route.path_regex, route.methods)
        for module in MODULES
        for route in module.router.routes
        if isinstance(route, APIRoute)
    ]
    page.serve_files(app)
    return middleware.wrap(app, appearance.surroundings)


def description(version: str) -> dict[str, Any]:
    """The API's OpenAPI description, without a server."""
    return _routed(version).openapi()


def _routed(version: str) -> FastAPI:
    app = FastAPI(
        title="VideoAnnotator",
        version=version,
        summary="Annotates videos of human interaction: people, faces, speech, speakers, cuts.",
        lifespan=_lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.openapi_version = "3.2.0"
    for module in MODULES:  # an included router would be searched twice for each request
        app.router.routes.extend(module.router.routes)
    openapi.finish(app)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    services.hub.start_at(await asyncio.to_thread(services.events.head))
    services.health.start()
    services.preparer.start()
    services.webhook_sender.start()
    tasks = [
        asyncio.create_task(_tail(services)),
        asyncio.create_task(_housekeeping(services)),
    ]
    try:
        yield
    finally:
        services.preparer.stop()
        services.health.stop()
        services.webhook_sender.stop()
        services.hub.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tail(services: Services) -> None:
    """Bring new events, whichever process wrote them, to the hub."""
    while True:
        with Round("events") as reading:
            head = await asyncio.to_thread(services.events.head)
            while services.hub.head < head:
                news = await asyncio.to_thread(services.events.after, services.hub.head)
                services.hub.publish(news)
                if not news:
                    break
        await asyncio.sleep(1 if reading.failed else POLL_S)


async def _housekeeping(services: Services) -> None:
    """Small things that nobody should wait for."""
    for turn in itertools.count(1):
        await asyncio.sleep(HOUSEKEEPING_S)
        if turn % TURNS_PER_HOUR == 0:
            with Round("uploads"):
                await asyncio.to_thread(services.upload_storage.remove_expired)
        with Round("use of keys"):
            await asyncio.to_thread(services.tokens.remember_use)
        with Round("retention"):
            await asyncio.to_thread(services.retention.sweep)
        with Round("streams of keys"):
            for key in await asyncio.to_thread(_worthless, services, services.hub.keys()):
                services.hub.close(key)


def _worthless(services: Services, keys: Iterable[str]) -> list[str]:
    """Keys with open streams that have expired, or were revoked by another process."""
    found = []
    for key in keys:
        try:
            if key != LOCAL_SEAT:
                services.tokens.principal_of(key)
        except Unauthorized:
            found.append(key)
    return found
