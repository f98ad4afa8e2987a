"""A stage's process without models: obeys the real protocol, and its parameters say how it behaves.

Each step's parameters: ``chunks`` (how many), ``chunk_s`` (how long each takes), ``load_s``, and
``kill_self_at`` / ``fail_at`` (a chunk). Every chunk that is computed leaves a line in ``work.log``.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from videoannotator.domain.plan import RunRequest, Step
from videoannotator.domain.report import (
    ComponentChange,
    ComponentStatus,
    FileWritten,
    Log,
    Progress,
    Report,
    Stage,
    StageEnd,
)
from videoannotator.files import atomic
from videoannotator.files.store import FileStore


def tell(report: Report) -> None:
    print(report.model_dump_json(), flush=True)


def work(run_dir: Path, stage: Stage, step: Step, store: FileStore) -> None:
    name, options = step.component, step.parameters
    tell(ComponentChange(stage=stage, component=name, status=ComponentStatus.RUNNING))
    time.sleep(options.get("load_s", 0))
    tell(Log(message=f"loaded {name}", component=name))
    n_chunks = options.get("chunks", 1)
    done = len(list(store.keys(f"{name}/")))
    for index in range(done, n_chunks):
        if index == options.get("kill_self_at"):
            os.kill(os.getpid(), signal.SIGKILL)
        if index == options.get("fail_at"):
            change = {"status": ComponentStatus.FAILED, "error_code": "COMPONENT_FAILED"}
            tell(ComponentChange(stage=stage, component=name, error_message="it broke", **change))
            return
        time.sleep(options.get("chunk_s", 0))
        with (run_dir / "work.log").open("a") as log:
            log.write(f"{name} {index}\n")
        before = store.get(f"{name}/{index - 1:06d}") or b""
        store.put(f"{name}/{index:06d}", hashlib.sha256(before + f"{name}{index}".encode()).digest())
        tell(Progress(stage=stage, component=name, fraction=(index + 1) / n_chunks, frames_per_s=25.0))
        tell(Progress(stage=stage, fraction=(index + 1) / n_chunks))
    tell(ComponentChange(stage=stage, component=name, status=ComponentStatus.COMPLETED))


def export(run_dir: Path, steps: tuple[Step, ...], store: FileStore) -> None:
    time.sleep(max((step.parameters.get("export_s", 0) for step in steps), default=0))
    result = {}
    for step in steps:
        keys = list(store.keys(f"{step.component}/"))
        result[step.component] = (store.get(keys[-1]) or b"").hex() if keys else None
    text = json.dumps(result)
    atomic.write_text(run_dir / "out" / "result.json", text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    written = {"kind": "run", "format": "json", "size_bytes": len(text), "sha256": sha256}
    tell(FileWritten(name="result.json", **written))


def main() -> None:
    run_dir, stage = Path(sys.argv[1]), Stage(sys.argv[3])
    request = RunRequest.model_validate_json((run_dir / "request.json").read_text())
    store = FileStore(run_dir / "ledger")
    if stage == Stage.EXPORT:
        export(run_dir, request.run.plan.steps, store)
    for step in request.run.plan.steps:
        if step.passes == stage:
            work(run_dir, stage, step, store)
    tell(StageEnd(stage=stage))


if __name__ == "__main__":
    main()
