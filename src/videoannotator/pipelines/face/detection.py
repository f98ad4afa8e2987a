"""Faces of a video: BlazeFace finds candidates, the face mesh says which of them are faces."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.geometry import clip
from videoannotator.domain.tables import FACES
from videoannotator.pipelines.face.blazeface import BlazeFace
from videoannotator.pipelines.face.faces import FACE_MESHES
from videoannotator.pipelines.face.identity import FaceTracks, TrackedPeople
from videoannotator.pipelines.face.mesh import FaceMesh
from videoannotator.pipelines.face.parameters import FaceDetectionParameters
from videoannotator.pipelines.face.sizes import FaceSizes
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.runtimes import litert


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    box_xyxy: NDArray[np.float64]
    score: float
    presence: float
    mesh: NDArray[np.float64]


class FaceFinder:
    """Faces of one picture, those the mesh does not believe in left out."""

    def __init__(self, parameters: FaceDetectionParameters, context: Context) -> None:
        self._parameters = parameters
        tile_fraction = parameters.tile_fraction if parameters.tiles else None
        detector = litert(context.weights("blazeface-short"), context.n_threads)
        self._detect = BlazeFace(detector, parameters.confidence_threshold, tile_fraction)
        self._fit_mesh = FaceMesh(litert(context.weights("face-mesh"), context.n_threads))

    def __call__(self, rgb: NDArray[np.uint8]) -> Iterator[_Face]:
        """Faces of a picture (height, width, 3), best first; boxes end at the picture's edge."""
        candidates = self._detect(rgb)
        height, width = rgb.shape[:2]
        for score, points, box in zip(candidates.score, candidates.points, candidates.box_xyxy, strict=True):
            if (box[2:] - box[:2]).min() < self._parameters.min_face_px:
                continue
            mesh, presence = self._fit_mesh(rgb, points)
            if presence >= self._parameters.presence_threshold:
                yield _Face(clip(box, width, height), float(score), presence, mesh)


class FaceDetectionSession:
    """Finds the faces of each frame and says whose they are."""

    def __init__(self, parameters: FaceDetectionParameters, context: Context, saved: bytes | None) -> None:
        self._context = context
        self._find = FaceFinder(parameters, context)
        self._link_tolerance_s = 0.5 / parameters.frames_per_s
        fresh = {"next_face_id": 0, "n_small": 0, "tracks": ""}
        state: dict[str, Any] = json.loads(saved) if saved else fresh
        self._next_face_id = int(state["next_face_id"])
        self._sizes = FaceSizes(self._next_face_id, state["n_small"])
        self._own_tracks = None if parameters.link_to_people else FaceTracks(state["tracks"].encode())

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        if chunk.frames is None:
            raise KeyError("faces are looked for in frames, and there are none")
        people = TrackedPeople.of(chunk.annotations.get("people"), chunk.annotations.get("tracks"))
        rows: list[dict[str, Any]] = []
        meshes = []
        frames = chunk.frames
        for rgb, time_s, frame_index in zip(frames.rgb, frames.time_s, frames.frame_index, strict=True):
            faces = list(self._find(rgb))
            for face, track_id in zip(faces, self._tracks_of(faces, float(time_s), people), strict=True):
                rows.append(
                    {
                        "face_id": self._next_face_id + len(rows), "frame_index": frame_index,
                        "time_s": time_s, "box_xyxy": face.box_xyxy, "score": face.score,
                        "presence": face.presence, "track_id": track_id,
                    }
                )  # fmt: skip
                meshes.append(face.mesh)
            self._context.progress(float(time_s))
        self._next_face_id += len(rows)
        table = FACES.table(**{c.name: [row[c.name] for row in rows] for c in FACES.columns})
        self._sizes.count(table["box_xyxy"])
        yield Annotation(FACES.name, table)
        mesh_rows = FACE_MESHES.table(face_id=table["face_id"], presence=table["presence"], mesh=meshes)
        yield Annotation(FACE_MESHES.name, mesh_rows, kept=False)

    def finish(self) -> Iterable[Annotation]:
        self._sizes.warn(self._context.warn)
        return ()

    def save(self) -> bytes:
        tracks = self._own_tracks.save().decode() if self._own_tracks else ""
        state = {"next_face_id": self._next_face_id, "n_small": self._sizes.n_small, "tracks": tracks}
        return json.dumps(state).encode()

    def close(self) -> None:
        """Models are freed with the session."""

    def _tracks_of(self, faces: list[_Face], time_s: float, people: TrackedPeople) -> NDArray[np.int64]:
        boxes = np.array([face.box_xyxy for face in faces]).reshape(-1, 4)
        if self._own_tracks:
            return self._own_tracks.follow(time_s, boxes)
        return people.link(time_s, boxes, self._link_tolerance_s)
