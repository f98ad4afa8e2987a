"""From many voice prints to few speakers, and from each window's voices to those speakers."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.optimize import linear_sum_assignment

from videoannotator.pipelines.audio.parameters import DiarizationParameters
from videoannotator.pipelines.audio.voiceprint import VoicePrint

CLEAN_S = 0.8  # prints of less undisturbed speech than this do not help to find the speakers
# Clustering compares every pair: this many prints (about an hour of lively talk) take 64 MB. Of more, those
# of the longest undisturbed speech find the speakers, and the rest are given to them.
MOST_CLUSTERED = 4000

Vectors = NDArray[np.float32]
Tree = NDArray[np.float64]  # as scipy.cluster.hierarchy.linkage describes it


def find_speakers(prints: Sequence[VoicePrint], n_views: float, parameters: DiarizationParameters) -> Vectors:
    """Find the speakers among the prints.

    Prints are merged from the most alike on; merging stops where there are as many speakers as there
    should be. A cluster that was hardly heard is no speaker: a laugh must not take the place of a person.

    Args:
        prints: All voices of all windows; at least one.
        n_views: In how many windows a moment lies.
        parameters: How many speakers there may be, and how far apart.

    Returns:
        Shape (n_speakers, n_dimensions): the unit vector in the middle of each speaker's prints.
    """
    chosen = _best(prints, parameters.num_speakers or parameters.min_speakers)
    vectors = np.stack([voice.vector for voice in chosen])
    heard_s = np.array([voice.clean_s for voice in chosen]) / n_views
    tree = linkage(vectors, method="average", metric="cosine") if len(chosen) > 1 else np.zeros((0, 4))
    n_large = _large_clusters(tree, heard_s, parameters.min_speaker_s)
    by_distance = 1 + int((tree[:, 2] > parameters.clustering_threshold).sum())
    n_speakers = parameters.num_speakers or int(
        np.clip(n_large[by_distance], parameters.min_speakers, parameters.max_speakers)
    )
    fitting = np.flatnonzero(n_large == n_speakers)
    nearest = fitting[np.abs(fitting - by_distance).argsort(kind="stable")]
    label = _cut(tree, int(nearest[0]) if len(nearest) else min(n_speakers, len(chosen)))
    largest = np.argsort(-np.bincount(label, weights=heard_s), kind="stable")[:n_speakers]
    return np.stack([_middle(vectors[label == k], heard_s[label == k]) for k in np.sort(largest)])


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


def _large_clusters(tree: Tree, heard_s: NDArray[np.float64], enough_s: float) -> NDArray[np.int64]:
    """How many clusters were heard for long enough, when the prints are merged into k = 0..n of them."""
    n_prints = len(heard_s)
    size_s = np.concatenate([heard_s, np.zeros(len(tree))])
    n_large = np.zeros(n_prints + 1, dtype=np.int64)
    n_large[n_prints] = (heard_s >= enough_s).sum()
    for merge, pair in enumerate(tree[:, :2].astype(np.int64)):
        size_s[n_prints + merge] = size_s[pair].sum()
        change = int(size_s[n_prints + merge] >= enough_s) - int((size_s[pair] >= enough_s).sum())
        n_large[n_prints - merge - 1] = n_large[n_prints - merge] + change
    return n_large


def _cut(tree: Tree, n_clusters: int) -> NDArray[np.int64]:
    """Label each print with its cluster, 0..n_clusters-1. (scipy's ``fcluster`` makes fewer at ties.)"""
    n_prints = len(tree) + 1
    members = {index: [index] for index in range(n_prints)}
    for merge, (left, right) in enumerate(tree[: n_prints - n_clusters, :2].astype(np.int64)):
        members[n_prints + merge] = members.pop(int(left)) + members.pop(int(right))
    label = np.zeros(n_prints, dtype=np.int64)
    for cluster, indices in enumerate(members.values()):
        label[indices] = cluster
    return label


def _middle(vectors: Vectors, clean_s: NDArray[np.float64]) -> Vectors:
    total = (clean_s[:, None] * vectors).sum(axis=0) if clean_s.any() else vectors.sum(axis=0)
    middle: Vectors = total / np.linalg.norm(total)
    return middle
