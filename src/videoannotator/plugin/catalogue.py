"""The declarations of pipelines and components as people and programs are told of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from videoannotator.domain.catalogue import ComponentInfo, ModelInfo, PipelineInfo
from videoannotator.plugin import availability, parameters
from videoannotator.plugin.component import Component, Pipeline, Unavailable
from videoannotator.weights.library import Library

Members = Mapping[str, Component]  # every component that is installed, by name


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """An entry point that gives no usable pipeline, and why."""

    name: str
    package: str
    reason: str


def describe_all(
    pipelines: Iterable[Pipeline], broken: Iterable[BrokenPlugin], library: Library
) -> tuple[PipelineInfo, ...]:
    """Every pipeline with what cannot run here and why, then the broken plugins."""
    pipelines = tuple(pipelines)
    members = {component.name: component for pipeline in pipelines for component in pipeline.components}
    return (
        *(describe_pipeline(pipeline, members, library) for pipeline in pipelines),
        *(_describe_broken(plugin) for plugin in broken),
    )


def describe_pipeline(pipeline: Pipeline, members: Members, library: Library) -> PipelineInfo:
    """A pipeline is enabled while at least one of its components is."""
    components = tuple(describe_component(pipeline, one, members, library) for one in pipeline.components)
    enabled = any(component.enabled for component in components)
    return PipelineInfo(
        name=pipeline.name,
        display_name=pipeline.display_name,
        description=pipeline.description,
        family=pipeline.family,
        enabled=enabled,
        default_enabled=pipeline.default_enabled,
        components=components,
        disabled_reason=None if enabled else "None of its components can run here.",
        hint=None if enabled else "See the reason and the hint of each component.",
        output_formats=pipeline.output_formats,
        aliases=pipeline.aliases,
    )


def describe_component(
    pipeline: Pipeline, component: Component, members: Members, library: Library
) -> ComponentInfo:
    """The component with its default parameters: others may need other weights."""
    defaults = component.parameters()
    needs = component.needs(defaults)
    obstacle = _obstacle(component, members, library)
    return ComponentInfo(
        name=component.name,
        display_name=component.display_name,
        description=component.description,
        pipeline=pipeline.name,
        version=component.version,
        enabled=obstacle is None,
        default_enabled=component.default_enabled,
        state=obstacle.state if obstacle else availability.state(component, defaults, library),
        disabled_reason=obstacle.reason if obstacle else None,
        hint=obstacle.hint if obstacle else None,
        caveat=component.caveat,
        model_name=component.model_name,
        parameters=parameters.describe(component.parameters),
        produces=tuple(schema.name for schema in component.produces),
        needs=needs.components,
        weights=component.weights(defaults),
        models=_models(component.weights(defaults), library),
        aliases=component.aliases,
    )


def _obstacle(component: Component, members: Members, library: Library) -> Unavailable | None:
    """What keeps a component, or one that it needs, from running here."""
    defaults = component.parameters()
    own = availability.obstacle(component, defaults, library)
    needed = (members[name] for name in component.needs(defaults).components if name in members)
    return own or next((found for one in needed if (found := _obstacle(one, members, library))), None)


def _models(names: Iterable[str], library: Library) -> tuple[ModelInfo, ...]:
    """What is known of the weights; a name that no manifest declares is the component's obstacle."""
    return tuple(library.info(name) for name in names if library.knows(name))


def _describe_broken(plugin: BrokenPlugin) -> PipelineInfo:
    return PipelineInfo(
        name=plugin.name,
        display_name=plugin.name,
        description=f"A plugin of {plugin.package} that cannot be loaded.",
        family="other",
        enabled=False,
        default_enabled=False,
        components=(),
        disabled_reason=plugin.reason,
        hint=f"Update or remove it: pip install --upgrade {plugin.package}",
    )
