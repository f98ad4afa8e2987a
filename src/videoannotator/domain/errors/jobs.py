"""Jobs, batches and presets that are not there or not in the right state."""

from collections.abc import Sequence

from videoannotator.domain.errors.kinds import (
    Conflict,
    InvalidRequest,
    NotAllowed,
    NotHere,
    VideoAnnotatorError,
)


class VideoMissing(InvalidRequest):
    """A submission without a video."""

    code = "VIDEO_MISSING"
    title = "No video was sent"
    hint = "Send the file in the form field 'video', or the id of a stored video in 'video_id'."


class JobNotFound(NotHere):
    """No such job, or somebody else's."""

    code = "JOB_NOT_FOUND"
    title = "No such job"
    hint = "List your jobs with: videoannotator jobs"


class JobAlreadyEnded(Conflict):
    """The job is completed or failed and cannot be cancelled any more."""

    code = "JOB_ALREADY_COMPLETED"
    title = "The job has ended already"
    hint = "Nothing needs to be cancelled; delete the job to remove its results."


class JobRunning(Conflict):
    """The job has not ended, so that it can neither be deleted nor retried."""

    code = "JOB_RUNNING"
    title = "The job has not ended yet"
    hint = "Cancel it first, or wait until it has ended."


class JobNotFinished(Conflict):
    """The job has no results (yet)."""

    code = "JOB_NOT_COMPLETED"
    title = "The job has no results"
    hint = "Results are there once the job is completed."


class NothingToRetry(InvalidRequest):
    """No component of the job has failed."""

    code = "NOTHING_TO_RETRY"
    title = "No component of the job has failed"
    hint = "Retry the whole job instead."


class JobCrashed(VideoAnnotatorError):
    """The video or a component of the job killed the worker again and again."""

    code = "JOB_CRASHED"
    title = "The job crashed its worker repeatedly"
    hint = "Try a smaller or re-encoded copy of the video, or fewer components."


class BatchNotFound(NotHere):
    """No such batch, or somebody else's."""

    code = "BATCH_NOT_FOUND"
    title = "No such batch"
    hint = "List your batches with: videoannotator batches list"


class BatchRunning(Conflict):
    """Some items of the batch have not ended."""

    code = "BATCH_RUNNING"
    title = "The batch has not ended yet"
    hint = "Cancel it first, or wait until it has ended."


class PresetNotFound(NotHere):
    """No such preset, or somebody else's."""

    code = "PRESET_NOT_FOUND"
    title = "No such preset"
    hint = "List the presets with: videoannotator preset list"


class PresetNameTaken(Conflict):
    """The owner has another preset of this name."""

    code = "PRESET_NAME_TAKEN"
    title = "There is a preset of this name already"
    hint = "Choose another name, or change the preset that is there."


class PresetReadOnly(NotAllowed):
    """A built-in preset, or one that somebody else shares."""

    code = "PRESET_READ_ONLY"
    title = "This preset can be used, but not changed"
    hint = "Duplicate it and change the copy."


class PresetOutdated(InvalidRequest):
    """What a preset chooses is no longer valid here; ``problems`` says it field by field."""

    code = "PRESET_OUTDATED"
    title = "The preset no longer fits what is installed here"
    hint = "Mend the preset: GET /api/v1/presets/{id} shows every field that has changed."

    def __init__(self, message: str, problems: Sequence[VideoAnnotatorError]) -> None:
        super().__init__(message, field="preset")
        self.problems = tuple(problems)
