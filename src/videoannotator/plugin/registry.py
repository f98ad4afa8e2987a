"""Which pipelines are installed: found by entry point, looked up by name or alias."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from videoannotator.domain.catalogue import PipelineInfo
from videoannotator.domain.errors import UnknownComponent, UnknownPipeline
from videoannotator.domain.names import normalise, suggest
from videoannotator.plugin.catalogue import BrokenPlugin, describe_all
from videoannotator.plugin.component import Component, Pipeline
from videoannotator.weights.library import Library
from videoannotator.weights.manifest import load_manifests

GROUP = "videoannotator.pipelines"
_OURS = "videoannotator"


@dataclass(frozen=True, slots=True)
class Place:
    """What a name means: a pipeline, or one component of it."""

    pipeline: str
    component: str | None = None


class Registry:
    """Every usable pipeline and every broken plugin.

    Component names are unique over all pipelines, because tables, logs and flat parameters name the
    component alone. ``manifests`` are the files that list the pipelines' weights.
    """

    def __init__(
        self,
        pipelines: Iterable[Pipeline],
        broken: Iterable[BrokenPlugin] = (),
        manifests: Iterable[Path] = (),
    ) -> None:
        self.pipelines = tuple(pipelines)
        self.broken = tuple(broken)
        own = (pipeline.weights_manifest for pipeline in self.pipelines)
        self.manifests = tuple(dict.fromkeys([*(path for path in own if path), *manifests]))
        self._pipelines = {pipeline.name: pipeline for pipeline in self.pipelines}
        self._components = {c.name: c for pipeline in self.pipelines for c in pipeline.components}
        self._owners = {c.name: pipeline for pipeline in self.pipelines for c in pipeline.components}
        self._places = self._aliases() | {c: Place(p.name, c) for c, p in self._owners.items()}
        self._places |= {name: Place(name) for name in self._pipelines}

    def resolve(self, name: str, field: str | None = None) -> Place:
        """What a name, alias or ``pipeline.component`` means; UnknownPipeline with the nearest valid name.

        Names win over aliases, pipelines over components.
        """
        if (place := self.find(name)) is None:
            message = f"There is no pipeline or component {name!r}"
            raise UnknownPipeline(message, hint=suggest(name, self._places), field=field)
        return place

    def resolve_in(self, pipeline: str, name: str, field: str | None = None) -> Component:
        """The component of a pipeline by name or alias; UnknownComponent with the nearest valid name."""
        if (component := self.find_in(pipeline, name)) is None:
            valid = (component.name for component in self._pipelines[pipeline].components)
            message = f"{pipeline} has no component {name!r}"
            raise UnknownComponent(message, hint=suggest(name, valid), field=field)
        return component

    def find(self, name: str) -> Place | None:
        """Like ``resolve``, with None for an unknown name."""
        wanted = normalise(name)
        if place := self._places.get(wanted):
            return place
        scope, _, rest = wanted.partition(".")
        pipeline = self._places.get(scope)
        if not rest or pipeline is None or (component := self.find_in(pipeline.pipeline, rest)) is None:
            return None
        return Place(pipeline.pipeline, component.name)

    def find_in(self, pipeline: str, name: str) -> Component | None:
        """Like ``resolve_in``, with None for an unknown name."""
        wanted = normalise(name).removeprefix(f"{pipeline}.")
        members = self._pipelines[pipeline].components
        return next((c for c in members if wanted in (c.name, *c.aliases)), None)

    def component(self, name: str) -> Component:
        """The component of exactly this name; UnknownComponent, e.g. for a plugin that was uninstalled."""
        if (component := self._components.get(name)) is None:
            raise UnknownComponent(f"There is no component {name!r}", hint=suggest(name, self._components))
        return component

    @property
    def component_names(self) -> tuple[str, ...]:
        """Every component, in the order in which they are fed."""
        return tuple(self._components)

    def pipeline(self, name: str) -> Pipeline:
        """The pipeline of exactly this name; KeyError when there is none."""
        return self._pipelines[name]

    def pipeline_of(self, component: str) -> Pipeline:
        """The pipeline that a component belongs to."""
        return self._owners[component]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name and alias that ``resolve`` knows, without the dotted ones."""
        return tuple(self._places)

    def catalogue(self, library: Library) -> tuple[PipelineInfo, ...]:
        """Everything that is installed, with what cannot run here and why; broken plugins come last."""
        return describe_all(self.pipelines, self.broken, library)

    def plus(self, loaded: object) -> "Registry":
        """The registry with one more pipeline, or with its components added to the pipeline of its name.

        Raises TypeError, ValueError or WeightsError for what does not keep the protocol, takes a name, or
        holds components that need each other.
        """
        new = _check(loaded)
        for component in new.components:
            if component.name in self._components:
                raise ValueError(f"there is a component {component.name} already")
        manifests = (*self.manifests, *filter(None, [new.weights_manifest]))
        load_manifests(manifests)  # a damaged manifest is its plugin's fault, not everybody's
        needs = {
            c.name: c.needs(c.parameters()).components for c in (*self._components.values(), *new.components)
        }
        TopologicalSorter(needs).prepare()  # raises CycleError
        pipelines = dict(self._pipelines)
        if (old := pipelines.get(new.name)) is not None:
            new = replace(old, components=(*old.components, *new.components))
        return Registry((pipelines | {new.name: new}).values(), self.broken, manifests)

    def _aliases(self) -> dict[str, Place]:
        places: dict[str, Place] = {}
        for pipeline in self.pipelines:
            for component in pipeline.components:
                places |= {alias: Place(pipeline.name, component.name) for alias in component.aliases}
        return places | {
            alias: Place(pipeline.name) for pipeline in self.pipelines for alias in pipeline.aliases
        }


def load_registry(group: str = GROUP) -> Registry:
    """Read the installed entry points; one that fails is listed as broken and stops nothing."""
    # Ours come first, so that nobody else can take their names.
    found = sorted(entry_points(group=group), key=lambda entry: (_package(entry) != _OURS, entry.name))
    registry = Registry(())
    for entry in found:
        try:
            registry = registry.plus(entry.load())
        except Exception as error:  # noqa: BLE001  (somebody else's code: it may fail in any way)
            reason = f"{type(error).__name__}: {error}"
            broken = BrokenPlugin(entry.name, _package(entry), reason)
            registry = Registry(registry.pipelines, (*registry.broken, broken), registry.manifests)
    return registry


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown package"


def _check(loaded: object) -> Pipeline:
    """The object itself, if it keeps the protocol: its defaults must make valid parameters."""
    if not isinstance(loaded, Pipeline):
        raise TypeError(f"the entry point gives a {type(loaded).__name__}, not a Pipeline")
    for component in loaded.components:
        if not isinstance(component, Component):
            raise TypeError(f"{loaded.name} holds a {type(component).__name__}, not a Component")
        parameters = component.parameters()
        component.needs(parameters)
        component.weights(parameters)
    return loaded
