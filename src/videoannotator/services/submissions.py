"""From what a client sends to a queued job: video, choice, plan."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError

from videoannotator.domain.errors import InvalidRequest, ParameterOutOfRange
from videoannotator.domain.jobs import Job, StoredVideo, Submission
from videoannotator.domain.media import Record
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.choices import Choices
from videoannotator.services.jobs import Jobs
from videoannotator.services.places import Places


class Wish(Record):
    """What a client asked for, as it was sent.

    ``preset`` is an id or a name, perhaps with ``@version``; ``selected_pipelines`` None stands for those of
    the preset, else the owner's preferred ones, else the defaults.
    """

    preset: str | None = None
    selected_pipelines: tuple[str, ...] | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None
    priority: int = Field(default=0, ge=-100, le=100)
    tags: tuple[str, ...] = ()
    output_directory: str | None = None
    db_location: str | None = None
    start_s: float | None = None
    end_s: float | None = None

    @staticmethod
    def of(content: Any, field: str) -> "Wish":
        """A wish from JSON; raises InvalidRequest that names the field."""
        try:
            return Wish.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join((field, *(str(part) for part in first["loc"])))
            raise InvalidRequest(f"{where}: {first['msg']}", field=where) from error


class Submissions:
    """Checks and plans what clients ask for."""

    def __init__(self, jobs: Jobs, catalogue: Catalogue, choices: Choices, places: Places) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._choices = choices
        self.places = places

    def check(self, owner: str, wish: Wish) -> None:
        """Raise what is wrong with a wish before its video is there."""
        wish = self._placed(owner, wish)
        self.places.check(wish.output_directory, wish.db_location)
        choice = self._choices.of(owner, wish.preset, wish.selected_pipelines, wish.config)
        with self._choices.blaming(choice):
            self._catalogue.check(choice.selection)

    def submit(self, owner: str, video: StoredVideo, wish: Wish, **more: Any) -> Job:
        """Plan and queue a job; raises InvalidRequest, ComponentUnavailable or NothingToAnnotate.

        ``more`` are fields of the ``Submission`` that clients cannot choose.
        """
        _check_stretch(wish, video)
        wish = self._placed(owner, wish)
        choice = self._choices.of(owner, wish.preset, wish.selected_pipelines, wish.config)
        with self._choices.blaming(choice):
            plan = self._catalogue.plan(video.media, choice.selection)
        chosen = choice.selection.pipelines
        if chosen is None:
            chosen = tuple(dict.fromkeys(step.pipeline for step in plan.steps if step.requested))
        return self._jobs.submit(
            Submission(
                owner=owner,
                video_id=video.id,
                plan=plan,
                selected_pipelines=chosen,
                places=self.places.make(wish.output_directory, wish.db_location),
                preset_id=choice.preset.id if choice.preset else None,
                preset_version=choice.preset.version if choice.preset else None,
                **wish.model_dump(exclude={"selected_pipelines", "preset"}),
                **more,
            )
        )

    def _placed(self, owner: str, wish: Wish) -> Wish:
        """The wish with the places that its owner prefers, where it names none."""
        if wish.output_directory is not None or wish.db_location is not None:
            return wish
        return wish.model_copy(update=self._choices.places(owner).model_dump())


def _check_stretch(wish: Wish, video: StoredVideo) -> None:
    """Raise ParameterOutOfRange unless start_s and end_s lie in the video, in order."""
    if wish.start_s is None and wish.end_s is None:
        return
    length_s = video.media.duration_s
    start_s = 0.0 if wish.start_s is None else wish.start_s
    end_s = length_s if wish.end_s is None else wish.end_s
    if not 0 <= start_s < end_s <= length_s:
        raise ParameterOutOfRange(
            f"The stretch from {start_s} s to {end_s} s is not within the video",
            hint=f"Choose 0 <= start_s < end_s <= {length_s}.",
            field="start_s" if wish.start_s is not None else "end_s",
        )


def parse_names(text: str | None, field: str) -> tuple[str, ...] | None:
    """Names from a form: ``a,b`` or a JSON array; None and blanks stand for "not said"."""
    if text is None or not text.strip():
        return None
    if text.lstrip().startswith("["):
        names = parse_json(text, field)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise InvalidRequest(f"{field} is no array of names", field=field, hint='Send ["a", "b"] or a,b.')
        return tuple(names)
    return tuple(name.strip() for name in text.split(",") if name.strip())


def parse_config(text: str | None) -> dict[str, Any]:
    """The configuration from a form; raises InvalidRequest for anything but a JSON object."""
    if text is None or not text.strip():
        return {}
    config = parse_json(text, "config")
    if not isinstance(config, dict):
        raise InvalidRequest("config is no JSON object", field="config", hint='Send {"pipeline": {...}}.')
    return config


def parse_json(text: str, field: str) -> Any:
    """JSON from a form field; raises InvalidRequest that says where it breaks."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{field} is no JSON: {error}", field=field, hint="Check the quotes.") from error


def wished_tags(text: str | None) -> Sequence[str]:
    """Tags from a form."""
    return parse_names(text, "tags") or ()
