"""JSON documents written row by row: one long list first, then what describes it."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from videoannotator.exporters.viewer import hide

# A file name that is not UTF-8 holds unpaired surrogates; written as \udcff they are valid in a JSON string.
UNPAIRED = "backslashreplace"


def dumps(value: Any) -> str:
    """Compact JSON in UTF-8; raises ValueError for NaN and infinities, which JSON does not have."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_list(
    path: Path,
    name: str,
    items: Iterable[Mapping[str, Any]],
    rest: Iterable[tuple[str, Any]] = (),
    hidden: tuple[str, ...] = (),
) -> None:
    """Write ``{name: [items], **rest}`` with one item per line, without holding all items in memory.

    ``rest`` is read after the items. ``hidden`` words are escaped (see ``viewer``).
    """
    with path.open("w", encoding="utf-8", errors=UNPAIRED, newline="\n") as file:
        file.write(f'{{"{name}":[')
        separator = "\n"
        for item in items:
            file.write(separator + hide(dumps(item), hidden))
            separator = ",\n"
        file.write("\n]" if separator != "\n" else "]")
        for key, value in rest:
            file.write(f",\n{dumps(key)}:{hide(dumps(value), hidden)}")
        file.write("}\n")


def number(value: float, decimals: int = 6) -> float:
    """A float that JSON can hold: rounded, never -0.0. NaN is the caller's to leave out."""
    return round(float(value), decimals) + 0.0


def measured(**values: float) -> dict[str, float]:
    """Only the values that were measured, rounded: nothing is invented to fill a field."""
    return {name: number(value) for name, value in values.items() if math.isfinite(value)}
