import numpy as np

from videoannotator.pipelines.face.sizes import FaceSizes


def _boxes(*widths):
    return np.array([(10.0, 10.0, 10.0 + width, 100.0) for width in widths]).reshape(-1, 4)


def test_narrow_faces_are_warned_of_with_their_share():
    said, sizes = [], FaceSizes()
    sizes.count(_boxes(47, 48, 100))
    sizes.count(_boxes(20))
    sizes.warn(said.append)
    assert said[0].startswith("50 % of the faces are narrower than 48 px")


def test_large_faces_and_no_faces_are_no_reason_to_warn():
    said, sizes = [], FaceSizes()
    sizes.count(_boxes())
    sizes.count(_boxes(48, 300))
    sizes.warn(said.append)
    assert said == []


def test_counting_goes_on_after_a_resume():
    said, sizes = [], FaceSizes(n_faces=3, n_small=1)
    sizes.count(_boxes(100))
    sizes.warn(said.append)
    assert said[0].startswith("25 %")
