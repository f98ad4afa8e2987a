import json
from pathlib import Path

import numpy as np

from videoannotator.domain.tables import SCENE_LABELS, SHOTS
from videoannotator.exporters import scenes_json

SHOTS_OF_TWO = SHOTS.table(
    shot_id=[0, 1], start_s=[0.0, 2.0], end_s=[2.0, 2.1], start_frame=[0, 50], end_frame=[50, 52],
    score=[np.nan, 31.0],
)  # fmt: skip


def test_a_labelled_shot_names_the_best_label_and_all_scores(tmp_path: Path) -> None:
    labels = SCENE_LABELS.table(
        shot_id=[0, 0], label=["kitchen", "street"], score=[0.25, 0.75], n_frames=[4, 4]
    )
    scenes_json.write(tmp_path / "s.json", "clip", SHOTS_OF_TWO, labels)
    first, second = json.loads((tmp_path / "s.json").read_text())["scenes"]
    assert (first["scene_type"], first["score"]) == ("street", 0.75)
    assert first["all_scores"] == {"kitchen": 0.25, "street": 0.75}
    assert "scene_type" not in second  # too short for a frame to be looked at


def test_without_labels_nothing_is_claimed(tmp_path: Path) -> None:
    scenes_json.write(tmp_path / "s.json", "clip", SHOTS_OF_TWO, None)
    assert "scene_type" not in (tmp_path / "s.json").read_text()
