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
from videoannotator.media.timeline import SET_BACK_S

# A demuxer that fails may fail for ever: this many failures in a row end the walk.
MAX_FAILURES = 16
# Pictures are decoded in another order than shown: this many may be missing among the last ones read.
_MAX_REORDERED = 32
# Time stamps are rounded to the container's clock (1 ms in WebM): one tick to either side of the truth.
_JITTER_TICKS = 2
_JITTER_PERIODS = 0.02


@dataclass(slots=True)
class Track:
    """What the packets of one stream say. ``ticks`` and ``end_s`` are the container's own time.

    Where the clock was set back, what follows counts as going on directly (as ``Timeline`` does).
    """

    period_s: float = 0.0  # how long a packet lasts that does not say so
    ticks: list[int] = field(default_factory=list)
    end_s: float = 0.0
    n_packets: int = 0
    n_set_back: int = 0
    _shift_s: float = 0.0
    _decode_end_s: float | None = None

    def note(self, packet: Packet[Stream]) -> None:
        """Take a packet that holds something into account."""
        self.n_packets += 1
        length_s = float(packet.duration * packet.time_base) if packet.duration else self.period_s
        if packet.dts is not None:
            self._heed_clock(float(packet.dts * packet.time_base), length_s)
        tick = packet.pts if packet.pts is not None else packet.dts
        if tick is not None:
            self.ticks.append(tick)
            self.end_s = max(self.end_s, float(tick * packet.time_base) + self._shift_s + length_s)

    def _heed_clock(self, decoded_s: float, length_s: float) -> None:
        """Decode times only grow: where they fall, the clock was set back."""
        if self._decode_end_s is not None and decoded_s + self._shift_s < self._decode_end_s - SET_BACK_S:
            self.n_set_back += 1
            self._shift_s = self._decode_end_s - decoded_s
        self._decode_end_s = decoded_s + self._shift_s + length_s

    def jump(self) -> None:
        """The next packet is from elsewhere in the file."""
        self._decode_end_s = None


@dataclass(slots=True)
class Walk:
    """What the packets of a file say. ``n_failures`` counts places that are damaged or missing."""

    picture: Track
    sound: Track
    n_failures: int = 0
    encrypted: bool = False


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
    """Read the packets of both streams; of a file with more than ``max_packets`` only head and tail.

    Of such a file ``picture.ticks`` holds those of the head alone.
    """
    found = Walk(Track(assumed_period_s(video) if video is not None else 0.0), Track())
    tracks = {
        stream.index: track
        for stream, track in ((video, found.picture), (audio, found.sound))
        if stream is not None
    }
    streams = [container.streams[index] for index in tracks]
    head: list[int] | None = None
    for n_packets, packet in enumerate(packets(container, *streams), start=1):
        if packet is None:
            found.n_failures += 1
        elif packet.size:
            found.n_failures += packet.is_corrupt
            found.encrypted |= packet.has_sidedata("encryption_info")
            tracks[packet.stream.index].note(packet)
        if n_packets == max_packets and container.duration:
            head = sorted(found.picture.ticks)[:-_MAX_REORDERED]
            _to_tail(container)
            for track in tracks.values():
                track.jump()
    if head is not None:
        found.picture.ticks = head
    return found


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
