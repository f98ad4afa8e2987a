"""Films of textured shots with hard cuts, fades and flashes at frames that are known."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Pictures = list[NDArray[np.uint8]]
_CLOCK = Fraction(1, 90_000)


def shot(seed: int, n_frames: int, width_px: int = 640, height_px: int = 360) -> Pictures:
    """A coloured, blocky texture that pans 2 px a frame; another seed is another place."""
    rng = np.random.default_rng(seed)
    tint = rng.integers(0, 256, 3)
    blocks = rng.integers(0, 100, (height_px // 20, width_px // 20 + n_frames, 3))
    wide = np.clip(np.kron(blocks, np.ones((20, 20, 1))) + tint - 50, 0, 255).astype(np.uint8)
    return [np.ascontiguousarray(wide[:, 2 * i : 2 * i + width_px]) for i in range(n_frames)]


def fade(pictures: Pictures) -> Pictures:
    """The same pictures, fading to black."""
    gains = np.linspace(1, 0, len(pictures))
    return [(picture * gain).astype(np.uint8) for picture, gain in zip(pictures, gains, strict=True)]


def write_film(path: Path, pictures: Pictures, times_s: Sequence[float] = (), rate: int = 25) -> Path:
    """Encode with H.264; without ``times_s`` the frames are spaced evenly at ``rate``."""
    times_s = times_s or [index / rate for index in range(len(pictures))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "ultrafast"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _CLOCK
        for picture, time_s in zip(pictures, times_s, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(time_s / _CLOCK), _CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
