"""Files that cannot be used as a video."""

from videoannotator.domain.errors.kinds import VideoAnnotatorError


class MediaError(VideoAnnotatorError):
    """The file cannot be used as a video."""

    code = "UNSUPPORTED_MEDIA"
    title = "The file is not a video that can be read"
    hint = (
        "Re-encode it, e.g. ffmpeg -i in.mp4 -c:v libx264 -c:a aac out.mp4, and try again; "
        "if no player opens it either, copy or record it again."
    )


class VideoNotFound(MediaError):
    """No file at this path."""

    code = "VIDEO_NOT_FOUND"
    title = "No such file"
    hint = "Check the path."


class NotARegularFile(MediaError):
    """A directory, FIFO, socket or device where a file is needed."""

    code = "NOT_A_FILE"
    title = "Not a regular file"
    hint = "Give the path of a video file, or those of several, e.g. folder/*.mp4."


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
