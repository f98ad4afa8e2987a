"""A worker process in an environment of its own: asked with arrays, answers with arrays."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from videoannotator.domain.errors import ComponentFailed
from videoannotator.plugin import pipes

_GOODBYE_S = 5.0


class Worker:
    """Runs a script with another interpreter; the script gets the path of ``pipes`` as first argument.

    The worker reads requests from standard input and answers on standard output until the input ends, so it
    ends with its session, however that ends. What it logs goes to our standard error.
    """

    def __init__(self, python: Path, script: Path, arguments: Sequence[str]) -> None:
        command = [str(python), "-I", str(script), pipes.__file__, *arguments]
        # -I and an environment without our paths: the worker must not meet our packages.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment | {"HF_HUB_OFFLINE": "1"},
        )
        self._name = script.parent.name

    def ask(
        self, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        """Send a request and wait for its answer; raises ComponentFailed for an error or a dead worker."""
        requests, answers = self._pipes
        try:
            pipes.send(requests, header, arrays)
            answer, results = pipes.receive(answers)
        except (EOFError, BrokenPipeError, ValueError) as error:
            code = self._process.poll()
            ended = "does not answer" if code is None else f"ended with {code}"
            raise ComponentFailed(f"The worker {self._name} {ended}: {error}") from error
        if "error" in answer:
            raise ComponentFailed(f"{self._name}: {answer['error']}")
        return answer, results

    def close(self) -> None:
        """Let the worker end, and see to it that it does."""
        requests, answers = self._pipes
        requests.close()
        try:
            self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        answers.close()

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None, "opened with a pipe"
        assert self._process.stdout is not None, "opened with a pipe"
        return self._process.stdin, self._process.stdout
