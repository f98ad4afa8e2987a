"""Who speaks within ten seconds: pyannote's segmentation 3.0, up to three voices, two at a time.

Source: Plaquet and Bredin, "Powerset multi-class cross entropy loss for neural speaker diarization",
Interspeech 2023. Voices are told apart within a window; their order means nothing beyond it.
"""

import numpy as np
from numpy.typing import NDArray

from videoannotator.plugin.runtimes import OnnxSession

RATE_HZ = 16_000
WINDOW = 160_000  # samples: the 10 s that the model was trained on
# The model answers every 270 samples about the 991 samples around (its convolutions' stride and field).
FRAME = 270
FIRST_CENTRE = 495  # samples from the window's start to the middle of its first answer
N_VOICES = 3
# The model's classes: nobody, one voice, two voices.
_VOICES_OF_CLASS = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=np.bool_
)


def speaking(model: OnnxSession, windows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell for every frame which voices speak.

    Args:
        model: The segmentation network.
        windows: Shape (n, WINDOW).

    Returns:
        Shape (n, n_frames, N_VOICES); frame i is about the sound around ``FIRST_CENTRE + i * FRAME``.
    """
    (scores,) = model.run(None, {"x": windows[:, None, :]})
    voices: NDArray[np.bool_] = _VOICES_OF_CLASS[scores.argmax(axis=-1)]
    return voices


def frame_edge_s(frame: NDArray[np.int64]) -> NDArray[np.float64]:
    """Seconds from the window's start to where each frame begins; halfway between two centres."""
    return (FIRST_CENTRE + frame * FRAME - FRAME / 2) / RATE_HZ
