"""From many voice prints to few speakers, and from each window's voices to those speakers."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment

from videoannotator.pipelines.audio.parameters import DiarizationParameters
from videoannotator.pipelines.audio.voiceprint import VoicePrint

CLEAN_S = 0.8  # prints of less undisturbed speech than this do not help to find the speakers
# Clustering compares every pair: this many prints (about an hour of lively talk) take 64 MB. Of more, those
# of the longest undisturbed speech find the speakers, and the rest are given to them.
MOST_CLUSTERED = 4000

Vectors = NDArray[np.float32]


def find_speakers(prints: Sequence[VoicePrint], n_views: float, parameters: DiarizationParameters) -> Vectors:
    """Find the speakers among the prints.

    Args:
        prints: All voices of all windows; at least one.
        n_views: In how many windows a moment lies.
        parameters: How many speakers there may be, and how far apart.

    Returns:
        Shape (n_speakers, n_dimensions): the unit vector in the middle of each speaker's prints.
    """
    chosen = _best(prints, parameters.num_speakers or parameters.min_speakers)
    vectors = np.stack([voice.vector for voice in chosen])
    clean_s = np.array([voice.clean_s for voice in chosen])
    label = _cluster(vectors, parameters)
    heard_s = np.bincount(label, weights=clean_s) / n_views
    middles = np.stack([_middle(vectors[label == k], clean_s[label == k]) for k in range(len(heard_s))])
    if parameters.num_speakers is not None:
        return middles
    n_kept = max(parameters.min_speakers, int((heard_s >= parameters.min_speaker_s).sum()), 1)
    return middles[np.sort(np.argsort(-heard_s, kind="stable")[:n_kept])]


def assign(prints: Sequence[VoicePrint], speakers: Vectors) -> list[int]:
    """Give every print to a speaker; two voices of one window go to two speakers as far as there are any."""
    assigned: list[int] = []
    for _, voices in groupby(prints, key=lambda voice: voice.window):
        likeness = np.stack([voice.vector for voice in voices]) @ speakers.T
        choice = likeness.argmax(axis=1)  # for those who find no speaker of their own
        row, speaker = linear_sum_assignment(likeness, maximize=True)
        choice[row] = speaker
        assigned.extend(choice.tolist())
    return assigned


def _best(prints: Sequence[VoicePrint], n_needed: int) -> list[VoicePrint]:
    """Prints of clean speech, or all where those are too few; never more than ``MOST_CLUSTERED``."""
    clean = [voice for voice in prints if voice.clean_s >= CLEAN_S]
    usable = clean if len(clean) >= n_needed else list(prints)
    longest = sorted(usable, key=lambda voice: -voice.clean_s)[:MOST_CLUSTERED]
    return sorted(longest, key=lambda voice: (voice.window, voice.voice))


def _cluster(vectors: Vectors, parameters: DiarizationParameters) -> NDArray[np.int64]:
    """Label each vector with its cluster, 0..n-1: average linkage on cosine distance."""
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    tree = linkage(vectors, method="average", metric="cosine")
    far_apart = 1 + int((tree[:, 2] > parameters.clustering_threshold).sum())
    wanted = parameters.num_speakers or int(
        np.clip(far_apart, parameters.min_speakers, parameters.max_speakers)
    )
    _, label = np.unique(fcluster(tree, wanted, criterion="maxclust"), return_inverse=True)
    return label.astype(np.int64)


def _middle(vectors: Vectors, clean_s: NDArray[np.float64]) -> Vectors:
    total = (clean_s[:, None] * vectors).sum(axis=0) if clean_s.any() else vectors.sum(axis=0)
    middle: Vectors = total / np.linalg.norm(total)
    return middle
