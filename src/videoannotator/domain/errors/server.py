"""A server or its database that cannot work."""

from videoannotator.domain.errors.kinds import VideoAnnotatorError


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
    hint = "Install that version, or use another data directory and database."
