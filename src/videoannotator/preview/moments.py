"""What was said about one instant: the rows of people, faces and meshes that belong on a picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.table import Table
from videoannotator.exporters.tidy import Tidy

# A sample is shown until the next one is due, and half as long again in case that one found nobody.
_HOLD_PERIODS = 1.5
_ROUNDING_S = 1e-4


@dataclass(frozen=True, slots=True)
class Moment:
    """Rows of the joined tables for one instant; None where the run has no such table."""

    people: Table | None
    faces: Table | None
    landmarks: Table | None


class Moments:
    """Looks up instants; ``at`` is asked in order of time, so that meshes are read once and not kept."""

    def __init__(self, annotations: Annotations, tidy: Tidy) -> None:
        self._people = _Samples(tidy.rows("people"))
        self._faces = _Samples(tidy.rows("faces"))
        has_mesh = "face_landmarks" in annotations.schemas
        self._landmarks = _Parts(annotations.parts("face_landmarks")) if has_mesh else None

    @property
    def times_s(self) -> NDArray[np.float64]:
        """The instants that were looked at and where something was seen, sorted, shape (n,)."""
        return np.union1d(self._people.times_s, self._faces.times_s)

    def at(self, time_s: float) -> Moment:
        """What the latest sample at or before this time shows, if it still holds."""
        faces = self._faces.at(time_s)
        landmarks = None
        if self._landmarks is not None and faces is not None:
            landmarks = self._landmarks.of(faces)
        return Moment(self._people.at(time_s), faces, landmarks)


class _Samples:
    """A table by the time of its samples."""

    def __init__(self, rows: Table | None) -> None:
        # Sorted, so that the rows of one sample are one slice.
        self._rows = None if rows is None else rows.where(np.argsort(rows["time_s"], kind="stable"))
        self.times_s = np.zeros(0) if self._rows is None else np.unique(self._rows["time_s"])
        periods = np.diff(self.times_s)
        self._hold_s = _HOLD_PERIODS * float(np.median(periods)) if len(periods) else 0.0

    def at(self, time_s: float) -> Table | None:
        if self._rows is None:
            return None
        sample = int(np.searchsorted(self.times_s, time_s + _ROUNDING_S, side="right")) - 1
        if sample < 0 or time_s - self.times_s[sample] > self._hold_s + _ROUNDING_S:
            return self._rows.where(np.arange(0))
        first = np.searchsorted(self._rows["time_s"], self.times_s[sample], side="left")
        last = np.searchsorted(self._rows["time_s"], self.times_s[sample], side="right")
        return self._rows.where(np.arange(first, last))


class _Parts:
    """A large table of faces that is walked through once."""

    def __init__(self, parts: Iterator[Table]) -> None:
        self._parts = parts
        self._part: Table | None = next(parts, None)

    def of(self, faces: Table) -> Table | None:
        """The rows of these faces; None when they have none."""
        if not len(faces):
            return None
        time_s = faces["time_s"][0]
        while self._part is not None and (not len(self._part) or self._part["time_s"][-1] < time_s):
            self._part = next(self._parts, None)
        if self._part is None:
            return None
        return self._part.where(np.isin(self._part["face_id"], faces["face_id"]))
