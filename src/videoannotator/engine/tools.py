"""What a run works with besides its plan."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from videoannotator.domain.media import Video
from videoannotator.domain.plan import Step
from videoannotator.domain.report import Log
from videoannotator.engine.guard import Guarded
from videoannotator.engine.ledger import Ledger
from videoannotator.engine.progress import Emit
from videoannotator.plugin.component import Context
from videoannotator.plugin.registry import Registry


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything is handed in: the engine opens no setting, database or connection itself.

    ``weights`` gives the verified file (or folder) of a model; ``scratch_dir`` may be used for files that
    nobody needs after the run.
    """

    registry: Registry
    ledger: Ledger
    weights: Callable[[str], Path]
    emit: Emit
    scratch_dir: Path
    device: str = "cpu"
    n_threads: int = 2

    def team(self, steps: Iterable[Step]) -> list[Guarded]:
        """The components of these steps, none at work yet."""
        return [Guarded(step, self.registry.component(step.component), self.emit) for step in steps]

    def context(
        self, video: Video, component: str, warnings: list[str], progress: Callable[[float], None]
    ) -> Context:
        """The surroundings of one component; what it warns of is told and collected, each once."""

        def warn(message: str) -> None:
            text = f"{component}: {message}"
            if text not in warnings:
                warnings.append(text)
                self.emit(Log(level="warning", message=message, component=component))

        return Context(video, self.weights, self.device, self.n_threads, warn, progress)
