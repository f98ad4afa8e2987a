"""Environments of their own for libraries whose demands do not go together with ours.

An environment is made by pip, from commands that are shown; a component talks to a worker process in it.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import StorageError
from videoannotator.files import atomic
from videoannotator.plugin.component import Unavailable

_STAMP = "videoannotator-environment"


@dataclass(frozen=True, slots=True)
class Environment:
    """What pip installs, one call after the other, each with the arguments of one entry of ``installs``."""

    name: str
    description: str
    installs: tuple[tuple[str, ...], ...]

    @property
    def folder(self) -> Path:
        """Where it lies; shared by all projects of the user."""
        return platformdirs.user_data_path("videoannotator") / "environments" / self.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def is_ready(self) -> bool:
        """Whether it has been made from these very commands."""
        try:
            return (self.folder / _STAMP).read_text(encoding="ascii") == self._fingerprint
        except FileNotFoundError:
            return False

    @property
    def missing(self) -> Unavailable | None:
        """The command that makes it, where it is not there."""
        if self.is_ready:
            return None
        return Unavailable(
            ModelState.NOT_INSTALLED,
            f"It works in an environment of its own ({self.description}), which is not there.",
            f"Make it with: videoannotator env create {self.name}",
        )

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """What is run to fill it."""
        pip = (str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input")
        return tuple((*pip, *arguments) for arguments in self.installs)

    def create(self, tell: Callable[[str], None]) -> None:
        """Make it anew with the running interpreter; raises StorageError where that fails."""
        shutil.rmtree(self.folder, ignore_errors=True)
        atomic.make_dir(self.folder.parent)
        venv.create(self.folder, with_pip=True)
        for command in self.commands:
            tell(" ".join(command))
            _run(command)
        atomic.write_text(self.folder / _STAMP, self._fingerprint)

    def remove(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _fingerprint(self) -> str:
        made_of = repr((self.installs, sys.version_info[:2]))
        return hashlib.sha256(made_of.encode()).hexdigest()


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        raise StorageError(
            f"pip ended with {done.returncode}: {' '.join(command)}",
            hint="See what pip said above; check the network and pip's configuration (pip config list).",
        )
