"""Who may do what: keys, and addresses that the server may not call."""

from videoannotator.domain.errors.kinds import NotAllowed, VideoAnnotatorError


class Unauthorized(VideoAnnotatorError):
    """No key, or one that is worth nothing. The word ``Unauthorized`` is what clients look for."""

    code = "TOKEN_MISSING"
    title = "Unauthorized: API key required"
    hint = "Send 'Authorization: Bearer va_...'; the first key stands in the data directory's file 'token'."


class TokenMalformed(Unauthorized):
    """Not a key at all, or one with a typing mistake."""

    code = "TOKEN_MALFORMED"
    title = "Unauthorized: this is not an API key (a valid one starts with va_ and is 52 characters long)"
    hint = "Copy the whole key again."


class TokenInvalid(Unauthorized):
    """A well-formed key that this server never gave out."""

    code = "TOKEN_INVALID"
    title = "Unauthorized: this server does not know the API key"
    hint = "Make one with: videoannotator token create"


class TokenExpired(Unauthorized):
    """The key's time is over."""

    code = "TOKEN_EXPIRED"
    title = "Unauthorized: the API key has expired"
    hint = "Make a new one with: videoannotator token create"


class TokenRevoked(Unauthorized):
    """Somebody revoked the key."""

    code = "TOKEN_REVOKED"
    title = "Unauthorized: the API key has been revoked"
    hint = "Make a new one with: videoannotator token create"


class OriginNotAllowed(NotAllowed):
    """A web page of somebody else wants to change something on a server that asks for no keys."""

    code = "ORIGIN_NOT_ALLOWED"
    title = "Web pages from elsewhere may change nothing here"
    hint = "Add the page's address to cors_origins in the server's settings."


class TargetNotAllowed(NotAllowed):
    """A webhook's address that this server may not call."""

    code = "WEBHOOK_TARGET_NOT_ALLOWED"
    title = "Webhooks may not call this address"
    hint = "Give a public https address, or ask the operator for the setting private_webhooks."
