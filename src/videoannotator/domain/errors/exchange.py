"""Requests that are too large, too slow, too many, repeated or out of date."""

from videoannotator.domain.errors.kinds import Conflict, InvalidRequest, VideoAnnotatorError


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
    """Too many requests; worth another try after ``retry_after_s`` seconds."""

    code = "RATE_LIMIT"
    title = "Too many requests"
    hint = "Wait a moment and try again."

    def __init__(self, message: str = "", *, hint: str | None = None, retry_after_s: int = 60) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


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
