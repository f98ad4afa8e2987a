"""What shall run: the request over the preset over the owner's preferences over the defaults."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.domain.plan import Selection
from videoannotator.domain.presets import Places, Preset
from videoannotator.services import preset_fit
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.preferences import PreferenceStore
from videoannotator.services.presets import Presets


@dataclass(frozen=True, slots=True)
class Choice:
    """A selection, and the preset that it rests on."""

    selection: Selection
    preset: Preset | None = None


class Choices:
    """Finds out what a submission chooses."""

    def __init__(self, presets: Presets, preferences: PreferenceStore, catalogue: Catalogue) -> None:
        self._presets = presets
        self._preferences = preferences
        self._catalogue = catalogue

    def of(
        self, owner: str, preset: str | None, pipelines: Sequence[str] | None, config: Mapping[str, Any]
    ) -> Choice:
        """The choice of a request; raises UnknownPreset.

        Preferences count only for a request that chooses nothing at all: what somebody spells out must not
        depend on what they once preferred.
        """
        if preset is None and not pipelines and not config:
            preferred = self._preferences.get(owner)
            preset, pipelines = preferred.preset, preferred.pipelines
        found = self._presets.use(preset, owner) if preset else None
        chosen = tuple(pipelines or (found.selected_pipelines if found else ())) or None
        base = found.config if found else {}
        return Choice(Selection(pipelines=chosen, base=base, config=dict(config)), found)

    def places(self, owner: str) -> Places:
        """Where an owner's results go unless a request says otherwise."""
        return self._preferences.get(owner).places or Places()

    @contextmanager
    def blaming(self, choice: Choice) -> Iterator[None]:
        """Turn an error into PresetOutdated where it is the preset that no longer fits."""
        try:
            yield
        except VideoAnnotatorError as error:
            if choice.preset is not None and not preset_fit.check(choice.preset, self._catalogue).fits:
                raise preset_fit.outdated(choice.preset, error) from error
            raise
