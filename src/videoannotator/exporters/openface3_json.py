"""``<video>_openface3_analysis.json``: OpenFace 3.0's faces as COCO objects, for the existing viewer.

Only what was measured is written. The viewer's ``emotion`` also wants valence and arousal, its ``gaze`` a
direction with a confidence, its ``action_units`` names and presences, and ``head_pose`` angles: OpenFace 3.0
gives none of these, so they are absent, and its numbers stand under names of their own. The viewer takes the
times from ``images`` and tells the file by its name and the order of its parts.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from videoannotator.domain.table import Table
from videoannotator.domain.tables import OPENFACE3_EMOTIONS
from videoannotator.exporters import json_file
from videoannotator.exporters.person_json import box

_INFO = {"description": "OpenFace 3.0 faces, by VideoAnnotator"}


def write(path: Path, faces: Table) -> None:
    """Write the faces; ``faces`` are rows of ``FACE_OPENFACE3``."""
    frames, first = np.unique(faces["frame_index"], return_index=True)
    times_s = faces["time_s"][first]
    images = [
        {"id": int(frame), "timestamp": json_file.number(time_s)}
        for frame, time_s in zip(frames, times_s, strict=True)
    ]
    json_file.write_list(path, "annotations", _annotations(faces), (("images", images), ("info", _INFO)))


def _annotations(faces: Table) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(faces.rows(), start=1):
        yield {
            "id": number,
            "image_id": int(row["frame_index"]),
            "track_id": int(row["track_id"]),
            **box(row["box_xyxy"]),
            "openface3": {
                "confidence": json_file.number(row["score"]),
                "landmarks_2d": np.round(row["landmarks"], 2).tolist(),
                "emotion_scores": _named(OPENFACE3_EMOTIONS, row["emotions"]),
                "gaze_raw": _named(("yaw", "pitch"), row["gaze"]),
                "action_units_raw": _named(tuple(f"au_{i}" for i in range(8)), row["action_units"]),
            },
        }


def _named(names: tuple[str, ...], values: Any) -> dict[str, float]:
    return json_file.measured(**dict(zip(names, values, strict=True)))
