"""What a voice sounds like: CAM++ turns speech into a vector near to those of the same voice.

Source: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking", Interspeech 2023.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.pipelines.audio import fbank, segmentation
from videoannotator.plugin.runtimes import OnnxSession

ENOUGH_CLEAN_S = 0.4  # with less speech of one voice alone its overlapped speech is used as well
FEWEST_FRAMES = 20  # 0.2 s: the model makes nothing of less
_FRAME_S = segmentation.FRAME / segmentation.RATE_HZ


@dataclass(frozen=True, slots=True, eq=False)
class VoicePrint:
    """One voice of one window: a unit vector, and how long the voice was heard alone."""

    window: int
    voice: int
    vector: NDArray[np.float32]
    clean_s: float


def voice_prints(
    model: OnnxSession, window: int, samples: NDArray[np.float32], speaking: NDArray[np.bool_]
) -> list[VoicePrint]:
    """Take the print of every voice in a window.

    Args:
        model: The network.
        window: Place of the window in the track.
        samples: Shape (segmentation.WINDOW,).
        speaking: Shape (n_frames, n_voices), of this window.
    """
    features = fbank.fbank(samples)
    alone = speaking.sum(axis=1) == 1
    prints = []
    for voice in np.flatnonzero(speaking.any(axis=0)):
        clean = speaking[:, voice] & alone
        clean_s = float(clean.sum()) * _FRAME_S
        used = clean if clean_s >= ENOUGH_CLEAN_S else speaking[:, voice]
        heard = features[used[_nearest_answer(len(features), len(used))]]
        if len(heard) < FEWEST_FRAMES:
            continue
        (vectors,) = model.run(None, {"feats": (heard - heard.mean(axis=0))[None]})
        vector = vectors[0] / np.linalg.norm(vectors[0])
        prints.append(VoicePrint(window, int(voice), vector, clean_s))
    return prints


def _nearest_answer(n_features: int, n_answers: int) -> NDArray[np.int64]:
    """For each frame of features the answer of the segmentation whose middle is nearest."""
    centre = np.arange(n_features) * fbank.HOP + fbank.FRAME // 2
    answer = np.rint((centre - segmentation.FIRST_CENTRE) / segmentation.FRAME).astype(np.int64)
    return np.clip(answer, 0, n_answers - 1)
