"""Presets as TOML files: those that come with the program, and those that people take along."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from videoannotator.domain.errors import InvalidConfigFile, UnknownPreset
from videoannotator.domain.names import normalise, suggest
from videoannotator.domain.presets import Preset, PresetContent, PresetDraft, PresetScope
from videoannotator.files import toml

BUILTIN = Path(__file__).with_name("builtin_presets.toml")
_RELEASED = datetime(2026, 1, 1, tzinfo=UTC)  # the built-in ones change with their version, not with time


def builtin() -> tuple[Preset, ...]:
    """The presets that come with the program; their ids are their names in the file."""
    declared = tomllib.loads(BUILTIN.read_text(encoding="utf-8"))
    return tuple(
        Preset(
            **{**content, "description": _one_line(content["description"])},
            id=preset_id,
            scope=PresetScope.BUILTIN,
            created_at=_RELEASED,
            updated_at=_RELEASED,
        )
        for preset_id, content in declared.items()
    )


def local(reference: str) -> PresetContent:
    """The preset of a TOML file or a built-in one by id or name; raises InvalidConfigFile, UnknownPreset."""
    path = Path(reference)
    if path.suffix.lower() == ".toml":
        try:
            return from_toml(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidConfigFile(f"{path} cannot be read: {error}") from error
    known = {normalise(name): one for one in builtin() for name in (one.id, one.name)}
    if normalise(reference) not in known:
        hint = f"{suggest(reference, (one.id for one in known.values()))} Or give the path of a .toml file."
        raise UnknownPreset(f"There is no built-in preset {reference!r}", hint=hint, field="preset")
    return known[normalise(reference)]


def to_toml(preset: Preset) -> str:
    """The file of a preset; ``from_toml`` reads it on any server."""
    return toml.dumps(preset.model_dump(include=set(PresetContent.model_fields)))


def from_toml(text: str) -> PresetDraft:
    """Read the file of a preset; raises InvalidConfigFile."""
    try:
        return PresetDraft.model_validate(tomllib.loads(text))
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidConfigFile(
            f"The file is no preset: {field}: {first['msg']}", hint=_SHAPE, field=field
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidConfigFile(f"The file is no TOML: {error}", hint=_SHAPE) from error


_SHAPE = (
    'Write name = "...", selected_pipelines = ["..."], and [config.PIPELINE.COMPONENT] parameter = value.'
)


def _one_line(text: str) -> str:
    return " ".join(text.split())
