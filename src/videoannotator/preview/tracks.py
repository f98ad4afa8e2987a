"""The time line under the pictures: cuts, who is there, whose face is seen, who speaks, what is said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videoannotator.domain.table import NO_ID
from videoannotator.exporters.tidy import Tidy
from videoannotator.exporters.timeline import Interval, presence, tiers
from videoannotator.preview import canvas
from videoannotator.preview.canvas import Colour, Picture
from videoannotator.preview.marks import track_colour

LABEL_PX, ROW_PX, TEXT_PX, _TICK_PX = 150, 24, 13, 11
_AXIS_PX, _PAD_PX = 26, 3
# Distances between marks on the axis, in seconds, of which the first that leaves room for text is taken.
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_ROOM_PX = 70
MAX_ROWS = 12  # of people, and of faces: those who are lost and found again have many names in an hour


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the time line."""

    name: str
    intervals: Sequence[Interval]
    colour: Colour
    shows_text: bool


def rows_of(tidy: Tidy) -> list[Row]:
    """What to show, from top to bottom."""
    found = tiers(tidy)
    speakers = sorted({tier.who for tier in found if tier.kind == "turns"})
    people = [
        Row(f"person {tier.who}", tier.intervals, track_colour(int(tier.who)), False)
        for tier in found
        if tier.kind == "person"
    ]
    rows = []
    for tier in found:
        if tier.kind == "person":
            continue
        colour = canvas.colour_of(speakers.index(tier.who) + 4) if tier.who in speakers else canvas.GREY
        name = f"{tier.kind} {tier.who.replace('SPEAKER_', 'S')}".strip()
        rows.append(Row(name, tier.intervals, colour, tier.kind != "turns"))
    at = sum(tier.kind == "shots" for tier in found)
    seen = [*_longest(people, "other people"), *_longest(list(_faces(tidy)), "other faces")]
    return [*rows[:at], *seen, *rows[at:]]


def _longest(rows: Sequence[Row], others: str) -> Sequence[Row]:
    """Those that are there longest, in their order, and the others in one row."""
    if len(rows) <= MAX_ROWS:
        return rows
    lengths = [sum(one.end_ms - one.start_ms for one in row.intervals) for row in rows]
    kept = set(np.argsort(lengths, kind="stable")[-MAX_ROWS + 1 :].tolist())
    rest = [row for place, row in enumerate(rows) if place not in kept]
    spans = sorted((one for row in rest for one in row.intervals), key=lambda one: one.start_ms)
    return [*(rows[place] for place in sorted(kept)), Row(f"{len(rest)} {others}", spans, canvas.GREY, False)]


def draw(rows: Sequence[Row], duration_s: float, width_px: int, marks_s: Sequence[float]) -> Picture:
    """Draw the rows under an axis; ``marks_s`` are the times of the pictures above, numbered from 1."""
    picture = canvas.blank(width_px, _AXIS_PX + ROW_PX * len(rows) + _PAD_PX)
    px_per_s = (width_px - LABEL_PX - 10) / max(duration_s, 1e-3)
    _axis(picture, duration_s, px_per_s, marks_s)
    for index, row in enumerate(rows):
        _row(picture, row, _AXIS_PX + index * ROW_PX, px_per_s)
    return picture


def clock(time_s: float) -> str:
    """Minutes and seconds, with hours where there are any: 1:02:03."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _faces(tidy: Tidy) -> Iterator[Row]:
    faces = tidy.rows("faces")
    if faces is None:
        return
    for track_id in np.unique(faces["track_id"]):
        seen = presence(faces["time_s"][faces["track_id"] == track_id])
        # At least a sliver: a face that was seen once was seen.
        spans = [Interval(round(a * 1000), round(b * 1000) + 40, "") for a, b in seen]
        name = "face of nobody" if track_id == NO_ID else f"face of person {track_id}"
        yield Row(name, spans, track_colour(int(track_id)), False)


def _axis(picture: Picture, duration_s: float, px_per_s: float, marks_s: Sequence[float]) -> None:
    step_s = next((step for step in _STEPS_S if step * px_per_s >= _ROOM_PX), _STEPS_S[-1])
    for time_s in np.arange(0, duration_s + 1e-9, step_s):
        x = LABEL_PX + round(time_s * px_per_s)
        canvas.fill(picture, (x, _AXIS_PX - 6, x + 1, picture.shape[0]), canvas.LIGHT)
        label = clock(time_s)
        left = min(
            x + 2, picture.shape[1] - 2 - canvas.text_width(label, _TICK_PX)
        )  # the last one fits in too
        canvas.text(picture, label, (left, 2), _TICK_PX, canvas.GREY)
    for time_s in marks_s:
        x = LABEL_PX + round(time_s * px_per_s)
        canvas.fill(picture, (x - 1, _AXIS_PX - 8, x + 2, _AXIS_PX - 1), canvas.BLACK)


def _row(picture: Picture, row: Row, top: int, px_per_s: float) -> None:
    name = canvas.fitted(row.name, LABEL_PX - 12, TEXT_PX)
    canvas.text(picture, name, (6, top + _PAD_PX + 1), TEXT_PX)
    for interval in row.intervals:
        left = LABEL_PX + round(interval.start_ms / 1000 * px_per_s)
        right = max(LABEL_PX + round(interval.end_ms / 1000 * px_per_s), left + 1)
        canvas.fill(picture, (left, top + 2, right, top + ROW_PX - 2), _pale(row.colour))
        canvas.fill(picture, (left, top + 2, left + 2, top + ROW_PX - 2), row.colour)
        if row.shows_text:
            words = canvas.fitted(interval.text, right - left - 6, TEXT_PX)
            canvas.text(picture, words, (left + 4, top + _PAD_PX + 1), TEXT_PX)


def _pale(colour: Colour) -> Colour:
    red, green, blue = ((2 * channel + 3 * 255) // 5 for channel in colour)
    return red, green, blue
