"""What a server answers instead of what was asked for."""

from typing import Any

from videoannotator.domain.errors import VideoAnnotatorError


class CannotConnect(VideoAnnotatorError):
    """No server answers at the address."""

    code = "CANNOT_CONNECT"
    title = "No server answers"
    hint = "Start one with: videoannotator serve; or name its address with --server."


class Refused(VideoAnnotatorError):
    """The server's answer is an error; ``status`` is that of HTTP, ``code`` and ``hint`` are the server's."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        message = str(body.get("error") or body.get("detail") or f"The server answered {status}")
        super().__init__(message, hint=str(body.get("hint") or ""))
        self.status = status
        self.code = str(body.get("error_code") or f"HTTP_{status}")
