"""Who said it: words or utterances meet the turns of the speakers that they overlap."""

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import Table

SHORTEST_WORD_S = 0.02  # the step of Whisper's clock: a word that starts and ends on one tick was still said


def speakers_of(start_s: NDArray[np.float64], end_s: NDArray[np.float64], turns: Table) -> NDArray[np.str_]:
    """Name the speaker whose turns overlap each interval longest.

    Args:
        start_s: Shape (n,).
        end_s: Shape (n,); shorter intervals than ``SHORTEST_WORD_S`` count as that long.
        turns: Rows of the ``turns`` table, in any order; turns may overlap.

    Returns:
        Shape (n,). ``""`` where nobody's turn overlaps; among equals the name that sorts first.
    """
    names, who = np.unique(turns["speaker"], return_inverse=True)
    end_s = np.maximum(end_s, start_s + SHORTEST_WORD_S)
    overlap_s = np.zeros((len(start_s), len(names) + 1))  # the last column is nobody's
    for turn_start_s, turn_end_s, speaker in zip(turns["start_s"], turns["end_s"], who, strict=True):
        shared_s = np.minimum(end_s, turn_end_s) - np.maximum(start_s, turn_start_s)
        overlap_s[:, speaker] += np.maximum(shared_s, 0)
    best = np.where(overlap_s.max(axis=1) > 0, overlap_s.argmax(axis=1), len(names))
    return np.asarray(np.append(names, "")[best], dtype=np.str_)


def with_speakers(spoken: Table, turns: Table) -> Table:
    """The rows of ``words`` or ``utterances`` with a column ``speaker`` added."""
    return spoken.with_columns(speaker=speakers_of(spoken["start_s"], spoken["end_s"], turns))
