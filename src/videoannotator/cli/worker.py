"""A worker process of the server: ``python -m videoannotator.cli.worker``, started by its supervisor."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from videoannotator import bootstrap
from videoannotator.bootstrap import logs
from videoannotator.domain.errors import ComponentCrashed
from videoannotator.domain.plan import ExportOptions
from videoannotator.domain.report import Log, Report, Stage
from videoannotator.engine.process import StageProcess
from videoannotator.worker.process import serve
from videoannotator.worker.settings import WorkerSettings


class Child:
    """A stage at work, as the worker wants it: a death ends the reports, and the worker decides."""

    def __init__(self, run_dir: Path, stage: Stage, command: Sequence[str]) -> None:
        self._process = StageProcess(run_dir, stage)

    @property
    def exit_code(self) -> int | None:
        """Negative for a signal; None while it runs."""
        return self._process.exit_code

    def reports(self) -> Iterator[Report]:
        """What it reports, until it has ended; its last words are told as a log line."""
        try:
            yield from self._process.reports()
        except ComponentCrashed as error:
            yield Log(level="error", message=str(error))

    def stop(self) -> None:
        """Make an end of it."""
        self._process.stop()


def main() -> None:
    """Work until told to stop."""
    worker = WorkerSettings.from_environment()
    logs.configure(worker.data_dir / "logs" / f"worker-{worker.executor}.jsonl")
    settings = bootstrap.open_settings()
    options = ExportOptions(preview=True, web_copy=True)
    serve(worker, Child, lambda run: bootstrap.make_request(run, settings, options))


if __name__ == "__main__":
    main()
