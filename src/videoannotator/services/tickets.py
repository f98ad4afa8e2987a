"""Short-lived stand-ins for a key, for places where it would leak: addresses in logs and histories.

A ticket opens the event stream once; a link opens one file for a while. Both are signed, not stored.
"""

import time

from videoannotator.domain.errors import TokenExpired, TokenInvalid
from videoannotator.services.signing import OneTime, Signer

TICKET_LIFETIME_S = 60
PREFIX = "vt_"


class Tickets:
    """Makes and checks tickets and links with the server's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._tickets = OneTime(Signer(secret, "ticket"), TICKET_LIFETIME_S)
        self._links = Signer(secret, "link")

    def issue(self, key_id: str | None) -> str:
        """A ticket that opens the event stream once, within a minute, with the rights of a key."""
        return PREFIX + self._tickets.issue(key_id)

    def redeem(self, ticket: str) -> str | None:
        """The id of the key behind a ticket; raises TokenInvalid or TokenExpired."""
        return self._tickets.redeem(ticket.removeprefix(PREFIX))

    def sign(self, job_id: str, artifact_id: str, expires_s: int) -> str:
        """The signature of a link to one file."""
        return self._links.sign([job_id, artifact_id, int(time.time()) + expires_s])

    def check(self, signature: str, job_id: str, artifact_id: str) -> None:
        """Raise TokenInvalid or TokenExpired unless the signature opens this file now."""
        for_job, for_artifact, expires_at = self._links.read(signature)
        if (for_job, for_artifact) != (job_id, artifact_id):
            raise TokenInvalid("Unauthorized: this link is for another file")
        if expires_at < time.time():
            raise TokenExpired("Unauthorized: this link has expired", hint="Ask for a new link.")
