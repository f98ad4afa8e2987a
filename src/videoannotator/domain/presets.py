"""Presets and preferences: a choice of pipelines with their parameters, kept under a name.

Every change of a preset makes a new version and the old ones stay readable, so that a job's ``preset_id``
and ``preset_version`` always lead to what was meant.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from videoannotator.domain.json_values import SmallObject
from videoannotator.domain.media import Record

MAX_NAME_LENGTH = 100
NAME_PATTERN = r"^[^\s@/\x00-\x1f\x7f]([^@/\x00-\x1f\x7f]*[^\s@/\x00-\x1f\x7f])?$"


class PresetScope(StrEnum):
    """Who sees a preset: its owner, everybody with a key, or everybody since it came with the program."""

    USER = "user"
    SHARED = "shared"
    BUILTIN = "builtin"


class PresetContent(Record):
    """What a preset is. No ``selected_pipelines`` stands for the defaults."""

    name: str = Field(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        pattern=NAME_PATTERN,
        description="Unique among one's own presets; without @ and /.",
        examples=["Play session"],
    )
    description: str = Field("", max_length=2000)
    selected_pipelines: tuple[str, ...] = Field((), max_length=64, examples=[["person_tracking", "whisper"]])
    config: SmallObject = Field(
        default_factory=dict,
        description="config[pipeline][component][parameter]",
        examples=[{"audio_processing": {"whisper": {"language": "en"}}}],
    )


class PresetDraft(PresetContent):
    """A preset as a person writes it."""

    scope: Literal["user", "shared"] = Field("user", description="shared: everybody with a key may use it.")


class Preset(PresetContent):
    """A stored preset. ``resolved`` holds every value that its choice meant when this version was saved."""

    id: str
    owner: str | None = None  # None for the built-in ones
    scope: PresetScope
    version: int = 1
    resolved: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


class PresetChange(Record):
    """A value that a preset means otherwise than when it was saved. ``now`` is None where it is gone."""

    field: str
    kind: Literal["changed", "added", "removed"]
    saved: Any = None
    now: Any = None
    message: str


class Places(Record):
    """Where results go unless a submission says otherwise; see the fields of a submission."""

    output_directory: str | None = None
    db_location: str | None = None


class Notification(Record):
    """What clients shall tell their user of; the server only keeps it."""

    model_config = ConfigDict(extra="allow")

    on_complete: bool | None = None
    on_error: bool | None = None


class Preferences(Record):
    """What the holder of a key wants unless a request says otherwise. Clients may keep other keys, too."""

    model_config = ConfigDict(extra="allow")

    preset: str | None = Field(None, description="Id or name of the preset of new jobs.")
    pipelines: tuple[str, ...] | None = Field(None, description="Pipelines of new jobs without a preset.")
    places: Places | None = None
    notification: Notification | None = None
