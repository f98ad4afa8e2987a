"""One pass of a run: the ledger is checked, what is left is done, and what was done before is told."""

from videoannotator.domain.plan import Run
from videoannotator.domain.report import ComponentChange, ComponentStatus, Stage
from videoannotator.engine.annotations import LedgerAnnotations
from videoannotator.engine.tools import Tools


def run_pass(run: Run, stage: Stage, tools: Tools) -> None:
    """Run the visual or the audio pass to its end; a second call finds nothing to do.

    Raises NothingToResume for a ledger of another run, MediaError when the file stops being readable,
    and StorageError; a component's own failure is recorded, and the others go on.
    """
    tools.ledger.open(run)
    _tell_done(run, stage, tools)
    # Decoders load with the pass that needs them.
    if stage is Stage.VISUAL:
        from videoannotator.engine.visual import run_visual

        run_visual(run, tools)
    elif stage is Stage.AUDIO:
        from videoannotator.engine.audio import run_audio

        run_audio(run, tools)
    else:
        raise ValueError(f"{stage} is no pass of the engine")


def _tell_done(run: Run, stage: Stage, tools: Tools) -> None:
    """Say what was finished before, to whoever watches only now."""
    for outcome in LedgerAnnotations(run, tools.ledger, tools.registry).outcomes:
        if outcome.stage is stage and outcome.status is not ComponentStatus.PENDING:
            tools.emit(
                ComponentChange(
                    stage=stage,
                    component=outcome.component,
                    status=outcome.status,
                    error_code=outcome.error_code,
                    error_message=outcome.error_message,
                    hint=outcome.hint,
                )
            )
