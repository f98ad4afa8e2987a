"""A walk over a file's packets without decoding: true length, steadiness of the frame rate, damage."""

from __future__ import annotations  # av.Packet is generic for the type checker only

from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from videoannotator.media.container import assumed_period_s

# A demuxer that fails may fail for ever: this many failures in a row end the walk.
MAX_FAILURES = 16
# Time stamps are rounded to the container's clock (1 ms in WebM): one tick to either side of the truth.
_JITTER_TICKS = 2
_JITTER_PERIODS = 0.02


@dataclass(slots=True)
class Walk:
    """What the packets say. Times are the container's own, in seconds; ``ticks`` those of the pictures."""

    ticks: list[int] = field(default_factory=list)
    n_pictures: int = 0
    picture_end_s: float = 0.0
    sound_end_s: float = 0.0
    n_failures: int = 0
    encrypted: bool = False
    complete: bool = True


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Stream] | None]:
    """The streams' packets in file order; None stands for a place that cannot be read.

    The last packet of each stream is empty: it flushes the decoder.
    """
    failures = 0
    while failures < MAX_FAILURES:
        try:
            for packet in container.demux(*streams):
                failures = 0
                yield packet
        except av.FFmpegError:
            failures += 1
            yield None
        else:
            return


def walk(
    container: InputContainer, video: VideoStream | None, audio: Stream | None, max_packets: int
) -> Walk:
    """Read the packets of both streams; of a file with more than ``max_packets`` only head and tail."""
    found = Walk()
    streams = [stream for stream in (video, audio) if stream is not None]
    for n_packets, packet in enumerate(packets(container, *streams), start=1):
        _note(found, packet, video)
        if n_packets == max_packets and found.complete and container.duration:
            found.complete = False
            _to_tail(container)
    return found


def _note(found: Walk, packet: Packet[Stream] | None, video: VideoStream | None) -> None:
    if packet is None:
        found.n_failures += 1
        return
    if not packet.size:
        return
    found.n_failures += packet.is_corrupt
    found.encrypted |= packet.has_sidedata("encryption_info")
    tick = packet.pts if packet.pts is not None else packet.dts
    if video is None or packet.stream is not video:
        found.sound_end_s = max(found.sound_end_s, _end_s(packet, tick, 0.0))
        return
    found.n_pictures += 1
    # Many containers leave out how long a picture is shown: as long as the others, then.
    found.picture_end_s = max(found.picture_end_s, _end_s(packet, tick, assumed_period_s(video)))
    if tick is not None and found.complete:
        found.ticks.append(tick)


def _end_s(packet: Packet[Stream], tick: int | None, period_s: float) -> float:
    if tick is None:
        return 0.0
    return float(tick * packet.time_base) + (
        float(packet.duration * packet.time_base) if packet.duration else period_s
    )


def _to_tail(container: InputContainer) -> None:
    """Go on close to the end; where that fails the walk goes on where it is."""
    try:
        container.seek((container.start_time or 0) + (container.duration or 0) - 5_000_000)
    except av.FFmpegError:
        return


def constant_period(ticks: list[int]) -> float | None:
    """Ticks between pictures where all are equally far apart but for rounding, else None."""
    if len(ticks) < 2:
        return None
    ordered = np.sort(np.asarray(ticks, dtype=np.float64))
    period = float(ordered[-1] - ordered[0]) / (len(ordered) - 1)
    # Against the straight line, not between neighbours: rounding must not add up, nor hide a drift.
    strayed = np.abs(ordered - ordered[0] - period * np.arange(len(ordered))).max()
    return period if period > 0 and strayed <= max(_JITTER_TICKS, _JITTER_PERIODS * period) else None
