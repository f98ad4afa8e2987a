"""Anchors, tiles and suppression against counts made by hand."""

import numpy as np
import pytest

from videoannotator.pipelines.face.blazeface import anchors, merge, tiles


def _square(left: float, top: float, side: float) -> np.ndarray:
    """A candidate whose six points all lie in its middle."""
    middle = (left + side / 2, top + side / 2)
    return np.array([(left, top), (left + side, top + side), *[middle] * 6])


def test_the_anchors_are_two_per_fine_and_six_per_coarse_cell():
    grid = anchors()
    assert len(grid) == 16 * 16 * 2 + 8 * 8 * 6 == 896  # the model's number of outputs
    assert grid[0].tolist() == grid[1].tolist() == [4 / 128, 4 / 128]
    assert grid[2].tolist() == [12 / 128, 4 / 128]  # the next cell is to the right, not below
    assert grid[512].tolist() == [8 / 128, 8 / 128]
    assert grid[-1].tolist() == [120 / 128, 120 / 128]


def test_tiles_cover_the_picture_and_overlap():
    covered = np.zeros((480, 640), dtype=int)
    for rows, columns in tiles(640, 480, 0.75):
        assert covered[rows, columns].shape == (360, 360)
        covered[rows, columns] += 1
    assert covered.min() == 1
    assert len(list(tiles(640, 480, 0.75))) == 3 * 2  # ceil(640 / 360 * 1.3) x ceil(480 / 360 * 1.3)


@pytest.mark.parametrize(("width", "height"), [(16384, 2), (1, 1), (128, 128)])
def test_tiles_of_odd_pictures_stay_few(width, height):
    n_tiles = len(list(tiles(width, height, 0.25)))
    assert n_tiles <= max(1, np.ceil(width / 128 * 1.3))


def test_overlapping_candidates_become_one_weighted_by_their_scores():
    points = np.stack([_square(0, 0, 10), _square(2, 0, 10), _square(50, 50, 10)])
    merged = merge(np.array([0.9, 0.3, 0.6]), points)
    assert merged.score.tolist() == [0.9, 0.6]
    # 2 px to the right with a quarter of the weight: 0.5 px.
    assert merged.box_xyxy[0] == pytest.approx([0.5, 0, 10.5, 10])
    assert merged.box_xyxy[1].tolist() == [50, 50, 60, 60]


def test_candidates_that_overlap_by_less_than_a_third_stay_apart():
    points = np.stack([_square(0, 0, 10), _square(6, 0, 10)])  # IoU 40 / 160
    assert len(merge(np.array([0.9, 0.8]), points).score) == 2


def test_a_face_found_again_at_another_size_is_left_out():
    points = np.stack([_square(10, 10, 10), _square(5, 9, 30), _square(12, 12, 4)])  # IoU 1/9 and 4/25
    merged = merge(np.array([0.9, 0.6, 0.5]), points)
    assert merged.box_xyxy.tolist() == [[10, 10, 20, 20]]


def test_no_candidates_are_no_faces():
    assert merge(np.zeros(0), np.zeros((0, 8, 2))).box_xyxy.shape == (0, 4)
