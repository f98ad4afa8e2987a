"""The videos of a batch, as people name many at once: a folder, a pattern, a table of settings."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from videoannotator.domain.errors import InvalidPlace, InvalidRequest, VideoNotFound
from videoannotator.domain.jobs import Failure
from videoannotator.domain.names import VIDEO_SUFFIXES
from videoannotator.files import place_names
from videoannotator.files.roots import Roots, Spot
from videoannotator.services.batches import MAX_ITEMS, WantedItem
from videoannotator.services.submissions import parse_names

_VIDEO_COLUMNS = ("video_path", "video_id", "video", "path", "file", "filename")
_BEYOND = " "  # the cells that a row has more than the header; names of columns are stripped
_PLAIN = {"name", "preset", "start_s", "end_s", "priority", "output_directory", "db_location"}
_NAMES = {"selected_pipelines": "selected_pipelines", "pipelines": "selected_pipelines", "tags": "tags"}


def in_folder(roots: Roots, text: str) -> list[WantedItem]:
    """Every video below a folder, by its suffix; raises VideoNotFound where there is none."""
    spot = roots.locate(text, "folder", new=False)
    found = [
        _at(spot, parts)
        for parts in roots.files(spot, MAX_ITEMS)
        if parts[-1].lower().endswith(VIDEO_SUFFIXES)
    ]
    if not found:
        raise VideoNotFound(f"folder: there is no video below {text}", field="folder")
    return found


def matching(roots: Roots, text: str) -> list[WantedItem]:
    """Every file that a pattern fits: ``*`` and ``?`` within a name, ``**`` for folders in between."""
    fixed, _, _ = re.split(r"([*?])", text, maxsplit=1) if re.search(r"[*?]", text) else (text, "", "")
    base = fixed.rpartition("/")[0] if "/" in fixed else fixed.partition(":")[0] + ":"
    spot = roots.locate(base, "glob", new=False)
    pattern = _regular(text[len(base) :].lstrip("/"))
    found = [_at(spot, parts) for parts in roots.files(spot, MAX_ITEMS) if pattern.fullmatch("/".join(parts))]
    if not found:
        raise VideoNotFound(f"glob: no file fits {text}", field="glob")
    return found


def in_table(text: str, folder: str | None) -> list[WantedItem]:
    """A row per video of CSV text with a header; raises InvalidRequest that names the row.

    The column ``video`` (or ``video_path``, ``video_id``) names it, relative to ``folder`` where one is
    given. ``pipelines``, ``preset``, ``start_s``, ``end_s``, ``name`` and ``tags`` are the fields of a
    submission, and a column with a dot is a parameter: ``whisper.language``.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), restkey=_BEYOND)
    try:
        columns = reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        rows = list(reader)
    except csv.Error as error:
        raise InvalidRequest(
            f"The table is no CSV: {error}", field="csv", hint="Check the quotes."
        ) from error
    column = next((name for name in _VIDEO_COLUMNS if name in columns), None)
    if column is None:
        raise InvalidRequest(
            "The table has no column 'video'", field="csv", hint=f"Its columns are: {', '.join(columns)}."
        )
    return [_row(number, row, column, folder) for number, row in enumerate(rows, start=2)]


def _row(number: int, row: Mapping[str, str | None], column: str, folder: str | None) -> WantedItem:
    if any(cell.strip() for cell in row.get(_BEYOND) or ()):
        raise InvalidRequest(
            f"Row {number} of the table has more cells than the table has columns",
            field="csv",
            hint="Put quotes around a cell that has a comma in it.",
        )
    video = (row[column] or "").strip()
    wish: dict[str, Any] = {}
    for name, cell in row.items():
        if name in (column, _BEYOND) or not (cell or "").strip():
            continue
        try:
            _wish(wish, name, (cell or "").strip())
        except InvalidRequest as error:
            raise InvalidRequest(
                f"Row {number} of the table: {error}", hint=error.hint, field="csv"
            ) from error
    if column == "video_id":
        return WantedItem(video=video, video_id=video, wish=wish)
    is_place = ":" in video or video.startswith("/")
    path = video if is_place or folder is None else f"{folder.rstrip('/')}{_glue(folder)}{video}"
    return WantedItem(video=video, video_path=path, wish=wish)


def _wish(wish: dict[str, Any], name: str, cell: str) -> None:
    if name in _NAMES:
        wish[_NAMES[name]] = list(parse_names(cell, name) or ())
    elif name in _PLAIN:
        wish[name] = cell
    elif "." in name:
        at = wish.setdefault("config", {})
        *above, last = name.split(".")
        for part in above:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise InvalidRequest(f"the column {name!r} lies below another column")
        at[last] = _value(cell)
    else:
        raise InvalidRequest(
            f"nobody knows the column {name!r}",
            hint=f"Known: video, {', '.join(sorted(_PLAIN | set(_NAMES)))}, and component.parameter.",
        )


def _value(cell: str) -> Any:
    """A number, true, false, null or list as in JSON, else the text itself."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _glue(folder: str) -> str:
    return "" if folder.endswith(":") else "/"


def _at(spot: Spot, parts: tuple[str, ...]) -> WantedItem:
    name, path = "/".join(parts), spot.below(*parts).text
    try:
        place_names.check_text(path, "video_path")
    except InvalidPlace as error:
        return WantedItem(video=place_names.shown(name), problem=Failure.of(error))
    return WantedItem(video=name, video_path=path)


def _regular(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(pattern)))


def _translated(pattern: str) -> Iterator[str]:
    known = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        yield known.get(part) or re.escape(part)
