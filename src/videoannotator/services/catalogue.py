"""What can be run here, and whether a configuration would run: the plan's own checks, told politely."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from videoannotator.domain.catalogue import PipelineInfo
from videoannotator.domain.errors import ManyProblems, NotHere, UnknownPipeline, VideoAnnotatorError
from videoannotator.domain.media import Record, Video
from videoannotator.domain.plan import Plan, Selection, Step
from videoannotator.engine.plan import check_selection, make_plan
from videoannotator.plugin.registry import Place, Registry
from videoannotator.weights.library import Library

Values = dict[str, dict[str, dict[str, Any]]]  # [pipeline][component][parameter]


class Finding(Record):
    """Something about a configuration; ``severity`` decides how it is shown."""

    field: str
    message: str
    severity: Literal["error", "warning", "info"] = "error"
    error_code: str = "INVALID_REQUEST"
    hint: str = ""


class Verdict(Record):
    """Whether a configuration would run, and with which values."""

    valid: bool
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    validated_config: Values | None = None

    def blamed(self, problems: Sequence[VideoAnnotatorError]) -> "Verdict":
        """The same with more that is wrong; nothing that would run stays valid."""
        if not problems:
            return self
        errors = (*self.errors, *(finding(one) for one in problems))
        return self.model_copy(update={"valid": False, "errors": errors, "validated_config": None})


class Catalogue:
    """The installed pipelines with the state of their weights."""

    def __init__(self, registry: Registry, library: Library) -> None:
        self.registry = registry
        self.library = library

    def pipelines(self) -> tuple[PipelineInfo, ...]:
        """Everything that is installed."""
        return self.registry.catalogue(self.library)

    def pipeline(self, name: str) -> PipelineInfo:
        """The pipeline that an address names, by name or alias; raises NotHere with the nearest name."""
        try:
            place = self.registry.resolve(name)
        except UnknownPipeline as error:
            raise NotHere(str(error), hint=error.hint) from error
        return next(info for info in self.pipelines() if info.name == place.pipeline)

    def place(self, name: str, field: str | None = None) -> Place:
        """What a name or alias means; raises UnknownPipeline, which blames the field."""
        return self.registry.resolve(name, field)

    def plan(self, video: Video, selection: Selection) -> Plan:
        """Fix what runs on a video; raises InvalidRequest, ComponentUnavailable or NothingToAnnotate."""
        return make_plan(video, self.registry, selection, self.library)

    def check(self, selection: Selection) -> Values:
        """Every value that a choice means; raises what is wrong with it, before there is a video."""
        return config_of(check_selection(self.registry, selection, self.library)[0])

    def validate(self, config: Mapping[str, Any], selected: Sequence[str] | None = None) -> Verdict:
        """Check a configuration without a video. Without ``selected`` its own keys say what is meant."""
        selection = Selection(
            pipelines=tuple(selected) if selected is not None else self._meant_by(config), config=dict(config)
        )
        try:
            steps, warnings = check_selection(self.registry, selection, self.library)
        except ManyProblems as error:
            return Verdict(valid=False, errors=tuple(finding(one) for one in error.problems))
        except VideoAnnotatorError as error:
            return Verdict(valid=False, errors=(finding(error),))
        notes = tuple(Finding(field="", message=one, severity="warning") for one in warnings)
        return Verdict(valid=True, warnings=notes, validated_config=config_of(steps))

    def _meant_by(self, config: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The pipelines that a configuration speaks of; None (the defaults) where it names none."""
        places = (self.registry.find(key) for key in config)
        return tuple(dict.fromkeys(place.pipeline for place in places if place)) or None


def config_of(steps: Sequence[Step]) -> Values:
    """``config[pipeline][component][parameter]`` with every value of a plan."""
    config: Values = {}
    for step in steps:
        config.setdefault(step.pipeline, {})[step.component] = step.parameters
    return config


def finding(error: VideoAnnotatorError) -> Finding:
    """An error as something to show."""
    return Finding(field=error.field or "", message=str(error), error_code=error.code, hint=error.hint)
