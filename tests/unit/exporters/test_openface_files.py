import csv
import json
from pathlib import Path

import numpy as np
from tests.contract import viewer

from videoannotator.domain.table import Table
from videoannotator.domain.tables import FACE_OPENFACE3
from videoannotator.exporters import openface3_json, openface_csv

NAME = "clip_openface3_analysis.json"


def _faces(n: int = 2) -> Table:
    landmarks = np.arange(n * 98 * 2, dtype=float).reshape(n, 98, 2)
    return FACE_OPENFACE3.table(
        face_id=np.arange(n), frame_index=50 * np.arange(n), time_s=2.0 * np.arange(n),
        box_xyxy=np.tile([280.0, 90, 360, 180], (n, 1)), score=np.full(n, 0.97), track_id=np.ones(n),
        landmarks=landmarks, emotions=np.full((n, 8), 0.125), gaze=np.tile([0.1, -0.2], (n, 1)),
        action_units=np.tile(np.arange(8.0), (n, 1)),
    )  # fmt: skip


def test_the_viewer_takes_the_file_for_openface_however_long_it_is(tmp_path: Path) -> None:
    for n in (1, 2, 40):
        openface3_json.write(tmp_path / NAME, _faces(n))
        assert viewer.detect(NAME, (tmp_path / NAME).read_bytes()) == "openface3_faces"


def test_only_what_was_measured_is_written(tmp_path: Path) -> None:
    openface3_json.write(tmp_path / NAME, _faces())
    document = json.loads((tmp_path / NAME).read_text())
    assert list(document) == ["annotations", "images", "info"]
    assert document["images"] == [{"id": 0, "timestamp": 0.0}, {"id": 50, "timestamp": 2.0}]
    first = document["annotations"][0]
    assert (first["image_id"], first["bbox"]) == (0, [280, 90, 80, 90])
    face = first["openface3"]
    assert (face["confidence"], len(face["landmarks_2d"])) == (0.97, 98)
    assert face["landmarks_2d"][1] == [2.0, 3.0]
    assert face["action_units_raw"]["au_3"] == 3.0
    # The viewer's own blocks want numbers that nobody measured.
    assert not {"emotion", "gaze", "head_pose", "action_units"} & set(face)


def test_the_table_has_the_columns_that_openface_2_made_familiar(tmp_path: Path) -> None:
    openface_csv.write(tmp_path / "clip_openface.csv", _faces())
    with (tmp_path / "clip_openface.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["frame"], second["frame"], second["timestamp"]) == ("1", "51", "2.0")
    assert (first["confidence"], first["success"]) == ("0.97", "1")
    assert (first["x_1"], first["y_1"], first["y_97"]) == ("2.0", "3.0", "195.0")
    assert (first["au_7"], first["emotion_contempt"]) == ("7.0", "0.125")
    assert not any(name.startswith("AU") for name in first)
