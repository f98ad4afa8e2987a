"""Sound: what is said, who speaks when, and how the voice sounds."""

from pathlib import Path
from typing import Any

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.domain.tables import PROSODY, TURNS, UTTERANCES, WORDS
from videoannotator.pipelines.audio.parameters import (
    DiarizationParameters,
    LaionVoiceParameters,
    ProsodyParameters,
    WhisperParameters,
    is_folder,
)
from videoannotator.plugin.component import Component, Context, Needs, Pipeline, Session, Unavailable

RATE_HZ = 16_000  # what Whisper and the speaker models were trained on

_LAION_VOICE = Unavailable(
    ModelState.NOT_INSTALLED,
    "Empathic Insight Voice needs PyTorch and weights that no package index carries.",
    "Use voice_prosody for measurements of the voice.",
)


def _hears(parameters: Any) -> Needs:
    return Needs(audio_rate_hz=RATE_HZ)


def _whisper_weights(parameters: WhisperParameters) -> tuple[str, ...]:
    return () if is_folder(parameters.model) else (f"whisper-{parameters.model}",)


def _whisper_unavailable(parameters: WhisperParameters) -> Unavailable | None:
    if not is_folder(parameters.model) or (Path(parameters.model) / "model.bin").is_file():
        return None
    return Unavailable(
        ModelState.FAILED,
        f"There is no model.bin in the folder {parameters.model}.",
        "Give the folder of a Whisper model that was converted for CTranslate2.",
    )


def _start_whisper(parameters: WhisperParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.audio.whisper import WhisperSession

    return WhisperSession(parameters, context)


def _start_diarization(parameters: DiarizationParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.audio.diarization import DiarizationSession

    return DiarizationSession(parameters, context)


def _start_prosody(parameters: ProsodyParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.audio.prosody import ProsodySession

    return ProsodySession(parameters, context)


def _start_laion_voice(parameters: Any, context: Context, saved: bytes | None) -> Session:
    raise ComponentUnavailable(_LAION_VOICE.reason, hint=_LAION_VOICE.hint)


WHISPER = Component(
    name="whisper",
    display_name="Speech recognition (Whisper)",
    description="What is said, with the times of every word.",
    parameters=WhisperParameters,
    needs=_hears,
    produces=(UTTERANCES, WORDS),
    start=_start_whisper,
    weights=_whisper_weights,
    unavailable=_whisper_unavailable,
    model_name="Whisper base, int8, run by faster-whisper",
    aliases=("speech_recognition",),
)
PYANNOTE = Component(
    name="pyannote",
    display_name="Speaker diarization (pyannote)",
    description="Who speaks when; speakers are told apart, not identified.",
    parameters=DiarizationParameters,
    needs=_hears,
    produces=(TURNS,),
    start=_start_diarization,
    weights=lambda parameters: ("segmentation-3.0", "campplus"),
    model_name="pyannote segmentation-3.0 and CAM++ voice prints",
    caveat="Voices of children and short replies are often given to the wrong speaker.",
    aliases=("speaker_diarization",),
)
VOICE_PROSODY = Component(
    name="voice_prosody",
    display_name="Voice prosody",
    description="Pitch, loudness, periodicity and timbre of the sound, without a model.",
    parameters=ProsodyParameters,
    needs=_hears,
    produces=(PROSODY,),
    start=_start_prosody,
    model_name="YIN",
    caveat="Measures the sound as a whole: music, noise and overlapping voices are measured with it.",
)
LAION_VOICE = Component(
    name="laion_voice",
    display_name="Voice emotion (LAION)",
    description="Scores of emotions in the voice.",
    parameters=LaionVoiceParameters,
    needs=_hears,
    produces=(),
    start=_start_laion_voice,
    unavailable=lambda parameters: _LAION_VOICE,
    default_enabled=False,
    model_name="Empathic Insight Voice",
)

PIPELINE = Pipeline(
    name="audio_processing",
    display_name="Speech and voice",
    description="Words with their times, turns of the speakers, and measurements of the voice.",
    family="audio",
    components=(WHISPER, PYANNOTE, VOICE_PROSODY, LAION_VOICE),
    output_formats=("webvtt", "rttm", "csv", "parquet"),
    aliases=("audio",),
    weights_manifest=Path(__file__).with_name("weights.toml"),
)
