"""Worker processes: those of the server, and those that another machine lends it."""

import socket
import sys

from videoannotator.bootstrap.data_dir import SECRET_FILE
from videoannotator.bootstrap.storage import open_database, open_roots
from videoannotator.domain.errors import CannotStart
from videoannotator.settings import PREFIX, Settings
from videoannotator.worker import queue
from videoannotator.worker.settings import WorkerSettings
from videoannotator.worker.supervisor import Supervisor

WORKER = (sys.executable, "-m", "videoannotator.cli.worker")
# What workers must know of the settings; their flags and files are the server's.
_PASSED_ON = ("weights_dir", "licence_mode", "offline", "device", "n_threads")


def supervisor(settings: Settings, database_url: str) -> Supervisor:
    """Keeps the workers that the settings ask for alive, once it is started."""
    # Names must be unique among all workers of the database, and the same after a restart.
    place = "local" if settings.database_url is None else socket.gethostname()
    workers = [
        WorkerSettings(
            database_url=database_url,
            data_dir=settings.data_dir,
            executor=f"{place}-{number}",
            roots=settings.roots,
        )
        for number in range(settings.workers)
    ]
    return Supervisor(WORKER, workers, _variables(settings))


def open_workers(settings: Settings) -> Supervisor:
    """The workers that this machine lends to a server elsewhere.

    Raises CannotStart where the server's database or data directory is not reached from here, and like
    ``open_database``.
    """
    if settings.database_url is None:
        raise CannotStart(
            "Workers on another machine than the server need a PostgreSQL database",
            hint="Set database_url; on the server's own machine say: videoannotator serve --workers N.",
        )
    if not (settings.data_dir / SECRET_FILE).is_file():
        raise CannotStart(
            f"{settings.data_dir} is not the data directory of a server",
            hint="Start the server once, and mount its directory here at the path that it has there.",
        )
    open_roots(settings)
    database = open_database(settings)
    queue.prepare(database.url)
    database.close()
    return supervisor(settings, database.url)


def _variables(settings: Settings) -> dict[str, str]:
    values = settings.model_dump(mode="json", include=set(_PASSED_ON))
    if settings.hub_token is not None:
        values["hub_token"] = settings.hub_token.get_secret_value()
    return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
