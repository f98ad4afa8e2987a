"""Person tracking at work: reads the people of each chunk and says who is who, shot by shot."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.tables import PEOPLE, TRACKS
from videoannotator.pipelines.person import TrackingParameters
from videoannotator.pipelines.person.cuts import Cuts
from videoannotator.pipelines.person.tracker import Tracker
from videoannotator.plugin.component import Annotation, Chunk


class TrackingSession:
    """The persons of one video; the state is the tracker's, a line, and then that of the search for cuts."""

    def __init__(self, parameters: TrackingParameters, saved: bytes | None) -> None:
        people, _, picture = (saved or b"").partition(b"\n")
        self._tracker = Tracker(parameters, people)
        self._cuts = Cuts(parameters.cut_threshold, picture) if parameters.cut_threshold else None

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        people = chunk.annotations.get(PEOPLE.name, PEOPLE.empty())
        cuts_s = self._find_cuts(chunk)
        track_id = np.empty(len(people), dtype=np.int64)
        for time_s in np.union1d(people["time_s"], cuts_s):
            if time_s in cuts_s:
                self._tracker.forget()
            frame = people["time_s"] == time_s
            track_id[frame] = self._tracker.update(
                float(time_s), people["box_xyxy"][frame], people["score"][frame]
            )
        if len(people):
            rows = TRACKS.table(
                detection_id=people["detection_id"], time_s=people["time_s"], track_id=track_id
            )
            yield Annotation(TRACKS.name, rows)

    def _find_cuts(self, chunk: Chunk) -> NDArray[np.float64]:
        if self._cuts is None or chunk.frames is None:
            return np.empty(0)
        return self._cuts.find(chunk.frames)

    def finish(self) -> Iterator[Annotation]:
        return iter(())

    def save(self) -> bytes:
        return self._tracker.to_json().encode() + b"\n" + (self._cuts.save() if self._cuts else b"")

    def close(self) -> None:
        """Nothing to free."""
