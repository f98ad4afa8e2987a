"""``<video>.TextGrid``: the time line for Praat, as its long text format in UTF-8, one interval tier each.

Boersma & Weenink, "Praat", manual page "TextGrid file formats". Intervals tile the whole duration; blanks
between annotations are intervals without text. Quotes are doubled.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from videoannotator.exporters.timeline import Interval, Tier


def write(path: Path, duration_s: float, tiers: Sequence[Tier]) -> None:
    """Write the tiers, at least one; a time line that ends later than the video makes the grid longer."""
    end_ms = max([round(duration_s * 1000), 1, *(tier.intervals[-1].end_ms for tier in tiers)])
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {_seconds(end_ms)}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, tier in enumerate(tiers, start=1):
        lines += _tier_lines(number, tier, end_ms)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _tier_lines(number: int, tier: Tier, end_ms: int) -> list[str]:
    tiles = list(_tiles(tier, end_ms))
    lines = [
        f"    item [{number}]:",
        '        class = "IntervalTier"',
        f"        name = {_quoted(tier.name)}",
        "        xmin = 0",
        f"        xmax = {_seconds(end_ms)}",
        f"        intervals: size = {len(tiles)}",
    ]
    for index, tile in enumerate(tiles, start=1):
        lines += [
            f"        intervals [{index}]:",
            f"            xmin = {_seconds(tile.start_ms)}",
            f"            xmax = {_seconds(tile.end_ms)}",
            f"            text = {_quoted(tile.text)}",
        ]
    return lines


def _tiles(tier: Tier, end_ms: int) -> Iterator[Interval]:
    at_ms = 0
    for interval in tier.intervals:
        if interval.start_ms > at_ms:
            yield Interval(at_ms, interval.start_ms, "")
        yield interval
        at_ms = interval.end_ms
    if at_ms < end_ms:
        yield Interval(at_ms, end_ms, "")


def _seconds(time_ms: int) -> str:
    return f"{time_ms / 1000:.3f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
