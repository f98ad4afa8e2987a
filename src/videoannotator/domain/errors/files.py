"""Our own files, results and the places where they may lie."""

from videoannotator.domain.errors.kinds import InvalidRequest, NotAllowed, VideoAnnotatorError


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


class OutputBusy(OutputExists):
    """Another command writes the same results at this moment."""

    code = "OUTPUT_BUSY"
    title = "Another command is at work there"
    hint = "Wait for it, or choose another directory with -o."


class NothingToResume(InvalidRequest):
    """The ledger does not belong to this plan and video."""

    code = "NOTHING_TO_RESUME"
    title = "There is no interrupted run to go on with"
    hint = "Run without --resume."


class PlaceNotAllowed(NotAllowed):
    """A path that is not below one of the operator's roots."""

    code = "PATH_NOT_ALLOWED"
    title = "This place is not open to clients"
    hint = "Use a place that the operator has opened in the server's settings."


class InvalidPlace(InvalidRequest):
    """A path that is none: hidden, reserved or unprintable names, parts that lead upwards, too long."""

    code = "PATH_INVALID"
    title = "This is no name of a place"
    hint = "Write root:folder/folder; GET /api/v1/places lists the server's roots and what lies below them."


class PlaceChanged(StorageError):
    """A folder or file below a root is no longer the one that was accepted."""

    code = "PATH_CHANGED"
    title = "The place has changed since it was accepted"
    hint = "Somebody moved or replaced it: put it back, or submit again."
