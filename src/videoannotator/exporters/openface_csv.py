"""``<video>_openface.csv``: OpenFace 3.0's faces in the columns that OpenFace 2 made familiar.

``frame`` counts from 1, ``timestamp`` is in seconds, ``x_i`` and ``y_i`` are pixels, as OpenFace 2 has them.
Its landmarks were 68, these are 98 (WFLW). Action units keep neutral names: which is which is not documented.
"""

import csv
from pathlib import Path

import numpy as np

from videoannotator.domain.table import Table
from videoannotator.domain.tables import OPENFACE3_EMOTIONS

_N_POINTS, _N_UNITS = 98, 8
HEADER = (
    "frame", "face_id", "timestamp", "confidence", "success", "gaze_yaw", "gaze_pitch",
    *(f"x_{i}" for i in range(_N_POINTS)), *(f"y_{i}" for i in range(_N_POINTS)),
    *(f"au_{i}" for i in range(_N_UNITS)), *(f"emotion_{name}" for name in OPENFACE3_EMOTIONS),
)  # fmt: skip


def write(path: Path, faces: Table) -> None:
    """Write a line per face; ``face_id`` is the face's track, as in OpenFace 2."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in faces.rows():
            measured = np.concatenate(
                [row["gaze"], *row["landmarks"].T, row["action_units"], row["emotions"]]
            )
            writer.writerow(
                [
                    int(row["frame_index"]) + 1,
                    int(row["track_id"]),
                    round(float(row["time_s"]), 6),
                    round(float(row["score"]), 6),
                    1,
                    *np.round(measured, 6).tolist(),
                ]
            )
