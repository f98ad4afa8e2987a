"""Annotations as tiers of intervals on one time line: what ELAN, Praat and the preview show.

Times are whole milliseconds. Intervals of one tier are sorted, last at least 1 ms and never overlap, as both
programs demand: an interval that would overlap starts where the one before it ends.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import NO_ID, Table
from videoannotator.exporters.tidy import Tidy

# A person who is missing from the samples for longer than this has left in between.
PRESENCE_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time with a text; half-open."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Intervals of one kind (``shots``, ``person``, ``speech``, ``words``, ``turns``) about one ``who``."""

    kind: str
    who: str
    intervals: tuple[Interval, ...]

    @property
    def name(self) -> str:
        """ELAN's habit: ``words@SPEAKER_00``."""
        return f"{self.kind}@{self.who}" if self.who else self.kind


def tiers(tidy: Tidy) -> tuple[Tier, ...]:
    """Every tier that the run's tables fill, those without intervals left out."""
    found = (*_shots(tidy), *_people(tidy), *_speech(tidy), *_words(tidy), *_turns(tidy))
    return tuple(tier for tier in found if tier.intervals)


def presence(time_s: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """Stretches in which samples, shape (n,), follow each other within ``PRESENCE_GAP_S``."""
    times = np.unique(time_s)
    for run in np.split(times, np.flatnonzero(np.diff(times) > PRESENCE_GAP_S) + 1):
        if len(run):
            yield float(run[0]), float(run[-1])


def _tier(kind: str, who: str, stretches: Iterable[tuple[float, float, str]]) -> Tier:
    intervals: list[Interval] = []
    last_ms = 0
    for start_s, end_s, text in sorted(stretches):
        start_ms = max(round(start_s * 1000), last_ms)
        last_ms = max(round(end_s * 1000), start_ms + 1)
        intervals.append(Interval(start_ms, last_ms, " ".join(text.split())))
    return Tier(kind, who, tuple(intervals))


def _shots(tidy: Tidy) -> Iterator[Tier]:
    rows = tidy.rows("scenes")
    if rows is not None:
        named = (f"shot {shot_id + 1}" for shot_id in rows["shot_id"])
        yield _tier("shots", "", zip(rows["start_s"], rows["end_s"], named, strict=True))


def _people(tidy: Tidy) -> Iterator[Tier]:
    rows = tidy.rows("people")
    if rows is None or "track_id" not in rows:
        return
    for track_id in np.unique(rows["track_id"]):
        if track_id != NO_ID:
            seen = presence(rows["time_s"][rows["track_id"] == track_id])
            yield _tier("person", str(track_id), ((start_s, end_s, "present") for start_s, end_s in seen))


def _speech(tidy: Tidy) -> Iterator[Tier]:
    """What each speaker said: the words of an utterance that one speaker said in a row."""
    words, utterances = tidy.rows("words"), tidy.rows("utterances")
    if words is not None and "speaker" in words:
        yield from _by_speaker("speech", _phrases(words))
    elif utterances is not None:
        yield from _by_speaker("speech", utterances)


def _words(tidy: Tidy) -> Iterator[Tier]:
    rows = tidy.rows("words")
    if rows is not None:
        yield from _by_speaker("words", rows)


def _turns(tidy: Tidy) -> Iterator[Tier]:
    rows = tidy.rows("turns")
    if rows is not None:
        yield from _by_speaker("turns", rows.with_columns(text=rows["speaker"]))


def _by_speaker(kind: str, rows: Table) -> Iterator[Tier]:
    speakers = rows["speaker"] if "speaker" in rows else np.full(len(rows), "")
    # Those whose speaker is not known come last.
    for speaker in sorted(np.unique(speakers), key=lambda name: (name == "", name)):
        own = rows.where(speakers == speaker)
        yield _tier(kind, str(speaker), zip(own["start_s"], own["end_s"], own["text"].tolist(), strict=True))


def _phrases(words: Table) -> Table:
    if not len(words):
        return words
    same = (words["utterance_id"][1:] == words["utterance_id"][:-1]) & (
        words["speaker"][1:] == words["speaker"][:-1]
    )
    first = np.append(0, np.flatnonzero(~same) + 1)
    last = np.append(first[1:], len(words)) - 1
    texts = [" ".join(words["text"][a : b + 1].tolist()) for a, b in zip(first, last, strict=True)]
    return Table(
        {
            "start_s": words["start_s"][first],
            "end_s": words["end_s"][last],
            "text": np.array(texts, dtype=np.str_),
            "speaker": words["speaker"][first],
        }
    )
