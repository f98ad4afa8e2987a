"""Everything that can go wrong and that a person can act on: one tree, one code and one hint each.

The HTTP status of a code is the API's business (``api/errors.py``); the exit code is the CLI's.
"""

from collections.abc import Sequence


class VideoAnnotatorError(Exception):
    """Base of every error that callers may show to a person.

    ``str(error)`` is one sentence that says what happened; ``hint`` says what to do next.
    ``field`` names the offending input (dotted, e.g. ``config.audio_processing.whisper.model``).
    """

    code = "INTERNAL_ERROR"
    title = "Something went wrong"
    hint = "Please report this with the log of the run."

    def __init__(self, message: str = "", *, hint: str | None = None, field: str | None = None) -> None:
        super().__init__(message or self.title)
        if hint is not None:
            self.hint = hint
        self.field = field


class InvalidRequest(VideoAnnotatorError):
    """The input does not make sense; nothing was done."""

    code = "INVALID_REQUEST"
    title = "The request cannot be understood"
    hint = "Check the named field against the documentation."


class ManyProblems(InvalidRequest):
    """Several things are wrong at once; ``problems`` holds each with its own code, field and hint."""

    code = "INVALID_CONFIG"
    title = "Several settings are wrong"
    hint = "Mend each of them; see what is allowed with: videoannotator pipelines NAME"

    def __init__(self, problems: Sequence[VideoAnnotatorError]) -> None:
        super().__init__("; ".join(f"{problem} ({problem.hint})" for problem in problems))
        self.problems = tuple(problems)


def raise_all(problems: Sequence[VideoAnnotatorError]) -> None:
    """Raise what was found: nothing, the one problem itself, or ``ManyProblems``."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ManyProblems(problems)


class NotHere(VideoAnnotatorError):
    """The thing that is named does not exist, or belongs to somebody else."""

    code = "RESOURCE_NOT_FOUND"
    title = "There is no such thing"
    hint = "Check the identifier."


class Conflict(VideoAnnotatorError):
    """The thing is not in a state that allows this."""

    code = "CONFLICT"
    title = "That is not possible in the present state"
    hint = "Look at the present state and try again."


class UnknownName(InvalidRequest):
    """A pipeline, component or parameter that nobody declared."""

    code = "UNKNOWN_NAME"
    title = "Unknown name"
    hint = "List the valid names with: videoannotator pipelines"


class UnknownPipeline(UnknownName):
    """No pipeline or component has this name or alias."""

    code = "PIPELINE_NOT_FOUND"
    title = "Unknown pipeline"


class UnknownComponent(UnknownName):
    """The pipeline has no component of this name."""

    code = "COMPONENT_NOT_FOUND"
    title = "Unknown component"


class UnknownParameter(UnknownName):
    """The component has no parameter of this name."""

    code = "PARAMETER_NOT_FOUND"
    title = "Unknown parameter"


class UnknownPreset(UnknownName):
    """A submission names a preset that its owner does not have."""

    code = "PRESET_UNKNOWN"
    title = "Unknown preset"
    hint = "List the presets with: videoannotator preset list"


class AmbiguousParameter(InvalidRequest):
    """A bare parameter name that several components have."""

    code = "PARAMETER_AMBIGUOUS"
    title = "Ambiguous parameter"
    hint = "Write component.parameter."


class InvalidParameter(InvalidRequest):
    """A parameter of the wrong type."""

    code = "INVALID_FIELD_TYPE"
    title = "Wrong type"


class ParameterOutOfRange(InvalidParameter):
    """A parameter of the right type outside its bounds."""

    code = "VALUE_OUT_OF_RANGE"
    title = "Value out of range"


class InvalidConfigFile(InvalidRequest):
    """A configuration file that is not TOML or JSON of the expected shape."""

    code = "INVALID_CONFIG_FILE"
    title = "The configuration file cannot be read"
    hint = "Check the file with a TOML or JSON linter."


class ComponentUnavailable(VideoAnnotatorError):
    """The component is known, but cannot run here."""

    code = "COMPONENT_UNAVAILABLE"
    title = "The component cannot run here"
    hint = "See why with: videoannotator pipelines"


class NotEnoughMemory(ComponentUnavailable):
    """The model would not fit into the memory that is free."""

    code = "NOT_ENOUGH_MEMORY"
    title = "The model does not fit into the free memory"
    hint = "Choose a smaller model or another device, or free some memory and try again."


class ComponentFailed(VideoAnnotatorError):
    """A component broke while it worked; the others' results are kept."""

    code = "COMPONENT_FAILED"
    title = "A component failed"
    hint = "See the log of the run; the other components' results are kept."


class ComponentCrashed(ComponentFailed):
    """The process that ran the models died: a signal, or no memory left."""

    code = "COMPONENT_CRASHED"
    title = "The process that ran the models died"
    hint = "What was finished is kept: go on with --resume; if it dies again, leave the last component out."


class MediaError(VideoAnnotatorError):
    """The file cannot be used as a video."""

    code = "UNSUPPORTED_MEDIA"
    title = "The file is not a video that can be read"
    hint = "Re-encode it, e.g. ffmpeg -i in.mp4 -c:v libx264 -c:a aac out.mp4, and try again."


class VideoNotFound(MediaError):
    """No file at this path."""

    code = "VIDEO_NOT_FOUND"
    title = "No such file"
    hint = "Check the path."


class NotARegularFile(MediaError):
    """A directory, FIFO, socket or device where a file is needed."""

    code = "NOT_A_FILE"
    title = "Not a regular file"
    hint = "Give the path of a video file."


class UnreadableFile(MediaError):
    """The operating system refuses to open the file."""

    code = "FILE_UNREADABLE"
    title = "The file cannot be opened"
    hint = "Check its permissions."


class EmptyFile(MediaError):
    """Zero bytes."""

    code = "EMPTY_FILE"
    title = "The file is empty"
    hint = "Copy or record it again."


class NoMediaStream(MediaError):
    """Neither pictures nor sound can be decoded."""

    code = "NO_MEDIA_STREAM"
    title = "The file holds neither video nor audio that can be decoded"


class EncryptedMedia(MediaError):
    """The streams are encrypted."""

    code = "ENCRYPTED"
    title = "The file is encrypted"
    hint = "Export an unprotected copy and try again."


class MediaTooLarge(MediaError):
    """Longer or larger than this installation accepts."""

    code = "DIMENSIONS"
    title = "The video exceeds the limits of this installation"
    hint = "Raise the limit in the settings, or scale or cut the video."


class NothingToAnnotate(MediaError):
    """Every chosen component reads something that the video lacks."""

    code = "NOTHING_TO_ANNOTATE"
    title = "No chosen component can work on this video"
    hint = "Choose other components, or check that the file has the pictures and the sound you expect."


class ProbeTimeout(MediaError):
    """Looking at the file took too long or too much memory."""

    code = "PROBE_TIMEOUT"
    title = "The file could not be examined in time"


class WeightsError(VideoAnnotatorError):
    """Model weights are not usable."""

    code = "WEIGHTS_FAILED"
    title = "Model weights are not usable"
    hint = "Try again with: videoannotator weights pull"


class WeightsMissing(WeightsError):
    """The weights are not on this machine."""

    code = "WEIGHTS_MISSING"
    title = "Model weights are missing"


class WeightsCorrupt(WeightsError):
    """A file whose hash is not the expected one."""

    code = "WEIGHTS_CORRUPT"
    title = "Model weights do not match their hash"


class WeightsGated(WeightsError):
    """Whoever publishes the weights asks for an account and a promise first."""

    code = "WEIGHTS_GATED"
    title = "The licence of these weights has to be accepted with an account"


class LicenceNotAllowed(WeightsError):
    """The licence mode forbids these weights."""

    code = "LICENCE_NOT_ALLOWED"
    title = "The licence of these weights is not allowed here"
    hint = 'An operator may allow it with the setting licence_mode = "research".'


class StorageError(VideoAnnotatorError):
    """Reading or writing our own files failed."""

    code = "STORAGE_ERROR"
    title = "Files could not be written or read"
    hint = "Check free space and permissions of the data directory."


class StorageFull(StorageError):
    """No space left."""

    code = "STORAGE_FULL"
    title = "The disk is full"
    hint = "Free some space and try again."


class OutputExists(StorageError):
    """Results of another run stand where these would go."""

    code = "OUTPUT_EXISTS"
    title = "There are results already"
    hint = "Choose another directory with -o, or delete the old results."


class NothingToResume(InvalidRequest):
    """The ledger does not belong to this plan and video."""

    code = "NOTHING_TO_RESUME"
    title = "There is no interrupted run to go on with"
    hint = "Run without --resume."


class ServiceUnavailable(VideoAnnotatorError):
    """The database is busy or away; nothing was changed."""

    code = "SERVICE_UNAVAILABLE"
    title = "The server cannot do this right now"
    hint = "Try again in a few seconds."


class CannotStart(VideoAnnotatorError):
    """Something that the server needs is not to be had."""

    code = "CANNOT_START"
    title = "The server cannot start"
    hint = "Mend what is named and start again."


class DatabaseUnusable(VideoAnnotatorError):
    """The database cannot be opened, or is not ours."""

    code = "DATABASE_UNUSABLE"
    title = "The database cannot be used"
    hint = "Check its address and permissions, or restore a backup."


class DatabaseNewer(DatabaseUnusable):
    """A newer version of the program has changed the database."""

    code = "DATABASE_NEWER"
    title = "The database belongs to a newer version of VideoAnnotator"
    hint = "Install that version, or point VIDEOANNOTATOR_DATA_DIR to another directory."


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


class NotAllowed(VideoAnnotatorError):
    """The caller is not who they would have to be."""

    code = "FORBIDDEN"
    title = "This key does not allow that"
    hint = "Ask the operator for a key with the scope that is named."


class Unauthorized(VideoAnnotatorError):
    """No key, or one that is worth nothing. The word ``Unauthorized`` is what clients look for."""

    code = "TOKEN_MISSING"
    title = "Unauthorized: API key required"
    hint = "Send 'Authorization: Bearer va_...'; the first key stands in the data directory's file 'token'."


class TokenMalformed(Unauthorized):
    """Not a key at all, or one with a typing mistake."""

    code = "TOKEN_MALFORMED"
    title = "Unauthorized: this is not an API key (a valid one starts with va_ and is 52 characters long)"
    hint = "Copy the whole key again."


class TokenInvalid(Unauthorized):
    """A well-formed key that this server never gave out."""

    code = "TOKEN_INVALID"
    title = "Unauthorized: this server does not know the API key"
    hint = "Make one with: videoannotator token create"


class TokenExpired(Unauthorized):
    """The key's time is over."""

    code = "TOKEN_EXPIRED"
    title = "Unauthorized: the API key has expired"
    hint = "Make a new one with: videoannotator token create"


class TokenRevoked(Unauthorized):
    """Somebody revoked the key."""

    code = "TOKEN_REVOKED"
    title = "Unauthorized: the API key has been revoked"
    hint = "Make a new one with: videoannotator token create"


class PayloadTooLarge(VideoAnnotatorError):
    """More bytes than this server accepts."""

    code = "PAYLOAD_TOO_LARGE"
    title = "The upload is larger than this server accepts"
    hint = "Cut the video, or ask the operator to raise max_upload_bytes."


class UploadStalled(VideoAnnotatorError):
    """The client stopped sending in the middle of a body."""

    code = "UPLOAD_STALLED"
    title = "The upload stopped"
    hint = "Send it again."


class RateLimited(VideoAnnotatorError):
    """Too many requests."""

    code = "RATE_LIMIT"
    title = "Too many requests"
    hint = "Wait a moment and try again."


class HistoryGone(VideoAnnotatorError):
    """Events that old are no longer kept."""

    code = "HISTORY_GONE"
    title = "Events that old are no longer kept"
    hint = "List the jobs for their present state, and go on from the newest event."


class IdempotencyMismatch(InvalidRequest):
    """An idempotency key that was used for something else."""

    code = "IDEMPOTENCY_KEY_REUSED"
    title = "The idempotency key was used for another request"
    hint = "Use a new key for each new request."


class RequestInProgress(Conflict):
    """The first request with this idempotency key has not been answered yet."""

    code = "REQUEST_IN_PROGRESS"
    title = "The same request is still under way"
    hint = "Wait for its answer, then send it again to get the same one."


class PlaceNotAllowed(NotAllowed):
    """A path that is not below one of the operator's roots."""

    code = "PATH_NOT_ALLOWED"
    title = "This place is not open to clients"
    hint = "Use a place that the operator has opened in the server's settings."


class InvalidPlace(InvalidRequest):
    """A path that is none: hidden, reserved or unprintable names, parts that lead upwards, too long."""

    code = "PATH_INVALID"
    title = "This is no name of a place"
    hint = "Write root:folder/folder; the server's roots are listed at /api/v1/system/info."


class PlaceChanged(StorageError):
    """A folder or file below a root is no longer the one that was accepted."""

    code = "PATH_CHANGED"
    title = "The place has changed since it was accepted"
    hint = "Somebody moved or replaced it: put it back, or submit again."


class VideoMissing(InvalidRequest):
    """A submission without a video."""

    code = "VIDEO_MISSING"
    title = "No video was sent"
    hint = "Send the file in the form field 'video', or the id of a stored video in 'video_id'."


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


class PreconditionFailed(VideoAnnotatorError):
    """Somebody else has changed the thing since it was read."""

    code = "PRECONDITION_FAILED"
    title = "It has been changed meanwhile"
    hint = "Read it again and send the new ETag in If-Match."


class PreconditionRequired(VideoAnnotatorError):
    """A change that does not say which version it changes."""

    code = "PRECONDITION_REQUIRED"
    title = "If-Match is missing"
    hint = "Send the ETag of the version that you have read in If-Match."


class TargetNotAllowed(NotAllowed):
    """A webhook's address that this server may not call."""

    code = "WEBHOOK_TARGET_NOT_ALLOWED"
    title = "Webhooks may not call this address"
    hint = "Give a public https address, or ask the operator for the setting private_webhooks."
