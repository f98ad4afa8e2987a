"""Which decoder reads the videos."""


def decoder_version() -> str:
    """The FFmpeg whose libraries PyAV brings along, e.g. ``8.1.2``."""
    import av

    return av.ffmpeg_version_info.lstrip("n")
