"""Who did what: entries that are only ever added, each sealed by a hash over itself and the one before.

A changed, removed or reordered entry breaks the chain. What the chain cannot show is that its end was cut
off: note the newest hash elsewhere from time to time.
"""

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import orjson

from videoannotator.domain.media import Record

START = "0" * 64  # what the first entry follows


@dataclass(slots=True)
class Who:
    """Whoever is acting. The layers of a request fill it in as they learn more."""

    actor: str = "the operator on this machine"
    key_id: str | None = None
    address: str | None = None
    request_id: str | None = None


_ACTING: ContextVar[Who | None] = ContextVar("acting", default=None)


def acting() -> Who:
    """Who is acting in this context."""
    return _ACTING.get() or Who()


def act_as(who: Who) -> None:
    """Say who is acting from here on in this context, and in the threads that it starts."""
    _ACTING.set(who)


class AuditEntry(Record):
    """One thing that was done. ``target`` is what it was done to, ``hash`` seals it."""

    seq: int
    at: str
    actor: str
    key_id: str | None = None
    address: str | None = None
    request_id: str | None = None
    action: str
    target: str
    details: dict[str, Any]
    previous: str
    hash: str


def seal(content: Mapping[str, Any]) -> str:
    """The hash of an entry's content, which holds the hash of the entry before."""
    named = {name: content[name] for name in AuditEntry.model_fields if name not in ("seq", "hash")}
    return hashlib.sha256(orjson.dumps(named, option=orjson.OPT_SORT_KEYS)).hexdigest()
