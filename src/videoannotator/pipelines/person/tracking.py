"""Person tracking at work: reads the people of each chunk and says who is who."""

from collections.abc import Iterator

import numpy as np

from videoannotator.domain.tables import PEOPLE, TRACKS
from videoannotator.pipelines.person import TrackingParameters
from videoannotator.pipelines.person.tracker import Tracker
from videoannotator.plugin.component import Annotation, Chunk


class TrackingSession:
    """The persons of one video; the state is the tracker's."""

    def __init__(self, parameters: TrackingParameters, saved: bytes | None) -> None:
        self._tracker = Tracker(parameters, saved)

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        people = chunk.annotations.get(PEOPLE.name)
        if people is None or not len(people):
            return
        track_id = np.empty(len(people), dtype=np.int64)
        for time_s in np.unique(people["time_s"]):
            frame = people["time_s"] == time_s
            track_id[frame] = self._tracker.update(
                float(time_s), people["box_xyxy"][frame], people["score"][frame]
            )
        rows = TRACKS.table(detection_id=people["detection_id"], time_s=people["time_s"], track_id=track_id)
        yield Annotation(TRACKS.name, rows)

    def finish(self) -> Iterator[Annotation]:
        return iter(())

    def save(self) -> bytes:
        return self._tracker.to_json().encode()

    def close(self) -> None:
        """Nothing to free."""
