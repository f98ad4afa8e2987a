"""Names that people type: normalised, and the nearest valid one when there is none."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

# By name alone: a folder of recordings holds many other files. Any other file can be named by itself.
VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mts", ".m2ts", ".ts", ".wmv", ".flv",
    ".3gp", ".ogv", ".mxf", ".wav", ".mp3", ".m4a", ".flac",
)  # fmt: skip
_PARTS = re.compile(r"(\d*)(\D*)")


def normalise(name: str) -> str:
    """The spelling under which names are compared: ``Person-Tracking`` is ``person_tracking``."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def suggest(name: str, valid: Iterable[str]) -> str:
    """A hint for a name that is not valid: the nearest one, and all of them."""
    names = sorted(set(valid))
    nearest = get_close_matches(normalise(name), names, n=1, cutoff=0.5)
    meant = f"Did you mean {nearest[0]}? " if nearest else ""
    return f"{meant}Valid: {', '.join(names)}." if names else "There is none to choose from."


def as_people_count(names: Iterable[str]) -> list[str]:
    """In the order of the numbers in them: session 2 before session 10."""

    def key(name: str) -> tuple[list[tuple[int, str]], str]:
        return [(int(number or 0), text) for number, text in _PARTS.findall(name.casefold())], name

    return sorted(names, key=key)
