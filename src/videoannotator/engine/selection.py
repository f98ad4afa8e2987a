"""What a person chose and configured, read against what is installed; every problem is collected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from videoannotator.domain.errors import (
    AmbiguousParameter,
    InvalidParameter,
    InvalidRequest,
    UnknownName,
    UnknownParameter,
    VideoAnnotatorError,
    raise_all,
)
from videoannotator.domain.names import normalise, suggest
from videoannotator.domain.plan import Selection
from videoannotator.plugin.component import Component, Parameters
from videoannotator.plugin.parameters import check
from videoannotator.plugin.registry import Place, Registry

_PIPELINES = "selected_pipelines"  # as clients, presets and jobs spell the choice of pipelines
_ENABLED = "enabled"  # config[pipeline][component].enabled switches one component on or off
_COMPONENTS = "components"  # config[pipeline].components names exactly those that shall run


@dataclass(frozen=True, slots=True)
class Chosen:
    """The components to run, each with the field that names it: "" for one that came by default.

    ``parameters`` holds those of every installed component, because another one may need it.
    """

    components: dict[str, str]
    parameters: dict[str, Parameters]


def choose(registry: Registry, selection: Selection) -> Chosen:
    """Read a selection; raises the one problem found, or ManyProblems."""
    reader = _Reader(registry)
    reader.read_config(_expanded(selection.base), "preset")
    reader.read_config(_expanded(selection.config), "config")
    for text in selection.overrides:
        reader.read_override(text)
    parameters = reader.parameters()
    components = reader.components(selection)
    raise_all(reader.problems)
    return Chosen(components, parameters)


@dataclass(slots=True)
class _Reader:
    registry: Registry
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    switches: dict[str, bool] = field(default_factory=dict)
    exactly: dict[str, list[str]] = field(default_factory=dict)
    problems: list[VideoAnnotatorError] = field(default_factory=list)

    def read_config(self, config: Mapping[str, Any], place: str) -> None:
        """The top level: pipelines, components, or bare parameters."""
        for key, value in config.items():
            found = self.registry.find(key)
            if found is None and isinstance(value, Mapping):
                self._resolve(key, f"{place}.{key}")
            elif found is None:
                self._bare(key, value, list(self.registry.component_names), f"{place}.{key}")
            elif found.component:
                self._component(found.component, value)
            else:
                self._pipeline(found.pipeline, value)

    def read_override(self, text: str) -> None:
        """``[pipeline.]component.parameter=value``, or ``parameter=value``."""
        path, equals, value = text.partition("=")
        if not equals:
            hint = "Write component.parameter=value, e.g. whisper.model=base."
            self.problems.append(InvalidRequest(f"{text!r} sets nothing", hint=hint, field=text))
            return
        self.read_config(_expanded({path.strip(): value.strip()}), "--set")

    def parameters(self) -> dict[str, Parameters]:
        """The parameters of every component, defaults filled in, without those that have problems."""
        found = {}
        for name in self.registry.component_names:
            declaration = self.registry.component(name).parameters
            model, problems = check(declaration, self.values.get(name, {}), self._place(name))
            self.problems += problems
            if model is not None:
                found[name] = model
        return found

    def components(self, selection: Selection) -> dict[str, str]:
        """What shall run, in no order, with the field that names it."""
        chosen: dict[str, str] = {}
        named = [place for n in selection.components if (place := self._resolve(n, "components"))]
        for place in named:
            if place.component:
                chosen[place.component] = "components"
        restricted = {place.pipeline for place in named if place.component}
        whole = {place.pipeline for place in named if not place.component}
        for pipeline in dict.fromkeys((*self._pipelines(selection, chosen), *whole)):
            if pipeline not in restricted:
                chosen = self._members(pipeline) | chosen
        return chosen

    def _pipelines(self, selection: Selection, chosen: dict[str, str]) -> list[str]:
        if not selection.pipelines:
            if selection.components:
                return []
            return [p.name for p in self.registry.pipelines if p.default_enabled or p.name in self.exactly]
        whole = []
        for name in selection.pipelines:
            place = self._resolve(name, _PIPELINES)
            if place and place.component:
                chosen[place.component] = _PIPELINES
            elif place:
                whole.append(place.pipeline)
        return whole

    def _members(self, pipeline: str) -> dict[str, str]:
        """The components of one pipeline that run when the pipeline is chosen."""
        if pipeline in self.exactly:
            return dict.fromkeys(self.exactly[pipeline], f"config.{pipeline}.{_COMPONENTS}")
        defaults = {c.name: c.default_enabled for c in self.registry.pipeline(pipeline).components}
        running = [name for name, default in defaults.items() if self.switches.get(name, default)]
        return {name: self._place(name) if name in self.switches else "" for name in running}

    def _resolve(self, name: str, place: str) -> Place | None:
        try:
            return self.registry.resolve(name, place)
        except UnknownName as error:
            self.problems.append(error)
            return None

    def _pipeline(self, pipeline: str, value: Any) -> None:
        place = f"config.{pipeline}"
        if not isinstance(value, Mapping):
            self.problems.append(_no_object(place, value))
            return
        for key, part in value.items():
            component = self.registry.find_in(pipeline, key)
            if component is not None:
                self._component(component.name, part)
            elif key == _COMPONENTS:
                self._exactly(pipeline, part, f"{place}.{key}")
            elif isinstance(part, Mapping):
                self._member(pipeline, key, f"{place}.{key}")
            else:
                members = [c.name for c in self.registry.pipeline(pipeline).components]
                self._bare(key, part, members, f"{place}.{key}")

    def _component(self, name: str, value: Any) -> None:
        place = self._place(name)
        if isinstance(value, bool | str):  # a command line has texts only
            value = {_ENABLED: value}
        if not isinstance(value, Mapping):
            self.problems.append(_no_object(place, value))
            return
        own = self.registry.component(name).parameters.model_fields
        for key, part in value.items():
            if key == _ENABLED and key not in own:
                self._switch(name, part, f"{place}.{key}")
            else:
                self.values.setdefault(name, {})[key] = part

    def _switch(self, name: str, value: Any, place: str) -> None:
        texts = {"true": True, "false": False}
        value = texts.get(value.lower(), value) if isinstance(value, str) else value
        if isinstance(value, bool):
            self.switches[name] = value
        else:
            problem = f"{place} is {value!r}, which is no boolean"
            self.problems.append(InvalidParameter(problem, hint="Give true or false.", field=place))

    def _exactly(self, pipeline: str, value: Any, place: str) -> None:
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
            problem = f"{place} is {value!r}, which is no list of names"
            hint = "Give a list of component names."
            self.problems.append(InvalidParameter(problem, hint=hint, field=place))
            return
        found = [self._member(pipeline, name, f"{place}.{index}") for index, name in enumerate(names)]
        self.exactly[pipeline] = [component.name for component in found if component]

    def _member(self, pipeline: str, name: str, place: str) -> Component | None:
        try:
            return self.registry.resolve_in(pipeline, name, place)
        except UnknownName as error:
            self.problems.append(error)
            return None

    def _bare(self, key: str, value: Any, candidates: Sequence[str], place: str) -> None:
        """A parameter without its component: taken where only one of the candidates has it."""
        fields = {name: self.registry.component(name).parameters.model_fields for name in candidates}
        owners = [name for name in candidates if normalise(key) in fields[name]]
        if len(owners) == 1:
            self.values.setdefault(owners[0], {})[normalise(key)] = value
        elif owners:
            hint = f"Write one of: {', '.join(f'{owner}.{normalise(key)}' for owner in owners)}."
            problem = f"Several components have a parameter {key!r}"
            self.problems.append(AmbiguousParameter(problem, hint=hint, field=place))
        else:
            valid = {*candidates, *(name for owner in candidates for name in fields[owner])}
            problem = f"There is no component or parameter {key!r}"
            self.problems.append(UnknownParameter(problem, hint=suggest(key, valid), field=place))

    def _place(self, component: str) -> str:
        return f"config.{self.registry.pipeline_of(component).name}.{component}"


def _expanded(config: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as nested ones: ``{"a.b": 1}`` is ``{"a": {"b": 1}}``."""
    result: dict[str, Any] = {}
    for key, value in config.items():
        head, dot, rest = key.partition(".")
        inner = {rest: value} if dot else value
        result = _merged(result, {head: _expanded(inner) if isinstance(inner, Mapping) else inner})
    return result


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Both; where they meet, nested objects are merged and other values are the second's."""
    result = dict(first)
    for key, value in second.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _no_object(place: str, value: Any) -> InvalidParameter:
    return InvalidParameter(
        f"{place} is {value!r}, which is no object", hint="Give names and values.", field=place
    )
