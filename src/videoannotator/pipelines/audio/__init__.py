"""Sound: what is said, who speaks when, and how the voice sounds."""

from pathlib import Path
from typing import Any

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.tables import EXCLUSIVE_TURNS, PROSODY, TURNS, UTTERANCES, VOICE_EMOTIONS, WORDS
from videoannotator.pipelines.audio import community
from videoannotator.pipelines.audio.parameters import (
    DiarizationParameters,
    LaionVoiceParameters,
    ProsodyParameters,
    WhisperParameters,
    is_folder,
    is_repository,
)
from videoannotator.plugin import torch_runtime
from videoannotator.plugin.component import Component, Context, Needs, Pipeline, Session, Unavailable

RATE_HZ = 16_000  # what Whisper and the speaker models were trained on


def _hears(parameters: Any) -> Needs:
    return Needs(audio_rate_hz=RATE_HZ)


def _whisper_weights(parameters: WhisperParameters) -> tuple[str, ...]:
    if is_folder(parameters.model):
        return ()
    return (parameters.model if is_repository(parameters.model) else f"whisper-{parameters.model}",)


def _whisper_unavailable(parameters: WhisperParameters) -> Unavailable | None:
    if not is_folder(parameters.model) or (Path(parameters.model) / "model.bin").is_file():
        return None
    return Unavailable(
        ModelState.FAILED,
        f"There is no model.bin in the folder {parameters.model}.",
        "Give the folder of a Whisper model that was converted for CTranslate2.",
    )


def _voice_needs(parameters: LaionVoiceParameters) -> Needs:
    turns = ("pyannote",) if parameters.stretches == "turns" else ()
    return Needs(audio_rate_hz=RATE_HZ, annotations=turns)


def _start_whisper(parameters: WhisperParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.audio.whisper import WhisperSession

    return WhisperSession(parameters, context)


def _diarization_weights(parameters: DiarizationParameters) -> tuple[str, ...]:
    if parameters.backend == "pyannote.audio":
        return ("pyannote-community-1",)
    return ("segmentation-3.0", "campplus")


def _diarization_unavailable(parameters: DiarizationParameters) -> Unavailable | None:
    return community.ENVIRONMENT.missing if parameters.backend == "pyannote.audio" else None


def _start_diarization(parameters: DiarizationParameters, context: Context, saved: bytes | None) -> Session:
    if parameters.backend == "pyannote.audio":
        from videoannotator.pipelines.audio.community.session import CommunitySession

        return CommunitySession(parameters, context)
    from videoannotator.pipelines.audio.diarization import DiarizationSession

    return DiarizationSession(parameters, context)


def _start_prosody(parameters: ProsodyParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.audio.prosody import ProsodySession

    return ProsodySession(parameters, context)


def _start_laion_voice(parameters: LaionVoiceParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.audio.laion_voice import LaionVoiceSession

    return LaionVoiceSession(parameters, context)


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
    model_name="Whisper, run by faster-whisper",
    aliases=("speech_recognition",),
)
PYANNOTE = Component(
    name="pyannote",
    display_name="Speaker diarization (pyannote)",
    description="Who speaks when; speakers are told apart, not identified.",
    parameters=DiarizationParameters,
    needs=_hears,
    produces=(TURNS, EXCLUSIVE_TURNS),
    start=_start_diarization,
    weights=_diarization_weights,
    unavailable=_diarization_unavailable,
    model_name="pyannote segmentation-3.0 and CAM++ voice prints",
    caveat="Voices of children and short replies are often given to the wrong speaker.",
    aliases=("speaker_diarization",),
    environment=community.ENVIRONMENT,
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
    display_name="Voice emotions (LAION)",
    description="Raw scores of some forty emotions in each speaker's turns, by Empathic Insight.",
    parameters=LaionVoiceParameters,
    needs=_voice_needs,
    produces=(VOICE_EMOTIONS,),
    start=_start_laion_voice,
    weights=lambda parameters: ("laion-voice-encoder", "laion-voice-heads"),
    unavailable=lambda parameters: torch_runtime.missing(),
    default_enabled=False,
    model_name="Empathic Insight Voice, small",
    caveat="trained on acted and synthetic adult voices; nothing is known of its worth on children",
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
