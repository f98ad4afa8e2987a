import tomllib
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import _LANGUAGE_CODES

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.domain.media import Audio, Video
from videoannotator.domain.table import concat
from videoannotator.domain.tables import UTTERANCES, WORDS
from videoannotator.pipelines.audio import PIPELINE, WHISPER
from videoannotator.pipelines.audio.languages import Language
from videoannotator.pipelines.audio.parameters import WHISPER_SIZES, WhisperParameters
from videoannotator.pipelines.audio.whisper import transcribe_arguments
from videoannotator.plugin.component import Chunk, Context

N_THREADS = 1  # tests run side by side
NOTHING = [[], [], []]


class Heard:
    """What a session says about a track, and what it tells meanwhile."""

    def __init__(self, track: Audio, folder: Path, **parameters):
        self.progress: list[float] = []
        self.warnings: list[str] = []
        video = Video(id="0", path=folder, name="a", size_bytes=0, duration_s=track.duration_s)
        context = Context(
            video,
            weights={"whisper-base": folder}.__getitem__,
            n_threads=N_THREADS,
            warn=self.warnings.append,
            progress=self.progress.append,
        )
        session = WHISPER.start(WhisperParameters(**parameters), context, None)
        said = list(session.feed(Chunk(0, 0.0, track.duration_s, audio=track)))
        said += session.finish()
        self.state = session.save()
        session.close()
        self.utterances, self.words = (
            concat([schema.empty(), *(a.rows for a in said if a.table == schema.name)])
            for schema in (UTTERANCES, WORDS)
        )

    @property
    def said(self) -> list[list]:
        """The words and all scores: any change in what ran shows here."""
        return [self.words[name].tolist() for name in ("text", "score")] + [self.utterances["score"].tolist()]


@pytest.fixture(scope="module")
def folder(library) -> Path:
    return library.path("whisper-base")


@pytest.fixture(scope="module")
def excerpt(talk: Audio) -> Audio:
    """Four seconds, fifteen words."""
    return Audio(talk.samples[8 * 16_000 : 12 * 16_000], 16_000)


@pytest.fixture(scope="module")
def usual(excerpt: Audio, folder: Path) -> Heard:
    return Heard(excerpt, folder, language="en")


@pytest.fixture(scope="module")
def in_french(excerpt: Audio, folder: Path) -> Heard:
    return Heard(excerpt, folder, language="fr")


@pytest.mark.weights
def test_the_words_are_those_of_faster_whisper_called_directly(talk, talk_wav, folder):
    heard = Heard(talk, folder)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=N_THREADS)
    segments, info = model.transcribe(str(talk_wav), beam_size=5, temperature=0.0, word_timestamps=True)
    segments = list(segments)
    words = [word for segment in segments for word in segment.words]
    assert len(words) > 50
    assert heard.words["text"].tolist() == [word.word.strip() for word in words]
    np.testing.assert_array_equal(heard.words["start_s"], [word.start for word in words])
    np.testing.assert_array_equal(heard.words["end_s"], [word.end for word in words])
    np.testing.assert_array_equal(heard.words["score"], [word.probability for word in words])
    assert heard.utterances["text"].tolist() == [segment.text.strip() for segment in segments]
    assert set(heard.utterances["language"].tolist()) == {info.language} == {"en"}
    assert heard.progress == [segment.end for segment in segments]


@pytest.mark.weights
def test_words_belong_to_their_utterances_and_times_start_with_the_track(excerpt, usual, folder):
    later = Heard(Audio(excerpt.samples, 16_000, start_s=100.0), folder, language="en")
    np.testing.assert_allclose(later.words["start_s"], usual.words["start_s"] + 100)
    np.testing.assert_allclose(later.utterances["end_s"], usual.utterances["end_s"] + 100)
    assert later.words["word_id"].tolist() == list(range(len(later.words)))
    for utterance in later.utterances.rows():
        words = later.words.where(later.words["utterance_id"] == utterance["utterance_id"])
        assert " ".join(words["text"]) == utterance["text"]
        assert words["start_s"].min() >= utterance["start_s"]
    assert (later.state, later.warnings) == (b"", [])


@pytest.mark.weights
@pytest.mark.parametrize(
    "parameters",
    [
        {"beam_size": 1},
        {"initial_prompt": "Hello! Diane in New Jersey, Sheila in Texas."},
        {"compute_type": "float32"},
        {"vad_filter": True},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_each_parameter_changes_what_is_heard(parameters, excerpt, usual, folder):
    assert Heard(excerpt, folder, language="en", **parameters).said != usual.said


@pytest.mark.weights
def test_language_is_taken_as_given_or_detected(excerpt, in_french, folder):
    assert set(Heard(excerpt, folder).utterances["language"].tolist()) == {"en"}
    assert set(in_french.utterances["language"].tolist()) == {"fr"}


@pytest.mark.weights
def test_task_decides_between_writing_down_and_translating(excerpt, in_french, folder):
    assert Heard(excerpt, folder, language="fr", task="translate").said != in_french.said


@pytest.mark.weights
def test_temperature_draws_other_words_but_the_same_in_every_run(excerpt, usual, folder):
    drawn, again = (Heard(excerpt, folder, language="en", temperature=1.0).said for _ in range(2))
    assert drawn == again != usual.said


@pytest.mark.weights
def test_vad_filter_hears_nothing_in_noise(folder):
    noise = np.random.default_rng(0).normal(0, 0.01, 5 * 16_000).astype(np.float32)
    assert Heard(Audio(noise, 16_000), folder, vad_filter=True).said == NOTHING


@pytest.mark.weights
def test_a_model_that_repeats_itself_is_told(folder):
    noise = Audio(np.random.default_rng(0).normal(0, 0.01, 16_000).astype(np.float32), 16_000)
    assert "Whisper repeats itself from 0.0" in Heard(noise, folder).warnings[0]


@pytest.mark.weights
def test_condition_on_previous_text_shows_from_the_second_half_minute_on(talk, folder):
    pause = np.zeros(25 * 16_000, np.float32)
    longer = np.concatenate(
        [talk.samples[8 * 16_000 : 12 * 16_000], pause, talk.samples[10 * 16_000 : 14 * 16_000]]
    )
    shown, hidden = (
        Heard(Audio(longer, 16_000), folder, language="en", beam_size=1, condition_on_previous_text=condition)
        for condition in (True, False)
    )
    assert shown.words["text"][0] == hidden.words["text"][0]
    assert shown.utterances["score"][0] == hidden.utterances["score"][0]
    assert shown.utterances["score"][-1] != hidden.utterances["score"][-1]


@pytest.mark.weights
def test_model_may_be_a_folder_which_is_told_for_its_hash_is_unknown(excerpt, usual, folder, tmp_path):
    heard = Heard(excerpt, tmp_path / "not used", language="en", model=str(folder))
    assert heard.said == usual.said
    assert str(folder) in heard.warnings[0]


@pytest.mark.weights
def test_a_precision_that_the_processor_lacks_is_refused_with_those_that_it_has(excerpt, folder):
    with pytest.raises(ComponentUnavailable, match="float16") as refusal:
        Heard(excerpt, folder, compute_type="float16")
    assert "int8" in refusal.value.hint


@pytest.mark.weights
@pytest.mark.parametrize("n_samples", [0, 10])
def test_a_track_without_sound_is_no_error(n_samples, folder):
    assert Heard(Audio(np.zeros(n_samples, np.float32), 16_000), folder).said == NOTHING


def test_fallback_climbs_to_temperature_1():
    assert transcribe_arguments(WhisperParameters(fallback=True))["temperature"] == pytest.approx(
        [0, 0.2, 0.4, 0.6, 0.8, 1.0]  # faster-whisper's own default
    )
    assert transcribe_arguments(WhisperParameters())["temperature"] == 0


def test_model_names_the_weights_that_are_loaded():
    assert WHISPER.weights(WhisperParameters(model="base")) == ("whisper-base",)
    assert WHISPER.weights(WhisperParameters(model="/models/mine")) == ()


def test_every_size_is_a_model_that_the_manifest_can_fetch():
    declared = tomllib.loads(PIPELINE.weights_manifest.read_text())["model"]
    names = {model["name"] for model in declared if model["name"].startswith("whisper-")}
    assert names == {
        name for size in WHISPER_SIZES for name in WHISPER.weights(WhisperParameters(model=size))
    }


def test_a_repository_is_named_with_its_revision(library):
    reference = "owner/my-whisper@0123456"
    assert WHISPER.weights(WhisperParameters(model=reference)) == (reference,)
    assert library.state(reference) is ModelState.NOT_ALLOWED  # nobody has read its licence


def test_a_folder_without_a_model_is_refused(tmp_path):
    assert "no model.bin" in WHISPER.unavailable(WhisperParameters(model=str(tmp_path))).reason
    (tmp_path / "model.bin").touch()
    assert WHISPER.unavailable(WhisperParameters(model=str(tmp_path))) is None


@pytest.mark.parametrize("model", ["bsae", "models/mine", ""])
def test_names_that_mean_no_model_are_refused(model):
    with pytest.raises(ValueError, match="absolute path"):
        WhisperParameters(model=model)


def test_the_languages_are_those_of_faster_whisper():
    assert get_args(Language) == _LANGUAGE_CODES
