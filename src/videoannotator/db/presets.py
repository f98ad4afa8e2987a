"""Rows of presets. The name is unique among one owner's; every version is kept."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import preset_versions, presets
from videoannotator.domain.errors import PresetNameTaken
from videoannotator.domain.presets import Preset, PresetScope


def add(connection: sa.Connection, preset: Preset) -> None:
    """Add a preset with its first version; raises PresetNameTaken."""
    _check_name(connection, preset)
    connection.execute(sa.insert(presets).values(preset.model_dump()))
    _keep(connection, preset)


def replace(connection: sa.Connection, preset: Preset) -> None:
    """Write a new version of a preset; raises PresetNameTaken."""
    _check_name(connection, preset)
    connection.execute(
        sa.update(presets).where(presets.c.id == preset.id).values(preset.model_dump(exclude={"id"}))
    )
    _keep(connection, preset)


def remove(connection: sa.Connection, preset_id: str) -> None:
    """Remove a preset with its versions."""
    connection.execute(sa.delete(presets).where(presets.c.id == preset_id))


def find(connection: sa.Connection, owner: str | None) -> tuple[Preset, ...]:
    """What an owner may use: their own and the shared ones, everybody's for None; by name."""
    query = sa.select(presets).order_by(presets.c.name, presets.c.id)
    if owner is not None:
        query = query.where(sa.or_(presets.c.owner == owner, presets.c.scope == PresetScope.SHARED))
    return tuple(_preset(row) for row in connection.execute(query).mappings())


def version(connection: sa.Connection, preset_id: str, number: int) -> Preset | None:
    """One version of a preset, None where it never was."""
    kept = connection.scalar(
        sa.select(preset_versions.c.preset).where(
            preset_versions.c.preset_id == preset_id, preset_versions.c.version == number
        )
    )
    return None if kept is None else Preset.model_validate(kept)


def versions(connection: sa.Connection, preset_id: str) -> tuple[Preset, ...]:
    """Every version of a preset, the newest first."""
    query = sa.select(preset_versions.c.preset).where(preset_versions.c.preset_id == preset_id)
    newest_first = query.order_by(preset_versions.c.version.desc())
    return tuple(Preset.model_validate(kept) for kept in connection.scalars(newest_first))


def _keep(connection: sa.Connection, preset: Preset) -> None:
    connection.execute(
        sa.insert(preset_versions).values(
            preset_id=preset.id, version=preset.version, preset=preset.model_dump(mode="json")
        )
    )


def _check_name(connection: sa.Connection, preset: Preset) -> None:
    same = sa.select(presets.c.id).where(
        presets.c.owner == preset.owner, presets.c.name == preset.name, presets.c.id != preset.id
    )
    if connection.scalar(same) is not None:
        raise PresetNameTaken(f"You have a preset named {preset.name!r} already", field="name")


def _preset(row: Mapping[Any, Any]) -> Preset:
    return Preset.model_validate(dict(row))
