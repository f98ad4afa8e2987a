"""``<video>_scenes.json``: shots between cuts as ``{"scenes": [...]}``, times in seconds, no nulls.

``frame_end`` is the first frame after the shot. ``cut_strength`` is the detector's own scale for the cut
that opens the shot, so the first shot has none; nobody classifies places, so there is no ``scene_type``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from videoannotator.domain.table import Table
from videoannotator.exporters import json_file


def write(path: Path, stem: str, shots: Table) -> None:
    """Write the shots, in order of time."""
    json_file.write_list(path, "scenes", _scenes(stem, shots))


def _scenes(stem: str, shots: Table) -> Iterator[dict[str, Any]]:
    for row in shots.rows():
        start_s, end_s = json_file.number(row["start_s"]), json_file.number(row["end_s"])
        duration = {"duration": json_file.number(end_s - start_s)} if end_s > start_s else {}
        yield {
            "id": int(row["shot_id"]),
            "video_id": stem,
            "start_time": start_s,
            "end_time": end_s,
            **duration,
            "frame_start": int(row["start_frame"]),
            "frame_end": int(row["end_frame"]),
            **json_file.measured(cut_strength=row["score"]),
        }
