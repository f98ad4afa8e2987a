"""From the picture to the model's canvas and back, on pictures whose content is arithmetic."""

import numpy as np
import pytest

from videoannotator.pipelines.person.movenet import Poses, Region, drop_contained, paint, read


def dotted(width_px, height_px, x, y, size=9):
    """A black picture with a white square centred on the pixel x, y."""
    rgb = np.zeros((height_px, width_px, 3), np.uint8)
    rgb[max(0, y - size // 2) : y + size // 2 + 1, max(0, x - size // 2) : x + size // 2 + 1] = 255
    return rgb


def found(canvas):
    """Where the white square's centre lies on the canvas, relative to its size."""
    light = canvas.rgb[..., 0].astype(float)
    rows, columns = np.indices(light.shape) + 0.5  # pixel centres
    x, y = (columns * light).sum() / light.sum(), (rows * light).sum() / light.sum()
    return np.array([x / light.shape[1], y / light.shape[0]])


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(640, 480), (480, 640), (320, 320), (1920, 1080), (90, 70)]
)
@pytest.mark.parametrize("border_fraction", [0.0, 0.3, 1.0])
def test_a_point_of_the_whole_picture_is_found_where_it_was(width_px, height_px, border_fraction):
    x, y = width_px * 3 // 4, height_px // 5
    canvas = paint(
        dotted(width_px, height_px, x, y), Region.with_border(width_px, height_px, border_fraction), 320
    )
    # A canvas pixel may hold many of the picture's: within half of one.
    tolerance_px = max(0.75, 0.5 / canvas.scale.min())
    assert canvas.to_picture(found(canvas)) == pytest.approx([x + 0.5, y + 0.5], abs=tolerance_px)


@pytest.mark.parametrize("box", [(300, 200, 400, 320), (-30, -10, 60, 90), (600, 400, 640, 480)])
def test_a_point_of_a_crop_is_found_where_it_was_even_at_the_edge(box):
    x, y = (max(0, box[0]) + min(640, box[2])) // 2, (max(0, box[1]) + min(480, box[3])) // 2
    canvas = paint(dotted(640, 480, x, y), Region.around(np.array(box, float), 0.15), 256)
    assert canvas.rgb.shape == (256, 256, 3)
    assert canvas.to_picture(found(canvas)) == pytest.approx([x + 0.5, y + 0.5], abs=1.0)


@pytest.mark.parametrize(("width_px", "height_px"), [(1, 1), (16384, 2), (2, 4000), (33, 31)])
@pytest.mark.parametrize("border_fraction", [0.0, 0.3])
def test_any_picture_fits_a_canvas_of_whole_cells(width_px, height_px, border_fraction):
    rgb = np.full((height_px, width_px, 3), 255, np.uint8)
    canvas = paint(rgb, Region.with_border(width_px, height_px, border_fraction), 320).rgb
    assert max(canvas.shape) == 320
    assert canvas.shape[0] % 32 == canvas.shape[1] % 32 == 0
    assert canvas.max() == 255


def test_the_border_is_black_and_as_wide_as_asked_for():
    canvas = paint(np.full((480, 640, 3), 255, np.uint8), Region.with_border(640, 480, 0.3), 320).rgb
    white = np.flatnonzero(canvas.max(axis=(0, 2)))
    # 640 + 2 x 192 px become 320: 60 px of border, 200 px of picture.
    assert (white[0], len(white)) == (60, 200)


def test_the_models_rows_are_read_as_documented():
    output = np.zeros((6, 56), np.float32)
    output[2, :3] = (0.25, 0.75, 0.9)  # nose: y, x, score
    output[2, 51:56] = (0.1, 0.2, 0.6, 0.7, 0.8)  # y1, x1, y2, x2, score
    output[4, 55] = 0.3
    canvas = paint(np.zeros((320, 320, 3), np.uint8), Region(0, 0, 320, 320), 320)
    poses = read(output, canvas)
    assert poses.score[:2] == pytest.approx([0.8, 0.3])
    assert poses.box_xyxy[0] == pytest.approx([64, 32, 224, 192])
    assert poses.keypoints[0, 0] == pytest.approx([240, 80, 0.9])


def poses_of(*boxes):
    """Surest first, as the model's answers are sorted."""
    score = np.linspace(0.9, 0.1, len(boxes))
    return Poses(np.array(boxes, float).reshape(-1, 4), score, np.zeros((len(boxes), 17, 3)))


@pytest.mark.parametrize(
    ("threshold", "n_kept"),
    [(0.5, 1), (0.75, 1), (0.76, 2), (1.0, 2)],  # 75 of 100 px² lie inside
)
def test_a_box_mostly_inside_a_surer_one_is_a_duplicate(threshold, n_kept):
    assert len(drop_contained(poses_of((0, 0, 100, 100), (92.5, 0, 102.5, 10)), threshold)) == n_kept


def test_a_large_box_around_a_surer_small_one_is_kept():
    assert len(drop_contained(poses_of((0, 0, 10, 10), (0, 0, 100, 100)), 0.8)) == 2


def test_a_duplicate_of_a_dropped_box_is_judged_by_the_kept_ones_alone():
    # B lies 80 % inside A and goes; C lies inside B but only 60 % inside A, and stays.
    kept = drop_contained(poses_of((0, 0, 10, 10), (2, 0, 12, 10), (4, 0, 14, 10)), 0.8)
    assert kept.box_xyxy[:, 0].tolist() == [0, 4]


def test_nobody_stays_nobody():
    assert len(drop_contained(poses_of(), 0.8)) == 0
