"""A job as the durable-execution engine sees it: one step per stage, each kept once it is done."""

from typing import Any

from dbos import DBOS

from videoannotator.domain.report import Stage
from videoannotator.worker.outcome import StageOutcome
from videoannotator.worker.queue import WORKFLOW
from videoannotator.worker.runner import Runner, Work


def register(runner: Runner) -> None:
    """Make the job workflow known to the engine; call once, before it is launched."""

    @DBOS.step(name="stage")
    def run_stage(work: Work, stage: Stage) -> dict[str, Any]:
        return runner.run(work, stage).model_dump(mode="json")

    # Recoveries are counted in the job's row, where progress forgives them; the engine's own count
    # would in the end refuse a long job that was interrupted often.
    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
    def run_job(job_id: str) -> None:
        work = runner.begin(job_id)
        if work is None:
            return
        outcomes: list[StageOutcome] = []
        for stage in work.stages:
            outcomes.append(StageOutcome.model_validate(run_stage(work, stage)))
            if outcomes[-1].stopped:
                break
        runner.end(work, outcomes)
