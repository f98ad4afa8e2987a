"""Whether a preset still means here what it meant when it was saved, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any

from videoannotator.domain.errors import PresetOutdated, VideoAnnotatorError
from videoannotator.domain.media import Record
from videoannotator.domain.plan import Selection
from videoannotator.domain.presets import Preset, PresetChange, PresetContent
from videoannotator.services.catalogue import Catalogue, Finding, finding

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Fit(Record):
    """``problems`` keep the preset from being used; ``changes`` are values that mean something else now."""

    fits: bool
    problems: tuple[Finding, ...] = ()
    changes: tuple[PresetChange, ...] = ()


def selection_of(preset: PresetContent) -> Selection:
    """What a preset chooses."""
    return Selection(pipelines=preset.selected_pipelines or None, config=preset.config)


def check(preset: Preset, catalogue: Catalogue) -> Fit:
    """Compare what a preset meant with what it means now."""
    try:
        now = catalogue.check(selection_of(preset))
    except VideoAnnotatorError as error:
        problems = getattr(error, "problems", (error,))
        return Fit(fits=False, problems=tuple(finding(one) for one in problems))
    return Fit(fits=True, changes=tuple(_changes(preset.resolved, now)) if preset.resolved else ())


def outdated(preset: Preset, error: VideoAnnotatorError) -> PresetOutdated:
    """The error for a preset that cannot be used any more."""
    problems = getattr(error, "problems", (error,))
    said = "; ".join(str(one) for one in problems)
    return PresetOutdated(f"The preset {preset.name!r} no longer fits: {said}", problems)


def _changes(saved: Values, now: Values) -> Iterator[PresetChange]:
    before, after = _flat(saved), _flat(now)
    for field in sorted(before.keys() | after.keys()):
        if field not in after:
            message = f"{field} is gone; it was {before[field]!r}"
            yield PresetChange(field=field, kind="removed", saved=before[field], message=message)
        elif field not in before:
            message = f"{field} is new and is {after[field]!r}"
            yield PresetChange(field=field, kind="added", now=after[field], message=message)
        elif before[field] != after[field]:
            message = f"{field} was {before[field]!r} when the preset was saved and is {after[field]!r} now"
            yield PresetChange(
                field=field, kind="changed", saved=before[field], now=after[field], message=message
            )


def _flat(values: Values) -> dict[str, Any]:
    return {
        f"{pipeline}.{component}.{name}": value
        for pipeline, components in values.items()
        for component, parameters in components.items()
        for name, value in parameters.items()
    }
