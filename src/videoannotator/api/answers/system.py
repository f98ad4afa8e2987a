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
    videoannotator_version: str
    gpu: dict[str, Any]
    gpu_status: dict[str, Any]
    workers: dict[str, Any]
    worker_info: dict[str, Any]
    diagnostics: dict[str, dict[str, Any]]
    database: dict[str, str]
    pipelines: dict[str, Any]
    services: dict[str, str]
    security: dict[str, bool]


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
    roots: tuple[str, ...]
    limits: dict[str, Any]
    auth_required: bool
    open_streams: int
    features: tuple[str, ...]
