"""``<video>_scenes.json``: shots between cuts as ``{"scenes": [...]}``, times in seconds, no nulls.

``frame_end`` is the first frame after the shot. ``cut_strength`` is the detector's own scale for the cut
that opens the shot, so the first shot has none. ``scene_type`` is the best of the user's labels, where the
shot was given any, and ``all_scores`` what each of them scored.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from videoannotator.domain.table import Table
from videoannotator.exporters import json_file


def write(path: Path, stem: str, shots: Table, labels: Table | None) -> None:
    """Write the shots, in order of time; ``labels`` are the rows of ``SCENE_LABELS``, if there are any."""
    scores: dict[int, dict[str, float]] = {}
    for row in labels.rows() if labels else ():
        scores.setdefault(int(row["shot_id"]), {})[str(row["label"])] = json_file.number(row["score"])
    json_file.write_list(path, "scenes", _scenes(stem, shots, scores))


def _scenes(stem: str, shots: Table, scores: Mapping[int, Mapping[str, float]]) -> Iterator[dict[str, Any]]:
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
            **_labelled(scores.get(int(row["shot_id"]), {})),
        }


def _labelled(scores: Mapping[str, float]) -> dict[str, Any]:
    if not scores:
        return {}
    best = max(scores, key=lambda label: scores[label])
    return {"scene_type": best, "score": scores[best], "all_scores": dict(scores)}
