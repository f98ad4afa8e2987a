"""API keys: ``va_``, 43 characters of randomness, 6 of checksum.

The checksum tells a mistyped key from an unknown one without a look into the database, and lets secret
scanners know a leaked key when they see one. Only the SHA-256 of a key is ever kept: the key has 256 random
bits, so that a slow hash would protect nothing.
"""

import hashlib
import re
import secrets
import string
import zlib
from datetime import datetime
from enum import StrEnum

from videoannotator.domain.media import Record

PREFIX = "va_"
_SHAPE = re.compile(r"va_[A-Za-z0-9_-]{43}[A-Za-z0-9]{6}")
_BASE62 = string.digits + string.ascii_letters
SHOWN_LENGTH = 11  # of a key: enough to tell one's keys apart, useless to a thief


class Scope(StrEnum):
    """What a key may do."""

    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    ARTIFACTS_READ = "artifacts:read"
    EVENTS_READ = "events:read"
    PRESETS_WRITE = "presets:write"
    BATCHES_WRITE = "batches:write"
    TOKENS_ADMIN = "tokens:admin"
    SYSTEM_ADMIN = "system:admin"


ADMIN_SCOPES = frozenset(Scope)
USER_SCOPES = ADMIN_SCOPES - {Scope.TOKENS_ADMIN, Scope.SYSTEM_ADMIN}


class Key(Record):
    """What is kept of a key. ``prefix`` is the part that may be shown."""

    id: str
    owner: str
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    rotated_to: str | None = None


class Principal(Record):
    """Who is calling. ``sees_all`` lifts the restriction to one's own things."""

    owner: str
    key_id: str | None
    scopes: frozenset[Scope]

    @property
    def sees_all(self) -> bool:
        """Operators see everybody's things."""
        return Scope.SYSTEM_ADMIN in self.scopes

    @property
    def whose(self) -> str | None:
        """Whose things the caller may see and change: None for everybody's."""
        return None if self.sees_all else self.owner


def generate() -> str:
    """A new key."""
    body = PREFIX + secrets.token_urlsafe(32)
    return body + _checksum(body)


def well_formed(key: str) -> bool:
    """Whether this can be a key: the right shape and a fitting checksum."""
    return bool(_SHAPE.fullmatch(key)) and _checksum(key[:-6]) == key[-6:]


def digest(key: str) -> str:
    """What is kept instead of the key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(body: str) -> str:
    """CRC-32 in six base-62 digits."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = _BASE62[digit] + digits
    return digits
