"""The child process of a run: ``python -m videoannotator.cli.child RUN_DIR --stage visual|audio|export``.

Reads ``RUN_DIR/request.json``, keeps its checkpoints in ``RUN_DIR/ledger``, writes results to ``RUN_DIR/out``
and prints one JSON line per report. Whatever else anybody prints goes to standard error.
"""

import argparse
import ctypes
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from videoannotator import bootstrap
from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.domain.plan import RunRequest
from videoannotator.domain.report import Report, Stage, StageEnd
from videoannotator.engine.annotations import LedgerAnnotations
from videoannotator.engine.ledger import Ledger
from videoannotator.engine.process import OUT, REQUEST
from videoannotator.engine.progress import Emit
from videoannotator.engine.run import run_pass
from videoannotator.engine.tools import Tools
from videoannotator.files.roots import Roots

PR_SET_PDEATHSIG = 1  # linux/prctl.h
WATCH_INTERVAL_S = 0.5


def main() -> int:
    """Run one stage; 0 when it succeeded, 1 when it ended with an error that was reported."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--stage", type=Stage, choices=list(Stage), required=True)
    parser.add_argument("--parent", type=int, default=os.getppid(), help="end when this process ends")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    # Writing to a parent that is gone ends the process at once. An error instead would be taken for the
    # failure of the component that reported, and be kept.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    reports = own_standard_output()
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    def emit(report: Report) -> None:
        reports.write(report.model_dump_json(exclude_none=True) + "\n")
        reports.flush()

    try:
        run_stage(arguments.run_dir, arguments.stage, emit)
    except VideoAnnotatorError as error:
        emit(
            StageEnd(stage=arguments.stage, error_code=error.code, error_message=str(error), hint=error.hint)
        )
        return 1
    emit(StageEnd(stage=arguments.stage))
    return 0


def run_stage(run_dir: Path, stage: Stage, emit: Emit) -> None:
    """Do what is left of one stage of the run that ``run_dir`` holds."""
    request = in_place(RunRequest.model_validate_json((run_dir / REQUEST).read_bytes()))
    registry = bootstrap.open_registry()
    library = bootstrap.open_library(registry, request)
    ledger = Ledger(bootstrap.open_ledger_store(run_dir))
    if stage is Stage.EXPORT:
        from videoannotator.cli.exporting import export  # brings libraries that the passes do not need

        annotations = LedgerAnnotations(request.run, ledger, registry)
        export(request, annotations, library, run_dir / OUT, emit)
        return
    weights = bootstrap.fetching(library, emit)
    tools = Tools(registry, ledger, weights, emit, run_dir / "scratch", request.device, request.n_threads)
    run_pass(request.run, stage, tools)


def in_place(request: RunRequest) -> RunRequest:
    """The request with a video that lies below a root opened for good, so that no other can take its place.

    Raises PlaceChanged when it is no longer the file that was accepted.
    """
    if request.source is None:
        return request
    descriptor = Roots(request.roots).open_unchanged(request.source)
    if sys.platform != "linux":
        return request
    # Opened anew by each reader, this leads to the same file whatever its name means by now.
    video = request.run.video.model_copy(update={"path": Path(f"/proc/self/fd/{descriptor}")})
    return request.model_copy(update={"run": request.run.model_copy(update={"video": video})})


def own_standard_output() -> TextIO:
    """A stream of our own on standard output; descriptor 1, which native code writes to, becomes stderr."""
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return reports


def die_with(parent_pid: int) -> None:
    """End this process when its parent ends, however that happens.

    Linux does it itself; elsewhere a thread looks now and then.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _end_without(parent_pid)  # the parent may have died before the request
    else:
        threading.Thread(target=_watch, args=(parent_pid,), daemon=True).start()


def _watch(parent_pid: int) -> None:
    while True:
        _end_without(parent_pid)
        time.sleep(WATCH_INTERVAL_S)


def _end_without(parent_pid: int) -> None:
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
