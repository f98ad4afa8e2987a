"""What a worker process is told by whoever starts it."""

import os
from pathlib import Path

from pydantic import Field

from videoannotator.domain.jobs import QueueName
from videoannotator.domain.media import Record
from videoannotator.domain.places import Folders

VARIABLE = "VIDEOANNOTATOR_WORKER"  # holds the settings as JSON; unlike arguments, only its owner sees it


class WorkerSettings(Record):
    """One worker process: where its work is and how it does it.

    ``executor`` names it among all workers of the database; a restarted worker takes its old name and so
    its unfinished work. ``max_crashes`` is how often a job may kill a worker without progress in between,
    ``max_child_crashes`` the same for the process that does a stage's work. ``lease_s`` is how long a worker
    may be silent before the others take its work over. ``roots`` are the folders that are open to clients.
    """

    database_url: str
    data_dir: Path
    executor: str
    queues: tuple[QueueName, ...] = ("cpu",)
    n_jobs: int = Field(1, ge=1)
    max_crashes: int = 10
    max_child_crashes: int = 3
    lease_s: float = 10.0
    roots: Folders = Field(default_factory=dict)
    parent_pid: int | None = None  # the worker ends when this process is not its parent (any more)

    @staticmethod
    def from_environment() -> "WorkerSettings":
        """The settings that the supervisor has put into the environment."""
        return WorkerSettings.model_validate_json(os.environ[VARIABLE])

    def environment(self) -> dict[str, str]:
        """The environment of a worker that this process starts: its own, with the settings added."""
        settings = self.model_copy(update={"parent_pid": os.getpid()})
        return {**os.environ, VARIABLE: settings.model_dump_json()}
