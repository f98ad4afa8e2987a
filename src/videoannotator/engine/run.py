"""One pass of a run: the ledger is checked, what is left is done, and what was done before is told."""

from videoannotator.domain.plan import Run
from videoannotator.domain.report import Stage
from videoannotator.engine.tools import Tools


def run_pass(run: Run, stage: Stage, tools: Tools) -> None:
    """Run the visual or the audio pass to its end; a second call finds nothing to do.

    Raises NothingToResume for a ledger of another run, MediaError when the file stops being readable,
    and StorageError; a component's own failure is recorded, and the others go on.
    """
    tools.ledger.open(run)
    # Decoders load with the pass that needs them.
    if stage is Stage.VISUAL:
        from videoannotator.engine.visual import run_visual

        run_visual(run, tools)
    elif stage is Stage.AUDIO:
        from videoannotator.engine.audio import run_audio

        run_audio(run, tools)
    else:
        raise ValueError(f"{stage} is no pass of the engine")
