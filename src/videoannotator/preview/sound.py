"""The sound of a video on its way into a copy, written piece by piece beside the pictures."""

from __future__ import annotations  # av.Packet is generic for the type checker only

from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from videoannotator.media.container import audio_stream, start_s
from videoannotator.media.packets import packets

# What every player takes in MP4; other sound becomes AAC.
_COPIED = ("aac", "mp3")


class Sound:
    """Writes the first sound of the source, if there is any, with its times counted from the start."""

    def __init__(self, source: InputContainer, out: OutputContainer) -> None:
        self._out = out
        self._waiting: Packet[Stream] | None = None
        self._packets: Iterator[Packet[Stream]] = iter(())
        stream = audio_stream(source)
        if stream is None:
            return
        zero_s = start_s(source)
        if stream.codec_context.name in _COPIED:
            self._packets = _copied(source, stream, out.add_stream_from_template(stream), zero_s)
        else:
            layout = "mono" if stream.codec_context.channels == 1 else "stereo"
            target = out.add_stream("aac", rate=stream.codec_context.sample_rate, layout=layout)
            self._packets = _encoded(source, stream, target, zero_s)

    def write_until(self, time_s: float) -> None:
        """Write what begins to sound up to this time."""
        while (packet := self._waiting or next(self._packets, None)) is not None:
            self._waiting = packet
            if packet.pts is not None and float(packet.pts * packet.time_base) > time_s:
                return
            self._out.mux(packet)
            self._waiting = None


def _copied(
    source: InputContainer, stream: AudioStream, target: AudioStream, zero_s: float
) -> Iterator[Packet[Stream]]:
    for packet in packets(source, stream):
        if packet is None or packet.dts is None or packet.pts is None:
            continue  # damage, or the empty packet at the end
        zero = round(zero_s / packet.time_base)
        packet.pts, packet.dts = packet.pts - zero, packet.dts - zero
        packet.stream = target
        yield packet


def _encoded(
    source: InputContainer, stream: AudioStream, target: AudioStream, zero_s: float
) -> Iterator[Packet[Stream]]:
    for packet in packets(source, stream):
        try:
            frames = packet.decode() if packet is not None else []
        except av.FFmpegError:
            continue  # a damaged place is silent
        for frame in frames:
            if isinstance(frame, AudioFrame) and frame.pts is not None:
                frame.pts -= round(zero_s / (frame.time_base or 1))
                yield from target.encode(frame)
    yield from target.encode(None)
