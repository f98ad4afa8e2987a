"""Presets: find, save, change, use. ``owner`` None stands for somebody who may see everybody's."""

import uuid
from collections.abc import Callable

from videoannotator.db import audit
from videoannotator.db import presets as rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import PreconditionFailed, PresetNotFound, PresetReadOnly, UnknownPreset
from videoannotator.domain.names import normalise, suggest
from videoannotator.domain.presets import MAX_NAME_LENGTH, Preset, PresetDraft, PresetScope
from videoannotator.services import preset_files
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.preset_fit import selection_of


class Presets:
    """The presets of one server, the built-in ones among them."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock = utc_now) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._builtin = {preset.id: preset for preset in preset_files.builtin()}

    def list(self, owner: str | None) -> tuple[Preset, ...]:
        """The built-in ones, one's own and the shared ones."""
        with self._database.read() as connection:
            return (*self._builtin.values(), *rows.find(connection, owner))

    def get(self, preset_id: str, owner: str | None, version: int | None = None) -> Preset:
        """A preset by id, the newest version or the one that is named; raises PresetNotFound."""
        preset = next((one for one in self.list(owner) if one.id == preset_id), None)
        if preset is None:
            raise PresetNotFound(f"No preset has the id {preset_id}")
        if version in (None, preset.version):
            return preset
        with self._database.read() as connection:
            older = rows.version(connection, preset_id, version or 0)
        if older is None:
            raise PresetNotFound(f"The preset {preset.name!r} has no version {version}", field="version")
        return older

    def versions(self, preset_id: str, owner: str | None) -> tuple[Preset, ...]:
        """Every version of a preset, the newest first; raises PresetNotFound."""
        preset = self.get(preset_id, owner)
        if preset.scope is PresetScope.BUILTIN:
            return (preset,)
        with self._database.read() as connection:
            return rows.versions(connection, preset_id)

    def use(self, reference: str, owner: str) -> Preset:
        """The preset that a person means by an id or a name, perhaps with ``@version``.

        One's own come before the built-in ones, those before what others share. Raises UnknownPreset.
        """
        name, version = _named(reference)
        known = sorted(self.list(owner), key=lambda one: (one.owner != owner, one.owner is not None))
        found = next((one for one in known if one.id == name), None) or next(
            (one for one in known if normalise(one.name) == normalise(name)), None
        )
        if found is None:
            valid = suggest(name, (one.name for one in known))
            raise UnknownPreset(f"There is no preset {name!r}", hint=valid, field="preset")
        return self.get(found.id, owner, version)

    def create(self, owner: str, draft: PresetDraft) -> Preset:
        """Save a preset; raises PresetNameTaken, and what is wrong with its choice."""
        now = self._clock()
        preset = Preset(
            **draft.model_dump(exclude={"scope"}),
            scope=PresetScope(draft.scope),
            id=str(uuid.uuid4()),
            owner=owner,
            resolved=self._catalogue.check(selection_of(draft)),
            created_at=now,
            updated_at=now,
        )
        with self._database.write() as connection:
            rows.add(connection, preset)
            audit.append(connection, "preset.create", preset.id, now, name=preset.name)
        return preset

    def replace(
        self, preset_id: str, owner: str | None, draft: PresetDraft, matches: Callable[[int], bool]
    ) -> Preset:
        """Save a new version of the version that the caller has seen.

        Raises PresetNotFound, PresetReadOnly, PreconditionFailed, PresetNameTaken, and like ``create``.
        """
        self._writable(preset_id, owner, matches)
        resolved = self._catalogue.check(selection_of(draft))
        with self._database.write() as connection:
            # Read again: of two who change it at once, one has to be told.
            before = self._writable(preset_id, owner, matches)
            changed = {
                **draft.model_dump(),
                "scope": PresetScope(draft.scope),
                "resolved": resolved,
                "version": before.version + 1,
                "updated_at": self._clock(),
            }
            preset = before.model_copy(update=changed)
            rows.replace(connection, preset)
            audit.append(connection, "preset.change", preset.id, self._clock(), version=preset.version)
        return preset

    def delete(self, preset_id: str, owner: str | None, matches: Callable[[int], bool]) -> None:
        """Remove a preset; raises PresetNotFound, PresetReadOnly, PreconditionFailed."""
        with self._database.write() as connection:
            preset = self._writable(preset_id, owner, matches)
            rows.remove(connection, preset_id)
            audit.append(connection, "preset.delete", preset_id, self._clock(), name=preset.name)

    def duplicate(self, preset_id: str, caller: str, owner: str | None, name: str | None = None) -> Preset:
        """A copy that belongs to the caller; raises PresetNotFound, PresetNameTaken."""
        source = self.get(preset_id, owner)
        content = source.model_dump(include={"description", "selected_pipelines", "config"})
        return self.create(caller, PresetDraft(name=name or _copy_of(source.name), **content))

    def _writable(self, preset_id: str, owner: str | None, matches: Callable[[int], bool]) -> Preset:
        preset = self.get(preset_id, owner)
        if preset.scope is PresetScope.BUILTIN or owner not in (None, preset.owner):
            raise PresetReadOnly(f"The preset {preset.name!r} is not yours to change")
        if not matches(preset.version):
            raise PreconditionFailed(f"The preset is at version {preset.version} now")
        return preset


def _copy_of(name: str) -> str:
    return f"{name[: MAX_NAME_LENGTH - len(' (copy)')]} (copy)"


def _named(reference: str) -> tuple[str, int | None]:
    """Name and version of ``name@3``; no name of a preset holds an @."""
    name, at, number = reference.rpartition("@")
    if at and number.isascii() and number.isdigit() and len(number) < 10:
        return name, int(number)
    return reference, None
