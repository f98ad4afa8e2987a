"""Command lines against a server of one's own, as people type them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.test_serve import free_port, served, wait_for

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@contextmanager
def command_lines(folder: Path, *options: str) -> Iterator[Run]:
    """A server with its data in the folder, and what runs a command against it."""
    port = free_port()
    with served(folder / "data", port, *options) as process:
        wait_for(port)
        known = {
            "VIDEOANNOTATOR_SERVER": f"http://127.0.0.1:{port}",
            "VIDEOANNOTATOR_DATA_DIR": str(folder / "data"),
            "COLUMNS": "200",
        }

        def videoannotator(*words: str | Path, timeout_s: float = 180) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [sys.executable, "-m", "videoannotator.cli.main", *map(str, words)],
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
                env={**os.environ, **known},
            )

        yield videoannotator
        process.terminate()
        process.wait(20)
