"""``<video>_face_analysis.json``: every face with what was measured on it, in the viewer's LAION-like shape.

Boxes are [x, y, width, height] in px, angles degrees, scores 0 to 1. A measurement that was not made is left
out; ``attributes.status`` says why. The viewer shows ``attributes.emotions``, so the key is always there.
Every sample is written: the viewer draws a face for a tenth of a second around its time only.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import NO_ID, Table
from videoannotator.domain.tables import EXPRESSIONS
from videoannotator.exporters import json_file
from videoannotator.exporters.person_json import box, image_id, person_id, score

_FACE_CATEGORY = 2
# Names the key fields in every file: the viewer knows faces, even none of them, by these words.
_INFO = {
    "description": "Faces, by VideoAnnotator",
    "fields": {
        "face_id": "one face in one frame",
        "attributes": "what was measured; expressions are a weak model's, gaze is unvalidated",
    },
}


def write(path: Path, stem: str, faces: Table) -> None:
    """Write the faces; ``faces`` is the joined table, in which only the columns of ``FACES`` are certain."""
    json_file.write_list(path, "annotations", _annotations(stem, faces), (("info", _INFO),))


def _annotations(stem: str, faces: Table) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(faces.rows(), start=1):
        track_id = int(row["track_id"])
        person = {"track_id": track_id, "person_id": person_id(stem, track_id)}
        yield {
            "id": number,
            "face_id": int(row["face_id"]),
            "image_id": image_id(stem, row["frame_index"]),
            "category_id": _FACE_CATEGORY,
            "timestamp": json_file.number(row["time_s"]),
            "frame_number": int(row["frame_index"]),
            **box(row["box_xyxy"]),
            "iscrowd": 0,
            "score": score(row["score"]),
            **({} if track_id == NO_ID else person),
            "attributes": _attributes(row),
        }


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    nan = float("nan")
    groups = {
        "age": {"years": row.get("age_years", nan), "sd_years": row.get("age_sd_years", nan)},
        "gender": {"female_score": row.get("female_score", nan)},
        "head_pose": {angle: row.get(angle, nan) for angle in ("yaw_deg", "pitch_deg", "roll_deg")},
        "gaze": {
            "yaw_deg": row.get("gaze_yaw_deg", nan),
            "pitch_deg": row.get("gaze_pitch_deg", nan),
        },
        "presence": {"score": row["presence"]},
    }
    found = {name: json_file.measured(**values) for name, values in groups.items()}
    states = {name.removesuffix("_status"): str(row[name]) for name in row if name.endswith("_status")}
    return {
        "emotions": _emotions(row["scores"], row["raw_scores"]) if "scores" in row else {},
        **{name: values for name, values in found.items() if values},
        **({"status": states} if states else {}),
    }


def _emotions(scores: NDArray[np.float64], raw_scores: NDArray[np.float64]) -> dict[str, Any]:
    """Each expression with its smoothed score, its rank (1 is the strongest) and the frame's own score."""
    if not np.isfinite(scores).all():
        return {}
    ranks = np.empty(len(scores), dtype=int)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return {
        name: {"score": json_file.number(value), "rank": int(rank), **json_file.measured(raw_score=raw)}
        for name, value, rank, raw in zip(EXPRESSIONS, scores, ranks, raw_scores, strict=True)
    }
