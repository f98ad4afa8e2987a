"""Alignment undoes a known similarity exactly, and chips hold what the picture holds."""

import numpy as np
import pytest

from videoannotator.pipelines.face.alignment import MEAN_FACE, MESH_POINTS, box_chip, similarity, upright_chip
from videoannotator.pipelines.face.mesh import Region


def _turned(points: np.ndarray, scale: float, degrees: float, shift: tuple[float, float]) -> np.ndarray:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ rotation.T + shift


@pytest.mark.parametrize(("scale", "degrees"), [(1, 0), (3.5, 30), (0.2, -170), (40, 90)])
def test_a_known_similarity_is_found_again(scale, degrees):
    seen = _turned(MEAN_FACE, scale, degrees, (7, -3))
    transform = similarity(seen, MEAN_FACE)
    assert seen @ transform[:, :2].T + transform[:, 2] == pytest.approx(MEAN_FACE, abs=1e-12)
    assert np.linalg.det(transform[:, :2]) == pytest.approx(1 / scale**2)


def test_a_mirrored_face_is_turned_not_mirrored_back():
    assert np.linalg.det(similarity(MEAN_FACE * (-1, 1), MEAN_FACE)[:, :2]) > 0


def test_a_face_without_extent_cannot_be_aligned():
    assert similarity(np.ones((5, 2)), MEAN_FACE) is None
    assert upright_chip(np.zeros((9, 9, 3), np.uint8), np.full((468, 3), 4.0), 64) is None
    assert box_chip(np.zeros((9, 9, 3), np.uint8), np.array([4.0, 4, 4, 4]), 0.1, 64) is None


@pytest.mark.parametrize("degrees", [0, 90, 180])
def test_an_upright_chip_shows_the_face_upright(degrees):
    """The picture is bright on the side of the forehead, whichever way the head lies."""
    up = np.array([[0.5, -0.6]])
    y, x = np.mgrid[:200, :200]
    mesh = np.zeros((468, 3))
    mesh[list(MESH_POINTS), :2] = _turned(MEAN_FACE - 0.4, 80, degrees, (100, 100))
    direction = _turned(up * (0, 1), 1, degrees, (0, 0))[0]
    rgb = np.repeat((((x - 100) * direction[0] + (y - 100) * direction[1]) > 0)[..., None] * 200, 3, axis=2)
    chip = upright_chip(rgb.astype(np.uint8), mesh, 64)
    assert chip[:10].mean() > 150
    assert chip[-10:].mean() < 50


def test_a_box_chip_keeps_the_mean_brightness_and_is_black_outside():
    rgb = np.full((100, 100, 3), 100, np.uint8)
    rgb[::2] = 200  # fine stripes: shrinking by skipping would show one of the two only
    inside = box_chip(rgb, np.array([20.0, 20, 80, 80]), 0.0, 16)
    assert inside[4:12, 4:12].mean() == pytest.approx(150, abs=3)
    outside = box_chip(rgb, np.array([-60.0, 20, -10, 70]), 0.0, 16)
    assert outside.max() == 0


def test_the_margin_widens_the_box_on_every_side():
    rgb = np.zeros((100, 100, 3), np.uint8)
    rgb[25:75, 25:75] = 255
    chip = box_chip(rgb, np.array([25.0, 25, 75, 75]), 0.5, 64)
    assert chip[17:47, 17:47].min() == 255  # the box is the middle half of the chip
    assert chip[:15].max() == chip[:, :15].max() == chip[49:].max() == 0


def test_a_region_brings_points_back_where_they_were_cut():
    region = Region(np.array([50.0, 40.0]), side_px=32, angle_rad=np.radians(90))
    corners = np.array([[0.0, 0, 2], [64, 0, 2], [32, 32, 2]])
    # Turned clockwise by a quarter, the upper left corner of the cut lies at the upper right.
    assert region.place(corners, 64) == pytest.approx(np.array([[66, 24, 1], [66, 56, 1], [50, 40, 1]]))


def test_a_region_cuts_the_pixels_it_names():
    rgb = np.zeros((80, 100, 3), np.uint8)
    rgb[26:30, 60:64] = 255  # near the upper right corner of the square around (50, 40)
    cut = Region(np.array([50.0, 40.0]), side_px=32, angle_rad=np.radians(90)).cut(rgb, 32)
    y, x = np.argwhere(cut[0, :, :, 0] > 0.5).mean(axis=0)
    assert Region(np.array([50.0, 40.0]), 32, np.radians(90)).place(np.array([[x, y]]), 32)[0] == (
        pytest.approx([61.5, 27.5])
    )
