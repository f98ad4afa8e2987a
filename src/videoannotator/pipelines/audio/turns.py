"""From overlapping windows to turns: vote, then cut into stretches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videoannotator.pipelines.audio import segmentation
from videoannotator.pipelines.audio.voiceprint import VoicePrint

MOST_AT_ONCE = 2  # the segmentation hears no third voice at the same moment


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker from ``start_s`` until just before ``end_s``."""

    start_s: float
    end_s: float
    speaker: int


def vote(
    speaking: NDArray[np.bool_], prints: Sequence[VoicePrint], speakers: Sequence[int], step: int
) -> NDArray[np.bool_]:
    """Merge what the windows say about each moment.

    As many speakers talk as the windows count on average, and it is those that most windows name.

    Args:
        speaking: Shape (n_windows, n_frames, n_voices).
        prints: The voices that have a speaker.
        speakers: The speaker of each print.
        step: Samples from one window to the next.

    Returns:
        Shape (n_frames of the track, n_speakers).
    """
    n_windows, n_frames, _ = speaking.shape
    first = np.rint(np.arange(n_windows) * step / segmentation.FRAME).astype(np.int64)
    votes = np.zeros((first[-1] + n_frames, max(speakers) + 1), dtype=np.uint8)
    count, n_views = np.zeros((2, len(votes)), dtype=np.int64)
    for window, start in enumerate(first):
        count[start : start + n_frames] += speaking[window].sum(axis=1)
        n_views[start : start + n_frames] += 1
    for voice, speaker in zip(prints, speakers, strict=True):
        start = first[voice.window]
        votes[start : start + n_frames, speaker] += speaking[voice.window, :, voice.voice]
    n_talking = np.minimum(np.rint(count / np.maximum(n_views, 1)), MOST_AT_ONCE)
    rank = np.argsort(np.argsort(-votes.astype(np.int16), axis=1, kind="stable"), axis=1)
    talks: NDArray[np.bool_] = (rank < n_talking[:, None]) & (votes > 0)
    return talks


def to_turns(
    talks: NDArray[np.bool_], duration_s: float, min_pause_s: float, min_turn_s: float
) -> list[Turn]:
    """Cut what ``vote`` returned into turns, sorted by start; speakers count up as they first appear."""
    found = []
    for speaker in range(talks.shape[1]):
        change = np.flatnonzero(np.diff(talks[:, speaker], prepend=False, append=False))
        edge_s = np.clip(segmentation.frame_edge_s(change), 0, duration_s)
        stretches = (Turn(float(a), float(b), speaker) for a, b in edge_s.reshape(-1, 2))
        joined = _joined((turn for turn in stretches if turn.end_s > turn.start_s), min_pause_s)
        found += [turn for turn in joined if turn.end_s - turn.start_s >= min_turn_s]
    return _in_order_of_appearance(sorted(found, key=lambda turn: (turn.start_s, turn.end_s, turn.speaker)))


def _joined(turns: Iterable[Turn], min_pause_s: float) -> list[Turn]:
    """Turns of one speaker with no pause shorter than ``min_pause_s`` between them."""
    joined: list[Turn] = []
    for turn in turns:
        if joined and turn.start_s - joined[-1].end_s < min_pause_s:
            joined[-1] = replace(joined[-1], end_s=turn.end_s)
        else:
            joined.append(turn)
    return joined


def _in_order_of_appearance(turns: Sequence[Turn]) -> list[Turn]:
    seen: dict[int, int] = {}
    return [replace(turn, speaker=seen.setdefault(turn.speaker, len(seen))) for turn in turns]
