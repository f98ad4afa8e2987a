"""Values signed with the server's own secret: they need not be stored, and nobody else can make them."""

import secrets
import threading
import time
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from videoannotator.domain.errors import TokenExpired, TokenInvalid


class Signer:
    """Signs values for one purpose; what was signed for another is not accepted."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt=purpose)

    def sign(self, value: Any) -> str:
        """A JSON value as text that is fit for addresses and cookies."""
        text = self._serializer.dumps(value)
        return text.decode() if isinstance(text, bytes) else text

    def read(self, text: str, max_age_s: int | None = None) -> Any:
        """The value again; raises TokenInvalid or TokenExpired."""
        try:
            return self._serializer.loads(text, max_age=max_age_s)
        except SignatureExpired as error:
            raise TokenExpired("Unauthorized: this ticket has expired", hint="Ask for a new one.") from error
        except BadSignature as error:
            raise TokenInvalid("Unauthorized: this ticket was not made here") from error


class OneTime:
    """Signed values that are good once and for a short time."""

    def __init__(self, signer: Signer, lifetime_s: int) -> None:
        self._signer = signer
        self._lifetime_s = lifetime_s
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, value: str | None) -> str:
        """A ticket for a value."""
        return self._signer.sign([value, secrets.token_hex(8)])

    def redeem(self, ticket: str) -> str | None:
        """The value of a ticket, once; raises TokenInvalid or TokenExpired."""
        value, nonce = self._signer.read(ticket, self._lifetime_s)
        now = time.monotonic()
        with self._lock:
            self._used = {one: until for one, until in self._used.items() if until > now}
            if nonce in self._used:
                raise TokenExpired("Unauthorized: this ticket has been used", hint="Ask for a new ticket.")
            self._used[nonce] = now + self._lifetime_s
        return None if value is None else str(value)
