"""The video with everything drawn on it and its own sound, as H.264 in MP4."""

from collections.abc import Callable
from pathlib import Path

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.plan import Run
from videoannotator.exporters.tidy import Tidy
from videoannotator.exporters.timeline import tiers
from videoannotator.preview import canvas, marks
from videoannotator.preview.canvas import Picture
from videoannotator.preview.film import write_film
from videoannotator.preview.moments import Moments


def overlay_video(
    run: Run,
    annotations: Annotations,
    path: Path,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Write the drawn video; ``on_progress`` is told how much of it is done, from 0 to 1.

    Raises NoMediaStream for sound without pictures, StorageError where the file cannot be written.
    """
    if not run.video.has_video:
        raise NoMediaStream(f"{run.video.name!r} holds no picture to draw on")
    write_film(run.video, path, _Pen(annotations).draw, on_progress)


class _Pen:
    """Draws what was seen and what is being said; asked in order of time."""

    def __init__(self, annotations: Annotations) -> None:
        tidy = Tidy(annotations)
        self._moments = Moments(annotations, tidy)
        self._lines = [
            (interval, f"{tier.who}: {interval.text}" if tier.who else interval.text)
            for tier in tiers(tidy)
            if tier.kind == "speech"
            for interval in tier.intervals
        ]

    def draw(self, picture: Picture, time_s: float) -> None:
        marks.draw(picture, self._moments.at(time_s), 1.0)
        height, width = picture.shape[:2]
        size_px = max(11, height // 24)
        now = [words for i, words in self._lines if i.start_ms <= time_s * 1000 < i.end_ms]
        for place, words in enumerate(reversed(now)):
            shown = canvas.fitted(words, width - 2 * size_px, size_px)
            bottom = height - 6 - place * (size_px + 6)
            canvas.label(picture, shown, (size_px, bottom), size_px, canvas.BLACK)
