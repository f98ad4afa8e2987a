"""One pass of a run: the ledger is checked, what is left is done, and what was done before is told."""

from videoannotator.domain.plan import Run
from videoannotator.domain.report import Log, Stage
from videoannotator.engine.tools import Tools


def run_pass(run: Run, stage: Stage, tools: Tools) -> None:
    """Run the visual or the audio pass to its end; a second call finds nothing to do.

    Raises NothingToResume for a ledger of another run, MediaError when the file stops being readable,
    and StorageError; a component's own failure is recorded, and the others go on.
    """
    tools.ledger.open(run)
    tools.emit(Log(message=_beginning(run, stage, tools)))
    # Decoders load with the pass that needs them.
    if stage is Stage.VISUAL:
        from videoannotator.engine.visual import run_visual

        run_visual(run, tools)
    elif stage is Stage.AUDIO:
        from videoannotator.engine.audio import run_audio

        run_audio(run, tools)
    else:
        raise ValueError(f"{stage} is no pass of the engine")
    tools.emit(Log(message=_ending(stage, tools)))


def _beginning(run: Run, stage: Stage, tools: Tools) -> str:
    """What is about to be done, for whoever reads the log."""
    names = ", ".join(step.component for step in run.plan.steps if step.passes == stage)
    going_on = " (going on after an interruption)" if tools.ledger.counters(stage) else ""
    return f"{stage} pass over {run.video.duration_s:.1f} s{going_on}: {names}"


def _ending(stage: Stage, tools: Tools) -> str:
    """What the pass has cost."""
    counters = tools.ledger.counters(stage)
    if counters is None:
        return f"{stage} pass: nothing to do"
    costs = (f"{name} {one.inference_s:.1f} s" for name, one in counters.components.items())
    decoded = f"{counters.n_frames_decoded} frames decoded, " if counters.n_frames_decoded else ""
    return f"{stage} pass done: {decoded}{', '.join(costs)}"
