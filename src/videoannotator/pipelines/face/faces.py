"""The faces of a chunk as the later components meet them, and the session that measures them one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import Column, Status, TableSchema
from videoannotator.domain.tables import FACES
from videoannotator.plugin.component import Annotation, Chunk, Context

# Told by face_detection for the components of the same chunk, so that the mesh runs once per face.
FACE_MESHES = TableSchema(
    "face_meshes",
    "The mesh behind each face's presence.",
    (
        FACES.column("face_id"),
        FACES.column("presence"),
        Column("mesh", "float", "x, y, z of the 468 mesh points.", "px", (468, 3)),
    ),
    key="face_id",
)


@dataclass(frozen=True, slots=True, eq=False)
class SeenFace:
    """One face with the picture it was found in: ``rgb`` (height, width, 3), ``mesh`` (468, 3) in px."""

    face_id: int
    track_id: int
    time_s: float
    box_xyxy: NDArray[np.float64]
    presence: float
    mesh: NDArray[np.float64]
    rgb: NDArray[np.uint8]


Measure = Callable[[SeenFace], Mapping[str, Any] | None]


def faces_of(chunk: Chunk) -> Iterator[SeenFace]:
    """Every face that was found in this chunk; KeyError where its frame or mesh is not there."""
    if chunk.frames is None:
        raise KeyError("faces are measured on frames, and there are none")
    faces, meshes = chunk.annotations["faces"], chunk.annotations["face_meshes"]
    place = {int(index): i for i, index in enumerate(chunk.frames.frame_index)}
    mesh = {int(face_id): i for i, face_id in enumerate(meshes["face_id"])}
    for i, face_id in enumerate(faces["face_id"]):
        yield SeenFace(
            face_id=int(face_id),
            track_id=int(faces["track_id"][i]),
            time_s=float(faces["time_s"][i]),
            box_xyxy=faces["box_xyxy"][i],
            presence=float(faces["presence"][i]),
            mesh=meshes["mesh"][mesh[int(face_id)]],
            rgb=chunk.frames.rgb[place[int(faces["frame_index"][i])]],
        )


class PerFaceSession:
    """One row per face: what ``measure`` says, or why there is nothing to say.

    ``measure`` returns the values of the schema's own columns, or None where the measurement broke;
    ``save`` its state, if it has any.
    """

    def __init__(
        self,
        schema: TableSchema,
        measure: Measure,
        min_presence: float,
        context: Context,
        save: Callable[[], bytes] = bytes,
    ) -> None:
        self._schema = schema
        self._measure = measure
        self._min_presence = min_presence
        self._context = context
        self.save = save

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        rows = []
        for face in faces_of(chunk):
            rows.append(self._row(face))
            self._context.progress(face.time_s)
        columns = {name: [row[name] for row in rows] for name in (c.name for c in self._schema.columns)}
        yield Annotation(self._schema.name, self._schema.table(**columns))

    def finish(self) -> Iterable[Annotation]:
        return ()

    def close(self) -> None:
        """Models are freed with the session."""

    def _row(self, face: SeenFace) -> dict[str, Any]:
        status, values = Status.NOT_VISIBLE, None
        if face.presence >= self._min_presence:
            values = self._measure(face)
            status = Status.FAILED if values is None else Status.MEASURED
        blank = {c.name: np.full(c.shape, np.nan) for c in self._schema.columns if c.kind == "float"}
        said = {"face_id": face.face_id, "time_s": face.time_s, "status": status.value}
        return {**blank, **(values or {}), **said}
