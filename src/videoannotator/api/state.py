"""What the routes work with, made once when the server starts."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from videoannotator.api.hub import Hub
from videoannotator.files.blobs import BlobStore
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.events import Events
from videoannotator.services.health import Health
from videoannotator.services.jobs import Jobs
from videoannotator.services.logs import Logs
from videoannotator.services.tickets import Tickets
from videoannotator.services.tokens import Tokens
from videoannotator.services.videos import Videos


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case that the API offers."""

    jobs: Jobs
    videos: Videos
    events: Events
    logs: Logs
    tokens: Tokens
    tickets: Tickets
    catalogue: Catalogue
    health: Health
    blobs: BlobStore
    hub: Hub
    data_dir: Path
    auth_required: bool


def services(request: Request) -> Services:
    """The services of the application that got the request."""
    found: Services = request.app.state.services
    return found
