"""One picture to judge a run by: sampled frames with everything drawn on them, and a time line below."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Run
from videoannotator.domain.report import ComponentStatus
from videoannotator.exporters.names import safe_stem
from videoannotator.exporters.tidy import Tidy
from videoannotator.files import atomic
from videoannotator.media.pictures import scaled
from videoannotator.preview import canvas, marks, tracks
from videoannotator.preview.canvas import Picture
from videoannotator.preview.moments import Moments
from videoannotator.preview.pictures import pictures_at

WIDTH_PX = 1600
N_PICTURES = 12
_GAP_PX, _CAPTION_PX, _LINE_PX = 8, 20, 20
_MAX_TILE_HEIGHT_PX = 360
_MAX_LINES = 24


def contact_sheet(run: Run, annotations: Annotations, path: Path) -> None:
    """Write the sheet as PNG; a run without pictures gives the time line alone.

    Raises StorageError where the file cannot be written.
    """
    tidy = Tidy(annotations)
    tiles, times_s = _tiles(run.video, Moments(annotations, tidy))
    parts = [_header(run, annotations), *_grid(tiles)]
    parts.append(tracks.draw(tracks.rows_of(tidy), run.video.duration_s, WIDTH_PX, times_s))
    parts.append(_transcript(tidy))
    is_written, png = cv2.imencode(".png", np.vstack(parts)[:, :, ::-1])
    assert is_written, "PNG holds every 8-bit picture"
    atomic.write_bytes(path, png.tobytes())


def _sample_times(video: Video, seen_s: NDArray[np.float64]) -> list[float]:
    """The middle of each of ``N_PICTURES`` equal stretches, or the instant near it with something to see."""
    each_s = (video.end_s - video.start_s) / N_PICTURES
    middles = video.start_s + (np.arange(N_PICTURES) + 0.5) * each_s
    reach_s = each_s / 2
    times_s = []
    for middle in middles:
        nearest = seen_s[np.argmin(np.abs(seen_s - middle))] if len(seen_s) else middle
        times_s.append(float(nearest if abs(nearest - middle) <= reach_s else middle))
    return sorted(set(times_s))


def _tiles(video: Video, moments: Moments) -> tuple[list[Picture], list[float]]:
    if not video.has_video:
        return [], []
    columns = _columns(video)
    width = (WIDTH_PX - _GAP_PX * (columns + 1)) // columns
    scale = width / video.width_px
    tiles, times_s = [], []
    for time_s, rgb in pictures_at(video, _sample_times(video, moments.times_s)):
        picture = scaled(rgb, width, max(1, round(video.height_px * scale))).copy()
        marks.draw(picture, moments.at(time_s), scale)
        tile = canvas.blank(width, picture.shape[0] + _CAPTION_PX)
        tile[: picture.shape[0]] = picture
        canvas.text(
            tile, f"{tracks.clock(time_s)}.{int(time_s * 100) % 100:02d}", (2, picture.shape[0] + 3), 13
        )
        tiles.append(tile)
        times_s.append(time_s)
    return tiles, times_s


def _columns(video: Video) -> int:
    """Four, and more for pictures that would be too high."""
    for columns in (4, 6, 12):
        if WIDTH_PX / columns * video.height_px / video.width_px <= _MAX_TILE_HEIGHT_PX:
            return columns
    return N_PICTURES


def _grid(tiles: Sequence[Picture]) -> list[Picture]:
    """Rows of tiles, from left to right."""
    if not tiles:
        return []
    height, width = tiles[0].shape[:2]
    columns = (WIDTH_PX - _GAP_PX) // (width + _GAP_PX)
    rows = []
    for first in range(0, len(tiles), columns):
        row = canvas.blank(WIDTH_PX, height + _GAP_PX)
        for place, tile in enumerate(tiles[first : first + columns]):
            left = _GAP_PX + place * (width + _GAP_PX)
            row[:height, left : left + width] = tile
        rows.append(row)
    return rows


def _header(run: Run, annotations: Annotations) -> Picture:
    header = canvas.blank(WIDTH_PX, 56)
    video = run.video
    size = f"{video.width_px} x {video.height_px}, " if video.has_video else ""
    canvas.text(header, canvas.fitted(safe_stem(video.name), 1000, 20), (_GAP_PX, 6), 20, bold=True)
    canvas.text(header, f"{size}{tracks.clock(video.duration_s)}", (WIDTH_PX - 260, 10), 15, canvas.GREY)
    done = [o.component for o in annotations.outcomes if o.status == ComponentStatus.COMPLETED]
    other = [
        f"{o.component} {o.status}" for o in annotations.outcomes if o.status != ComponentStatus.COMPLETED
    ]
    canvas.text(
        header, canvas.fitted(", ".join([*done, *other]), WIDTH_PX - 16, 13), (_GAP_PX, 34), 13, canvas.GREY
    )
    return header


def _transcript(tidy: Tidy) -> Picture:
    """What was said, line by line, as far as there is room."""
    rows = tidy.rows("utterances")
    if rows is None or not len(rows):
        return canvas.blank(WIDTH_PX, _GAP_PX)
    shown = list(rows.where(np.arange(min(len(rows), _MAX_LINES))).rows())
    picture = canvas.blank(WIDTH_PX, _GAP_PX * 2 + _LINE_PX * len(shown))
    for index, row in enumerate(shown):
        top = _GAP_PX + index * _LINE_PX
        who = str(row.get("speaker", "")) or "-"
        canvas.text(picture, f"{tracks.clock(row['start_s'])}", (_GAP_PX, top), 13, canvas.GREY)
        canvas.text(picture, canvas.fitted(who, 90, 13), (70, top), 13, canvas.GREY)
        words = canvas.fitted(" ".join(str(row["text"]).split()), WIDTH_PX - 190, 14)
        canvas.text(picture, words, (170, top), 14)
    return picture
