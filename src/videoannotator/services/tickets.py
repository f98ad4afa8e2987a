"""Short-lived stand-ins for a key, for places where it would leak: addresses in logs and histories.

A ticket opens the event stream once; a link opens one file for a while. Both are signed, not stored.
"""

import secrets
import threading
import time
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from videoannotator.domain.errors import TokenExpired, TokenInvalid

TICKET_LIFETIME_S = 60


class Tickets:
    """Makes and checks tickets and links with the server's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._tickets = URLSafeTimedSerializer(secret, salt="ticket")
        self._links = URLSafeTimedSerializer(secret, salt="link")
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, key_id: str | None) -> str:
        """A ticket that opens the event stream once, within a minute, with the rights of a key."""
        return "vt_" + self._dump(self._tickets, [key_id, secrets.token_hex(8)])

    def redeem(self, ticket: str) -> str | None:
        """The id of the key behind a ticket; raises TokenInvalid or TokenExpired."""
        key_id, nonce = self._load(self._tickets, ticket.removeprefix("vt_"), TICKET_LIFETIME_S)
        now = time.monotonic()
        with self._lock:
            self._used = {one: until for one, until in self._used.items() if until > now}
            if nonce in self._used:
                raise TokenExpired("Unauthorized: this ticket has been used", hint="Ask for a new ticket.")
            self._used[nonce] = now + TICKET_LIFETIME_S
        return str(key_id) if key_id is not None else None

    def sign(self, job_id: str, artifact_id: str, expires_s: int) -> str:
        """The signature of a link to one file."""
        return self._dump(self._links, [job_id, artifact_id, int(time.time()) + expires_s])

    def check(self, signature: str, job_id: str, artifact_id: str) -> None:
        """Raise TokenInvalid or TokenExpired unless the signature opens this file now."""
        for_job, for_artifact, expires_at = self._load(self._links, signature, None)
        if (for_job, for_artifact) != (job_id, artifact_id):
            raise TokenInvalid("Unauthorized: this link is for another file")
        if expires_at < time.time():
            raise TokenExpired("Unauthorized: this link has expired", hint="Ask for a new link.")

    @staticmethod
    def _dump(serializer: URLSafeTimedSerializer, payload: list[Any]) -> str:
        text = serializer.dumps(payload)
        return text.decode() if isinstance(text, bytes) else text

    @staticmethod
    def _load(serializer: URLSafeTimedSerializer, text: str, max_age_s: int | None) -> list[Any]:
        try:
            payload: list[Any] = serializer.loads(text, max_age=max_age_s)
        except SignatureExpired as error:
            raise TokenExpired("Unauthorized: this ticket has expired", hint="Ask for a new one.") from error
        except BadSignature as error:
            raise TokenInvalid("Unauthorized: this ticket was not made here") from error
        return payload
