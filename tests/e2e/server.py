"""A process that supervises workers, as a server does: ``server.py N SETTINGS_JSON``."""

import signal
import sys
import threading
from pathlib import Path

from videoannotator.worker.settings import WorkerSettings
from videoannotator.worker.supervisor import Supervisor

if __name__ == "__main__":
    settings = WorkerSettings.model_validate_json(sys.argv[2])
    workers = [
        settings.model_copy(update={"executor": f"{settings.executor}-{n}"}) for n in range(int(sys.argv[1]))
    ]
    supervisor = Supervisor([sys.executable, str(Path(__file__).with_name("worker.py"))], workers)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    supervisor.start()
    over.wait()
    supervisor.stop()
