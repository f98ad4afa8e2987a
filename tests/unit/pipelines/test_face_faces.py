"""One row per face: measured, not visible or failed."""

from pathlib import Path

import numpy as np
import pytest

from videoannotator.domain.media import Frames, Video
from videoannotator.domain.tables import FACE_AGES, FACES
from videoannotator.pipelines.face.faces import FACE_MESHES, PerFaceSession, SeenFace
from videoannotator.plugin.component import Chunk, Context

VIDEO = Video(id="0" * 64, path=Path("video.mp4"), name="video.mp4", size_bytes=1, duration_s=1)


def _context(seen_s: list[float] | None = None) -> Context:
    progress = (lambda time_s: None) if seen_s is None else seen_s.append
    return Context(video=VIDEO, weights=Path, progress=progress)


def _chunk(presence: list[float]) -> Chunk:
    """One face on each frame; frame i has the brightness i, the mesh of its face the height i."""
    n = len(presence)
    rgb = np.tile(np.arange(n, dtype=np.uint8)[:, None, None, None], (1, 4, 4, 3))
    frames = Frames(rgb, np.arange(n) / 10, 5 * np.arange(n))
    ids = 7 + np.arange(n)
    faces = FACES.table(
        face_id=ids, frame_index=frames.frame_index, time_s=frames.time_s, box_xyxy=np.ones((n, 4)),
        score=np.ones(n), presence=presence, track_id=np.ones(n),
    )  # fmt: skip
    meshes = np.tile(np.arange(n, dtype=float)[:, None, None], (1, 468, 3))
    # In another order: rows are joined by id, not by place.
    table = FACE_MESHES.table(face_id=ids, presence=presence, mesh=meshes).where(np.arange(n)[::-1])
    return Chunk(0, 0, 1, frames=frames, annotations={"faces": faces, "face_meshes": table})


def _ages(presence: list[float], min_presence: float = 0.5) -> dict:
    def measure(face: SeenFace) -> dict[str, float] | None:
        assert face.rgb.max() == face.mesh.max()  # this face's own frame and mesh
        return None if face.face_id == 8 else {"age_years": 10.0 * face.face_id, "age_sd_years": 1.0}

    session = PerFaceSession(FACE_AGES, measure, min_presence, _context())
    (annotation,) = session.feed(_chunk(presence))
    return annotation.rows.columns


def test_faces_are_measured_unless_unseen_or_broken():
    rows = _ages([0.9, 0.9, 0.1])
    assert rows["status"].tolist() == ["measured", "failed", "not_visible"]
    assert rows["face_id"].tolist() == [7, 8, 9]
    assert rows["age_years"][0] == 70
    assert np.isnan(rows["age_years"][1:]).all()


@pytest.mark.parametrize(("min_presence", "status"), [(0.5, "not_visible"), (0.1, "measured")])
def test_min_presence_says_which_faces_are_visible(min_presence, status):
    assert _ages([0.2], min_presence)["status"].tolist() == [status]


def test_a_chunk_without_faces_gives_an_empty_table():
    rows = _ages([])
    assert list(rows) == ["face_id", "time_s", "status", "age_years", "age_sd_years"]
    assert {column.shape for column in rows.values()} == {(0,)}


def test_progress_follows_the_faces():
    seen_s: list[float] = []
    session = PerFaceSession(FACE_AGES, lambda face: None, 0.5, _context(seen_s))
    list(session.feed(_chunk([1, 1, 1])))
    assert seen_s == [0.0, 0.1, 0.2]
