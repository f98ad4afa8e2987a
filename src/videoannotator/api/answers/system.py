"""How the server is."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from videoannotator.api.answers.record import Answer


class HealthView(BaseModel):
    """How the server is."""

    model_config = ConfigDict(extra="allow")

    status: str
    version: str
    api_version: str
    message: str
    timestamp: datetime
    uptime_seconds: int


class Readiness(Answer):
    """Whether new work may be sent here, and why not."""

    status: str
    reasons: tuple[str, ...]


class ServerInfo(BaseModel):
    """Version, features and limits."""

    model_config = ConfigDict(extra="allow")

    version: str
    api_version: str
    pipelines: tuple[str, ...]
    limits: dict[str, Any]
    auth_required: bool
    open_streams: int
    features: tuple[str, ...]
