"""A worker process of the server: ``python -m videoannotator.cli.worker``, started by its supervisor."""

from videoannotator import bootstrap
from videoannotator.bootstrap import logs
from videoannotator.domain.plan import ExportOptions
from videoannotator.engine.process import StageProcess
from videoannotator.worker.process import serve
from videoannotator.worker.settings import WorkerSettings


def main() -> None:
    """Work until told to stop."""
    worker = WorkerSettings.from_environment()
    logs.configure(worker.data_dir / "logs" / f"worker-{worker.executor}.jsonl")
    settings = bootstrap.open_settings()
    options = ExportOptions(preview=True, web_copy=True)
    serve(worker, StageProcess, lambda run: bootstrap.make_request(run, settings, options))


if __name__ == "__main__":
    main()
