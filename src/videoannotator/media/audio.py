"""The sound of a video as one mono track that starts when the video starts."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Audio, Video
from videoannotator.files.atomic import replacing
from videoannotator.media.container import audio_stream, open_media, start_s
from videoannotator.media.packets import packets
from videoannotator.media.timeline import SET_BACK_S

# Containers round time stamps (1 ms in WebM) and recorders jitter: less than this is no gap.
_TOLERANCE_S = 0.05
_BLOCK_S = 1.0  # silence is written in blocks, so that a long one needs no memory
_INT16_SCALE = 32_768.0


def load_audio(video: Video, rate_hz: int, spool: Path | None = None) -> Audio:
    """Decode and resample the sound; sample i sounds start_s + i / rate_hz after the container's start.

    Of a video of which only a stretch is wanted, that stretch is kept, sample for sample as in the whole.

    A late start and gaps are silence. With ``spool`` the samples are kept in that file (float32, written
    atomically) and mapped into memory, so that long videos need little of it. On a file whose sound has no
    gaps the samples equal those of ``faster_whisper.decode_audio``. Raises NoMediaStream without sound.
    """
    first = round(video.start_s * rate_hz)
    last = None if video.clip_end_s is None else round(video.clip_end_s * rate_hz)
    blocks = _between(_samples(video, rate_hz), first, last)
    if spool is None:
        samples = np.concatenate([np.zeros(0, np.float32), *blocks])
    else:
        with replacing(spool) as partial, partial.open("wb") as file:
            for block in blocks:
                file.write(block.tobytes())
        # An empty file cannot be mapped.
        samples = np.memmap(spool, np.float32, "r") if spool.stat().st_size else np.zeros(0, np.float32)
    if not len(samples):
        raise NoMediaStream(f"{video.name!r} holds no sound that can be decoded")
    samples.setflags(write=False)
    return Audio(samples=samples, rate_hz=rate_hz, start_s=first / rate_hz)


def _between(
    blocks: Iterable[NDArray[np.float32]], first: int, last: int | None
) -> Iterator[NDArray[np.float32]]:
    """The samples from ``first`` to before ``last``; what comes after is not decoded."""
    at = 0
    for block in blocks:
        if last is not None and at >= last:
            return
        yield block[max(0, first - at) : None if last is None else last - at]
        at += len(block)


def _samples(video: Video, rate_hz: int) -> Iterator[NDArray[np.float32]]:
    """The track in blocks of float32 in [-1, 1]."""
    with open_media(video.path, video.name) as container:
        stream = audio_stream(container)
        if stream is None:
            return
        whole = _without_gaps(_decoded(container, stream), start_s(container), video.duration_s)
        for block in _resampled(whole, rate_hz):
            # 16 bits in between, as faster-whisper decodes: recognisers hear the same samples either way.
            yield block.to_ndarray().reshape(-1).astype(np.float32) / np.float32(_INT16_SCALE)


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """What can be decoded; damaged places are left out and become silence."""
    for packet in packets(container, stream):
        try:
            decoded = packet.decode() if packet is not None else ()
        except av.FFmpegError:
            continue
        yield from (frame for frame in decoded if isinstance(frame, AudioFrame))


def _without_gaps(frames: Iterable[AudioFrame], zero_s: float, length_s: float) -> Iterator[AudioFrame]:
    """The frames with silence where time stamps leave a gap, and without those that repeat what was heard.

    A stamp that lies far back, or beyond the end of the video, is a broken clock: such sound follows on
    directly.
    """
    heard_s, shift_s, first = 0.0, zero_s, True
    for frame in frames:
        gap_s = frame.time - shift_s - heard_s if frame.time is not None else 0.0
        if gap_s < -SET_BACK_S or heard_s + gap_s > length_s:
            shift_s += gap_s
        elif gap_s < -_TOLERANCE_S:
            continue
        elif gap_s > _TOLERANCE_S or first:
            n_missing = max(0, round(gap_s * frame.sample_rate))
            yield from _silence(frame, n_missing)
            heard_s += n_missing / frame.sample_rate
        first = False
        yield frame
        heard_s += frame.samples / frame.sample_rate


def _silence(like: AudioFrame, n_samples: int) -> Iterator[AudioFrame]:
    block = round(_BLOCK_S * like.sample_rate)
    for start in range(0, n_samples, block):
        frame = AudioFrame(like.format.name, like.layout.name, min(block, n_samples - start))
        frame.sample_rate = like.sample_rate
        for plane in frame.planes:
            plane.update((b"\x80" if "u8" in like.format.name else b"\0") * plane.buffer_size)
        yield frame


def _resampled(frames: Iterable[AudioFrame], rate_hz: int) -> Iterator[AudioFrame]:
    """Mono 16-bit frames at the rate; a stream that changes its format half-way goes on in the new one."""
    resampler, shape = None, None
    for frame in frames:
        if resampler is None or shape != (frame.format.name, frame.layout.name, frame.sample_rate):
            if resampler is not None:
                yield from resampler.resample(None)
            resampler = AudioResampler(format="s16", layout="mono", rate=rate_hz)
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        frame.pts = None  # samples are counted, stamps were heeded before
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)
