"""Videos and what is decoded from them.

Time is presentation time in seconds from the container's start (its earliest stream), as a player
counts it: a late first frame has ``time_s > 0``, and nothing is negative.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of every value that crosses a boundary: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Video(Record):
    """What probing found. Width and height are those of the displayed picture (after rotation).

    ``id`` is the SHA-256 of the bytes. ``frame_rate`` is None where it varies or is unknown;
    ``n_frames`` is the container's claim, None where it makes none. ``width_px`` and ``height_px`` are 0
    for sound without pictures. ``clip_start_s`` and ``clip_end_s`` restrict a run to a stretch of the video,
    whose times stay those of the whole.
    """

    id: str
    path: Path
    name: str
    size_bytes: int
    duration_s: float
    frame_rate: float | None = None
    n_frames: int | None = None
    width_px: int = 0
    height_px: int = 0
    rotation_deg: int = 0
    container: str = ""
    video_codec: str | None = None
    audio_codec: str | None = None
    audio_rate_hz: int | None = None
    has_video: bool = True
    has_audio: bool = False
    warnings: tuple[str, ...] = ()
    clip_start_s: float | None = None
    clip_end_s: float | None = None

    @property
    def start_s(self) -> float:
        """Where annotation begins: at the start, or at that of the stretch that is wanted."""
        return self.clip_start_s or 0.0

    @property
    def end_s(self) -> float:
        """Where annotation ends: at the end, or before that where only a stretch is wanted."""
        return self.duration_s if self.clip_end_s is None else self.clip_end_s


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Pictures in presentation order.

    ``rgb`` has shape (n, height, width, 3), uint8; ``time_s`` and ``frame_index`` (place among all
    decoded frames, from 0) have shape (n,).
    """

    rgb: NDArray[np.uint8]
    time_s: NDArray[np.float64]
    frame_index: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.time_s)


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """One mono track: ``samples`` (n,) float32 in [-1, 1]; sample i sounds at ``start_s + i / rate_hz``."""

    samples: NDArray[np.float32]
    rate_hz: int
    start_s: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length of the track in seconds."""
        return len(self.samples) / self.rate_hz
