"""The child process that looks at a file nobody vouches for.

``python -m videoannotator.media.guard FILE NAME LIMITS`` (the name that messages use; limits as JSON) limits
itself before it loads a decoder, and answers with one JSON object: a ``Video`` (exit code 0) or a
``Refusal`` (exit code 1).
"""

import resource
import sys
from contextlib import suppress
from pathlib import Path

from videoannotator.domain.errors import MediaError, ProbeTimeout
from videoannotator.domain.media import Video
from videoannotator.media.probe import ProbeLimits, Refusal


def main(path: Path, name: str, limits: ProbeLimits) -> int:
    """Examine the file under the limits, print the answer, return the exit code."""
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_CPU, limits.cpu_s)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    answer = _examine(path, name, limits)
    sys.stdout.buffer.write(answer.model_dump_json().encode())  # JSON is UTF-8 wherever we are
    return 0 if isinstance(answer, Video) else 1


def _examine(path: Path, name: str, limits: ProbeLimits) -> Video | Refusal:
    from videoannotator.media.inspection import inspect

    try:
        return inspect(path, name, limits)
    except MediaError as error:
        return Refusal(code=error.code, message=str(error))
    except MemoryError:
        return Refusal(code=ProbeTimeout.code, message=f"{name!r} needs too much memory to be examined")


def _limit(kind: int, amount: int) -> None:
    # macOS knows no limit on the address space; the others hold there.
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (amount, amount))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], ProbeLimits.model_validate_json(sys.argv[3])))
