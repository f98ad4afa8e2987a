"""Model cards, written from the manifests and the components that use the models."""

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from videoannotator.plugin.component import Component
from videoannotator.plugin.registry import Registry
from videoannotator.weights.manifest import Model, load_manifests

_KINDS = {
    "permissive": "everybody may use it",
    "research": 'for research only: needs the setting `licence_mode = "research"`',
    "custom": 'terms of its own: needs the setting `licence_mode = "custom"`',
}


def names(registry: Registry) -> tuple[str, ...]:
    """Every declared model."""
    return tuple(load_manifests(registry.manifests))


def index(registry: Registry) -> str:
    """A table of all models."""
    lines = ["| Model | What it is | Licence | MB |", "| --- | --- | --- | --- |"]
    for model in load_manifests(registry.manifests).values():
        size = f"{model.size_bytes / 1e6:.1f}"
        link = f"[{model.name}]({model.name}.md)"
        lines.append(f"| {link} | {model.description} | {model.licence} | {size} |")
    return "\n".join(lines) + "\n"


def card(registry: Registry, name: str) -> str:
    """The card of one model."""
    model = load_manifests(registry.manifests)[name]
    users = [component for component in _components(registry) if _uses(component, name)]
    caveats = [f"{one.name}: {one.caveat.rstrip('.')}." for one in users if one.caveat]
    facts = {
        "Measures": model.description,
        "Used by": ", ".join(f"`{one.name}`" for one in users) or "components with other parameters",
        "Trained on": model.trained_on or "Not published.",
        "Known failures": " ".join([model.failures or "Not known.", *caveats]),
        "Speed here": model.speed or "Not measured.",
        "Licence": f"{model.licence} ({_KINDS[model.licence_kind]}), according to {model.licence_source}",
        "Access": _access(model),
        "Size": f"{model.size_bytes / 1e6:.1f} MB",
        "Source": model.source,
        "Page": model.homepage or "",
        "Cite": model.paper or "",
        "Get it": f"`videoannotator weights pull {model.name}`",
    }
    rows = [f"| {fact} | {text} |" for fact, text in facts.items() if text]
    return "\n".join([f"# {model.display_name}", "", "| | |", "| --- | --- |", *rows]) + "\n"


def _access(model: Model) -> str:
    if not model.gated:
        return "open"
    return f"accept the licence at {model.homepage} and set `VIDEOANNOTATOR_HUB_TOKEN`"


def _components(registry: Registry) -> Iterator[Component]:
    return (registry.component(name) for name in registry.component_names)


def _uses(component: Component, model: str) -> bool:
    """Whether a component loads a model with some choice of its parameters; Whisper's sizes are free text."""
    choices = [
        {name: value}
        for name, field in component.parameters.model_fields.items()
        for value in (get_args(field.annotation) if get_origin(field.annotation) is Literal else ())
    ]
    chosen = [component.weights(component.parameters(**choice)) for choice in ({}, *choices)]
    return any(model in models for models in chosen) or model.startswith(f"{component.name}-")
