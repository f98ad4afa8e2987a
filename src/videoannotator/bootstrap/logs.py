"""Logs of the server's processes: JSON lines in a file, readable lines on a terminal, never a key."""

import logging
import re
import sys
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

MAX_BYTES, N_OLD = 20 << 20, 5
# API keys, tickets, and passwords in database addresses.
_SECRET = re.compile(r"\b(va|vt)_[A-Za-z0-9_.-]{20,}|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)")

Entry = MutableMapping[str, Any]


def configure(file: Path) -> None:
    """Send everything that this process logs, our own lines and libraries', to the file and a terminal."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [RotatingFileHandler(file, maxBytes=MAX_BYTES, backupCount=N_OLD)]
    handlers[0].setFormatter(_formatter(structlog.processors.JSONRenderer(), shared))
    if sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
        handlers[1].setFormatter(_formatter(structlog.dev.ConsoleRenderer(), shared))
        handlers[1].setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def without_secrets(_logger: Any, _name: str, entry: Entry) -> Entry:
    """Blank what opens doors, wherever it stands in a line."""
    return {
        key: _SECRET.sub("***", value) if isinstance(value, str) else value for key, value in entry.items()
    }


def _formatter(renderer: Any, shared: list[Any]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        foreign_pre_chain=shared,
    )
