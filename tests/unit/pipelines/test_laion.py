"""Empathic Insight on tiny checkpoints of the real architectures: loading, shapes, names, order, state."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic import checkpoints

from videoannotator.domain.errors import WeightsError
from videoannotator.domain.media import Audio, Frames, Video
from videoannotator.domain.tables import FACES, TURNS
from videoannotator.pipelines.audio import LAION_VOICE
from videoannotator.pipelines.audio.parameters import LaionVoiceParameters
from videoannotator.pipelines.face import LAION_FACE
from videoannotator.pipelines.face.faces import FACE_MESHES
from videoannotator.pipelines.face.parameters import LaionFaceParameters
from videoannotator.plugin.component import Chunk, Context

pytestmark = pytest.mark.torch
VIDEO = Video(id="0" * 64, path=Path("v.mp4"), name="v.mp4", size_bytes=1, duration_s=8)
NAMES = ("Amusement", "Elation", "Soft_vs._Harsh")
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    n_voice = checkpoints.VOICE_FRAMES * checkpoints.WIDTH
    return {
        "laion-voice-encoder": checkpoints.whisper(root / "whisper"),
        "laion-voice-heads": checkpoints.heads(root / "voice", NAMES, n_voice, compiled=True),
        "siglip2-so400m": checkpoints.siglip(root / "siglip"),
        "laion-face-heads": checkpoints.heads(root / "face", NAMES, checkpoints.WIDTH),
    }


@pytest.fixture
def voice(models):
    def begin(**parameters):
        return LAION_VOICE.start(LaionVoiceParameters(**parameters), Context(VIDEO, models.get), None)

    return begin


@pytest.fixture
def face(models):
    def begin(saved=None, **parameters):
        return LAION_FACE.start(LaionFaceParameters(**parameters), Context(VIDEO, models.get), saved)

    return begin


def _rows(annotations):
    return [row for annotation in annotations for row in annotation.rows.rows()]


def _sound(seconds):
    noise = np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)
    return Audio(noise * 0.1, RATE_HZ, start_s=0.5)


def _said(*turns):
    start_s, end_s, speaker = zip(*turns, strict=True)
    rows = TURNS.table(turn_id=range(len(turns)), start_s=start_s, end_s=end_s, speaker=speaker)
    return Chunk(0, 0, 8, audio=_sound(6), annotations={"turns": rows})


TALK = _said((0.5, 1.4, "SPEAKER_00"), (2.0, 4.4, "SPEAKER_01"), (5.0, 5.2, "SPEAKER_00"))


def _head(path, vectors):
    """The published head's layers, rebuilt in PyTorch."""
    import torch
    from torch import nn

    layers = [nn.ReLU(), nn.Dropout(), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1)]
    head = nn.ModuleDict({"proj": nn.Linear(vectors.shape[1], 8), "mlp": nn.Sequential(*layers)}).eval()
    state = torch.load(path, weights_only=True)
    head.load_state_dict({name.removeprefix("_orig_mod."): value for name, value in state.items()})
    with torch.inference_mode():
        return head["mlp"](head["proj"](vectors))[:, 0].numpy()


def test_turns_are_scored_by_every_head_in_parts_that_the_encoder_can_hear(voice, models):
    import torch
    from transformers import WhisperFeatureExtractor, WhisperModel

    rows = _rows(voice(batch_size=2).feed(TALK))
    # 2.4 s are three parts of .8 s, for the tiny ear hears 1 s; the turn of .2 s is too short.
    stretches = [(0.5, 1.4), (2.0, 2.8), (2.8, 3.6), (3.6, 4.4)]
    assert [(r["start_s"], r["end_s"]) for r in rows[::3]] == [pytest.approx(pair) for pair in stretches]
    assert [r["name"] for r in rows] == list(NAMES) * 4
    assert [r["speaker"] for r in rows[::3]] == ["SPEAKER_00", *["SPEAKER_01"] * 3]
    sound = TALK.audio.samples
    pieces = [sound[round((a - 0.5) * RATE_HZ) : round((b - 0.5) * RATE_HZ)] for a, b in stretches]
    folder = models["laion-voice-encoder"]
    hear = WhisperFeatureExtractor.from_pretrained(folder)
    inputs = hear(pieces, sampling_rate=RATE_HZ, return_tensors="pt").input_features
    with torch.inference_mode():
        states = WhisperModel.from_pretrained(folder).eval().encoder(inputs).last_hidden_state
    path = models["laion-voice-heads"] / "model_Elation_best.pth"
    expected = _head(path, states.flatten(start_dim=1))
    assert [r["raw_score"] for r in rows if r["name"] == "Elation"] == pytest.approx(expected, abs=1e-5)


def test_the_whole_sound_is_cut_into_windows_where_turns_are_not_asked_for(voice):
    rows = _rows(voice(stretches="windows", emotions=("elation",)).feed(Chunk(0, 0, 8, audio=_sound(2.5))))
    assert {r["name"] for r in rows} == {"Elation"}
    edges = [0.5 + 2.5 / 3 * place for place in range(4)]
    assert [r["start_s"] for r in rows] == pytest.approx(edges[:-1])
    assert [r["end_s"] for r in rows] == pytest.approx(edges[1:])
    assert LAION_VOICE.needs(LaionVoiceParameters(stretches="windows")).components == ()
    assert LAION_VOICE.needs(LaionVoiceParameters()).components == ("pyannote",)


def test_silence_says_nothing(voice):
    silent = Chunk(0, 0, 8, audio=_sound(6), annotations={"turns": TURNS.empty()})
    assert _rows(voice().feed(silent)) == []


def test_only_one_head_is_in_memory_at_a_time(models, tmp_path):
    """Twenty heads of 16 MB each: the process grows by far less than all of them."""
    import resource

    n_inputs = checkpoints.VOICE_FRAMES * checkpoints.WIDTH
    import torch

    folder = tmp_path / "heads"
    folder.mkdir()
    for index in range(20):
        state = {"proj.weight": torch.zeros(5000, n_inputs), "proj.bias": torch.zeros(5000)}
        state |= {"mlp.2.weight": torch.zeros(1, 5000), "mlp.2.bias": torch.zeros(1)}
        torch.save(state, folder / f"model_{index}_best.pth")
    one_mb = sum(file.stat().st_size for file in folder.iterdir()) / 20e6
    assert one_mb == pytest.approx(16, abs=1)
    weights = {**models, "laion-voice-heads": folder}
    session = LAION_VOICE.start(LaionVoiceParameters(), Context(VIDEO, weights.get), None)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(_rows(session.feed(TALK))) == 4 * 20
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1000
    assert grown_mb < 6 * one_mb


@pytest.mark.parametrize("component", ["voice", "face"])
def test_a_head_that_is_not_there_is_named_with_those_that_are(component, request):
    with pytest.raises(WeightsError, match="no head for Envy") as error:
        request.getfixturevalue(component)(emotions=("Envy",))
    assert "Amusement, Elation" in error.value.hint


def test_heads_of_another_encoder_are_refused(models):
    mixed = {**models, "laion-voice-heads": models["laion-face-heads"]}
    session = LAION_VOICE.start(LaionVoiceParameters(), Context(VIDEO, mixed.get), None)
    with pytest.raises(WeightsError, match="reads 16 numbers, and the encoder gives 800"):
        list(session.feed(TALK))


def _faces(first, last, presence=0.9):
    """Two people in every frame at 10 frames/s: track 1, and one without a track."""
    frames = np.repeat(np.arange(first, last), 2)
    rng = np.random.default_rng(first)
    index = np.arange(first, last)
    n = len(frames)
    ids = 2 * first + np.arange(n)
    faces = FACES.table(
        face_id=ids, frame_index=frames, time_s=frames / 10, box_xyxy=np.tile([8.0, 8, 40, 40], (n, 1)),
        score=np.ones(n), presence=np.full(n, presence), track_id=np.tile([1, -1], len(index)),
    )  # fmt: skip
    meshes = FACE_MESHES.table(face_id=ids, presence=np.ones(n), mesh=np.zeros((n, 468, 3)))
    rgb = rng.integers(0, 255, (len(index), 48, 64, 3), dtype=np.uint8)
    annotations = {"faces": faces, "face_meshes": meshes}
    return Chunk(0, first / 10, last / 10, frames=Frames(rgb, index / 10, index), annotations=annotations)


def test_a_person_is_looked_at_once_per_interval_and_strangers_always(face):
    rows = _rows(face(interval_s=0.5).feed(_faces(0, 12)))
    assert [r["time_s"] for r in rows if r["track_id"] == 1][::3] == pytest.approx([0, 0.5, 1.0])
    assert len([r for r in rows if r["track_id"] == -1]) == 12 * 3
    assert [r["name"] for r in rows[:3]] == list(NAMES)


def test_faces_are_scored_as_transformers_and_pytorch_do(face, models):
    import torch
    from transformers import SiglipImageProcessorPil, SiglipModel

    from videoannotator.pipelines.face.alignment import box_chip

    chunk = _faces(0, 1)
    rows = _rows(face().feed(chunk))
    folder = models["siglip2-so400m"]
    chip = box_chip(chunk.frames.rgb[0], np.array([8.0, 8, 40, 40]), 0.2, 384)
    inputs = SiglipImageProcessorPil.from_pretrained(folder)(images=chip, return_tensors="pt")
    with torch.inference_mode():
        vector = SiglipModel.from_pretrained(folder).eval().get_image_features(**inputs).pooler_output
    expected = [
        _head(models["laion-face-heads"] / f"model_{name}_best.pth", vector / vector.norm())[0]
        for name in NAMES
    ]
    assert [r["raw_score"] for r in rows[:3]] == pytest.approx(expected, abs=1e-5)


def test_a_resumed_run_looks_at_the_same_faces(face):
    session = face()
    whole = _rows(session.feed(_faces(0, 8))) + _rows(session.feed(_faces(8, 16)))
    first = face()
    rows = _rows(first.feed(_faces(0, 8)))
    rows += _rows(face(json.dumps(json.loads(first.save())).encode()).feed(_faces(8, 16)))
    assert rows == whole


def test_hidden_faces_are_not_scored(face):
    assert _rows(face().feed(_faces(0, 3, presence=0.2))) == []
