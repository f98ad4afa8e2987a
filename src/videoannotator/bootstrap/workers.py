"""Worker processes: those of the server, and those that another machine lends it."""

import socket
import sys
from collections.abc import Callable

from videoannotator.bootstrap.data_dir import SECRET_FILE
from videoannotator.bootstrap.storage import open_database, open_roots
from videoannotator.domain.errors import CannotStart
from videoannotator.domain.jobs import QueueName
from videoannotator.domain.plan import Plan
from videoannotator.plugin.devices import may_use_gpu, n_gpus
from videoannotator.settings import PREFIX, Settings
from videoannotator.worker import queue
from videoannotator.worker.settings import WorkerSettings
from videoannotator.worker.supervisor import Supervisor

WORKER = (sys.executable, "-m", "videoannotator.cli.worker")
# What workers must know of the settings; their flags and files are the server's.
_PASSED_ON = ("weights_dir", "licence_mode", "offline", "device", "n_threads")


def supervisor(settings: Settings, database_url: str, *, lent: bool = False) -> Supervisor:
    """Keeps the workers that the settings ask for alive, once it is started."""
    workers = worker_settings(settings, database_url, n_gpus(), lent=lent)
    return Supervisor(WORKER, workers, variables(settings))


def worker_settings(
    settings: Settings, database_url: str, n_gpus: int, *, lent: bool = False
) -> list[WorkerSettings]:
    """One per worker process of a machine with so many GPUs; ``lent`` ones serve a server elsewhere."""
    n_gpu_workers = _n_gpu_workers(settings, n_gpus)
    # Jobs that wait for a GPU since an earlier start must not wait for ever where there is none any more; a
    # machine that lends its processors must not take those for which another one has a GPU.
    only_cpu = n_gpu_workers > 0 or (lent and n_gpus == 0)
    queues: tuple[QueueName, ...] = ("cpu",) if only_cpu else ("cpu", "gpu")
    served = {f"{number}": queues for number in range(settings.workers)}
    served |= {f"gpu-{number}": ("gpu",) for number in range(n_gpu_workers)}
    # Names must be unique among all workers of the database, and the same after a restart.
    place = "local" if settings.database_url is None else socket.gethostname()
    return [
        WorkerSettings(
            database_url=database_url,
            data_dir=settings.data_dir,
            executor=f"{place}-{name}",
            queues=queues,
            roots=settings.roots,
        )
        for name, queues in served.items()
    ]


def queue_of(settings: Settings) -> Callable[[Plan], QueueName]:
    """Which of the server's workers run a plan."""
    limited = _n_gpu_workers(settings, n_gpus()) > 0
    return lambda plan: "gpu" if limited and may_use_gpu(plan, settings.device) else "cpu"


def _n_gpu_workers(settings: Settings, n_gpus: int) -> int:
    """How many workers serve only jobs that may use a GPU."""
    return settings.gpu_workers if settings.workers and n_gpus else 0


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
    return supervisor(settings, database.url, lent=True)


def variables(settings: Settings) -> dict[str, str]:
    """The environment of a process that has to know what the settings say of weights and devices."""
    values = settings.model_dump(mode="json", include=set(_PASSED_ON))
    if settings.hub_token is not None:
        values["hub_token"] = settings.hub_token.get_secret_value()
    return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
