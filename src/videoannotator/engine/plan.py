"""From what a person chose to what will run: needed components added, order fixed, values resolved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import (
    ComponentUnavailable,
    LicenceNotAllowed,
    NothingToAnnotate,
    VideoAnnotatorError,
    WeightsGated,
    WeightsMissing,
    raise_all,
)
from videoannotator.domain.media import Video
from videoannotator.domain.plan import PassName, Plan, Selection, Step
from videoannotator.engine.selection import Chosen, choose
from videoannotator.plugin.availability import obstacle
from videoannotator.plugin.component import Needs, Unavailable
from videoannotator.plugin.registry import Registry
from videoannotator.weights.library import Library


def make_plan(video: Video, registry: Registry, selection: Selection, library: Library) -> Plan:
    """Fix what will run on this video.

    What the video cannot serve (no sound, no pictures) is left out with a warning, and so is a component
    that nobody named and that cannot run here.

    Raises InvalidRequest (ManyProblems for several), ComponentUnavailable, WeightsGated or
    LicenceNotAllowed for a named component that cannot run here, WeightsMissing for one whose weights may
    not be fetched, and NothingToAnnotate when nothing is left.
    """
    steps, warnings = check_selection(registry, selection, library)
    served: list[Step] = []
    for step in steps:
        lack = _lack(step, video) or next(
            (f"{n} is left out" for n in step.after if n not in _names(served)), ""
        )
        if lack:
            warnings = (*warnings, f"{step.component} is left out: {lack}")
        else:
            served.append(step)
    if not served:
        raise NothingToAnnotate("; ".join(warnings))
    return Plan(steps=tuple(served), warnings=warnings)


def check_selection(
    registry: Registry, selection: Selection, library: Library
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The steps for a video that has everything, and what is left out; raises like ``make_plan``."""
    chosen = choose(registry, selection)
    resolver = _Resolver(registry, chosen, library)
    obstacles = {name: found for name in chosen.components if (found := resolver.obstacle(name))}
    raise_all(
        [
            _refusal(found.state)(
                f"{name} cannot run here: {found.reason}", hint=found.hint, field=chosen.components[name]
            )
            for name, found in obstacles.items()
            # What is only to be fetched is no lack of this installation: nobody wants it left out silently.
            if chosen.components[name] or found.state is ModelState.DOWNLOADABLE
        ]
    )
    warnings = tuple(f"{name} is left out: {found.reason}" for name, found in obstacles.items())
    return resolver.steps(name for name in chosen.components if name not in obstacles), warnings


@dataclass(frozen=True, slots=True)
class _Resolver:
    registry: Registry
    chosen: Chosen
    library: Library

    def needs(self, name: str) -> Needs:
        """What a component reads with its parameters."""
        return self.registry.component(name).needs(self.chosen.parameters[name])

    def obstacle(self, name: str) -> Unavailable | None:
        """What keeps a component, or one that it needs, from running here."""
        if name not in self.registry.component_names:
            return Unavailable(ModelState.NOT_INSTALLED, f"it needs {name}", f"Install what provides {name}.")
        own = obstacle(self.registry.component(name), self.chosen.parameters[name], self.library)
        others = (found for other in self.needs(name).components if (found := self.obstacle(other)))
        return own or next(others, None)

    def steps(self, names: Iterable[str]) -> tuple[Step, ...]:
        """A step for each component and each that it needs, in the registry's order, needed ones first."""
        wanted, found = set(names), dict[str, Step]()
        for name in self.registry.component_names:
            if name in wanted:
                self._add(name, found)
        return tuple(found.values())

    def _add(self, name: str, found: dict[str, Step]) -> None:
        if name in found:
            return
        needs = self.needs(name)
        for other in needs.components:
            self._add(other, found)
        component, parameters = self.registry.component(name), self.chosen.parameters[name]
        found[name] = Step(
            pipeline=self.registry.pipeline_of(name).name,
            component=name,
            version=component.version,
            passes=_pass(needs, found),
            parameters=parameters.model_dump(mode="json"),
            requested=name in self.chosen.components,
            after=needs.components,
            weights=component.weights(parameters),
        )


def _refusal(state: ModelState) -> type[VideoAnnotatorError]:
    """The error of a component that was asked for and cannot run."""
    return {
        ModelState.DOWNLOADABLE: WeightsMissing,
        ModelState.GATED: WeightsGated,
        ModelState.NOT_ALLOWED: LicenceNotAllowed,
    }.get(state, ComponentUnavailable)


def _pass(needs: Needs, earlier: Mapping[str, Step]) -> PassName:
    """The pass that a component belongs to: what it reads, or what those read whose annotations it reads."""
    if needs.audio_rate_hz is not None:
        return "audio"
    if needs.frames_per_s is not None or not needs.components:
        return "visual"
    return earlier[needs.components[0]].passes


def _lack(step: Step, video: Video) -> str:
    if step.passes == "audio":
        return "" if video.has_audio else "the video has no sound"
    return "" if video.has_video else "the file has no pictures"


def _names(steps: Iterable[Step]) -> set[str]:
    return {step.component for step in steps}
