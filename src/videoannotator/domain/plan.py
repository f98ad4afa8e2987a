"""What will run, fixed once: every component with every parameter value, in order."""

from typing import Any, Literal

from videoannotator.domain.media import Record, Video

PassName = Literal["visual", "audio"]


class Step(Record):
    """One component at work on one video. ``parameters`` holds every value, defaults included.

    ``requested`` is False for a component that another one needs. ``after`` names the components
    whose annotations it reads; ``weights`` the models it loads.
    """

    pipeline: str
    component: str
    version: str
    passes: PassName
    parameters: dict[str, Any]
    requested: bool = True
    after: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()


class Plan(Record):
    """The steps of one run in the order they are fed. Two equal plans on equal videos mean the same run."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()

    def of_pass(self, name: PassName) -> tuple[Step, ...]:
        """The steps that share one reading of the file."""
        return tuple(step for step in self.steps if step.passes == name)


class Run(Record):
    """A plan applied to a video."""

    video: Video
    plan: Plan
