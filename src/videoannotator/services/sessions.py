"""Who has opened the page: start links that work once, and the cookies that they are changed for.

A session names a key and holds none: it ends when the key is revoked or expires.
"""

from videoannotator.services.signing import OneTime, Signer

SESSION_LIFETIME_S = 30 * 24 * 3600
START_LIFETIME_S = 24 * 3600  # a server is often started long before somebody opens its page


class Sessions:
    """Makes and checks start tickets and sessions with the server's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._starts = OneTime(Signer(secret, "start"), START_LIFETIME_S)
        self._sessions = Signer(secret, "session")

    def start_ticket(self, key_id: str) -> str:
        """What opens the page once with the rights of a key."""
        return self._starts.issue(key_id)

    def redeem(self, ticket: str) -> str:
        """The session that a start ticket is changed for; raises TokenInvalid or TokenExpired."""
        return self.open(str(self._starts.redeem(ticket)))

    def open(self, key_id: str) -> str:
        """The text of a new session."""
        return self._sessions.sign(key_id)

    def key_of(self, session: str) -> str:
        """The id of the key behind a session; raises TokenInvalid or TokenExpired."""
        return str(self._sessions.read(session, SESSION_LIFETIME_S))
