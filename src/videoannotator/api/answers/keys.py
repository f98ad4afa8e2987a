"""Keys, sessions and tickets."""

from datetime import datetime

from pydantic import Field

from videoannotator.api.answers.record import Answer
from videoannotator.domain.keys import Key, Scope


class KeyView(Key):
    """What may be shown of a key."""


class KeyList(Answer):
    """Keys, without their texts."""

    keys_: tuple[KeyView, ...] = Field(alias="tokens")
    total: int


class NewKey(KeyView):
    """A key with its text, which is told this once."""

    token: str


class AboutKey(Answer):
    """A good key."""

    valid: bool
    name: str
    owner: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    auth_required: bool


class BadKey(Answer):
    """A key that is no good, and why."""

    valid: bool
    error_code: str
    message: str
    hint: str


class Session(Answer):
    """Who has signed in."""

    owner: str
    scopes: tuple[Scope, ...]


class Ticket(Answer):
    """A stand-in for a key in an address."""

    ticket: str
    expires_in_seconds: int
