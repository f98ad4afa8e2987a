"""The edge of what goes on in the background: an error ends one round of a loop, never the loop."""

from types import TracebackType

import structlog

from videoannotator.domain.errors import VideoAnnotatorError

_log = structlog.get_logger(__name__)


class Round:
    """Guards one round: ``with Round("webhooks") as one: ...``; ``one.failed`` tells afterwards.

    A database that is away is told in a line; whatever nobody has thought of, with its traceback.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.failed = False

    def __enter__(self) -> "Round":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):  # nothing, or the end of the task or the program
            return False
        self.failed = True
        if isinstance(error, VideoAnnotatorError):
            _log.warning("the background has to wait", doing=self._name, error=str(error))
        else:
            _log.error("the background stumbled", doing=self._name, exc_info=error)
        return True
