import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from tests.synthetic.annotations import annotations, video

from videoannotator.exporters import person_json
from videoannotator.exporters.tidy import Tidy


def written(folder: Path, frames_per_s: float = 1.0) -> COCO:
    people = Tidy(annotations()).rows("people")
    assert people is not None
    path = folder / "clip_person_tracking.json"
    person_json.write(path, video(), "clip", people, frames_per_s)
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def test_pycocotools_reads_it(tmp_path: Path) -> None:
    coco = written(tmp_path)
    assert len(coco.getImgIds()) == 10  # one a second of ten
    first = coco.loadAnns(coco.getAnnIds(imgIds=["clip_frame_0"]))
    assert [item["track_id"] for item in first] == [1, 2]
    assert first[0]["bbox"] == [50, 40, 120, 400]
    assert first[0]["area"] == 120 * 400
    assert first[0]["keypoints"][:3] == [100, 100, 2]
    category = coco.loadCats([1])[0]
    assert len(category["keypoints"]) == 17
    assert np.array(category["skeleton"]).min() == 1  # COCO counts from 1


def test_the_nose_moves_three_pixels_a_sample(tmp_path: Path) -> None:
    coco = written(tmp_path, frames_per_s=10.0)
    noses = [item["keypoints"][0] for item in coco.dataset["annotations"] if item["track_id"] == 1]
    assert noses == pytest.approx(100 + 3 * np.arange(100))


@pytest.mark.parametrize(
    ("frames_per_s", "kept"),
    [(1.0, [0.0, 1.5, 2.5]), (2.0, [0.0, 1.0, 1.5, 2.5]), (5.0, [0.0, 0.2, 1.0, 1.5, 2.5])],
)
def test_the_fullest_frame_of_each_stretch_is_kept_whole(frames_per_s: float, kept: list[float]) -> None:
    time_s = np.array([0.0, 0.0, 0.1, 0.2, 1.0, 1.5, 1.5, 2.5])
    is_kept = person_json.thinned(time_s, frames_per_s)
    assert sorted(set(time_s[is_kept])) == kept
    assert is_kept[:2].all()


def test_nobody_is_thinned_to_nobody() -> None:
    assert person_json.thinned(np.zeros(0), 1.0).shape == (0,)
