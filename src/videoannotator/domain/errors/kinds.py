"""The root of the tree, and the kinds of error that several subjects share."""

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
    title = "Several things are wrong"
    hint = "Mend each of them."

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


class NotAllowed(VideoAnnotatorError):
    """The caller is not who they would have to be."""

    code = "FORBIDDEN"
    title = "This key does not allow that"
    hint = "Ask the operator for a key with the scope that is named."
