"""Whether browsers play a video as it is; where not, ``film.write_film`` makes a copy that they do."""

from videoannotator.domain.media import Video

# What every current browser plays; HEVC, for one, needs hardware that not every machine has.
_MP4 = (frozenset({"h264", "vp9", "av1"}), frozenset({None, "aac", "mp3", "opus", "flac"}))
_WEBM = (frozenset({"vp8", "vp9", "av1"}), frozenset({None, "opus", "vorbis"}))


def is_web_playable(video: Video) -> bool:
    """Whether codecs and container are ones that browsers play as a video; sound alone is none."""
    if not video.has_video:
        return False
    containers = video.container.split(",")  # libavformat's names: one demuxer reads several formats
    codecs = _MP4 if "mp4" in containers else _WEBM if "webm" in containers else None
    return codecs is not None and video.video_codec in codecs[0] and video.audio_codec in codecs[1]
