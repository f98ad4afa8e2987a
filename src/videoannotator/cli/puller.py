"""The child process that fetches a model for the server: ``python -m videoannotator.cli.puller NAME``.

Prints one JSON object a line: bytes got and in all, and at the end what went wrong. It dies with its parent.
"""

import json
import os
import sys
from typing import Any

from videoannotator import bootstrap
from videoannotator.cli.child import die_with, own_standard_output
from videoannotator.domain.errors import VideoAnnotatorError


def main() -> int:
    """Fetch one model; 0 when it is here, 1 when that failed, as told."""
    die_with(os.getppid())
    lines = own_standard_output()

    def tell(**fields: Any) -> None:
        lines.write(json.dumps(fields) + "\n")
        lines.flush()

    library = bootstrap.open_library(bootstrap.open_registry())
    try:
        library.pull(sys.argv[1:], lambda _, done, total: tell(done_bytes=done, total_bytes=total))
    except VideoAnnotatorError as error:
        tell(error_message=str(error), hint=error.hint)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
