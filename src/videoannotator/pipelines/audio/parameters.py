"""What a person may set on each component of the audio pipeline."""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from videoannotator.pipelines.audio.languages import Language
from videoannotator.plugin.component import Parameters
from videoannotator.plugin.devices import OnDevice

# weights.toml says where each comes from; only base travels in packages, the others come from a hub.
WHISPER_SIZES = (
    "tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en",
    "large-v1", "large-v2", "large-v3", "large-v3-turbo", "distil-large-v3",
)  # fmt: skip
_SECONDS: dict[str, Any] = {"unit": "s"}
_HERTZ: dict[str, Any] = {"unit": "Hz"}


_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+@[\w.-]+")


def is_folder(model: str) -> bool:
    """Whether a model is named by the folder that holds it."""
    return not is_repository(model) and ("/" in model or "\\" in model)


def is_repository(model: str) -> bool:
    """Whether a model is named by a hub's repository, ``owner/name@revision``."""
    return _REPOSITORY.fullmatch(model) is not None


class WhisperParameters(OnDevice):
    """How speech is recognised."""

    model: str = Field(
        "base",
        description=f"Size of the model ({', '.join(WHISPER_SIZES)}), the absolute path of a folder with a "
        "Whisper model converted for CTranslate2, or a hub's repository of one as owner/name@revision.",
    )
    language: Language | None = Field(
        None, description="Language that is spoken; nothing: detected in the first 30 s."
    )
    task: Literal["transcribe", "translate"] = Field(
        "transcribe", description="Write down what is said, or translate it into English."
    )
    beam_size: int = Field(
        5, ge=1, le=20, description="Candidates that are kept while decoding: more is slower."
    )
    # At 0 the words depend on the sound alone. faster-whisper's own default climbs to random draws wherever
    # decoding is difficult, and then two recordings that differ a little may differ much in what was "said".
    temperature: float = Field(
        0.0, ge=0, le=1, description="0 takes the likeliest words; above 0 words are drawn at random."
    )
    fallback: bool = Field(
        False, description="Where the words repeat or are unlikely, try again at higher temperatures up to 1."
    )
    # Silero's detector deletes child-directed speech, whose pitch it does not take for speech.
    vad_filter: bool = Field(
        False, description="Skip what a voice detector takes for silence; loses child-directed speech."
    )
    initial_prompt: str | None = Field(
        None, max_length=1000, description="Text that comes before, e.g. names and their spelling."
    )
    condition_on_previous_text: bool = Field(
        True, description="Show the model what it wrote before; False stops repetitions from spreading."
    )
    compute_type: Literal["auto", "int8", "int8_float32", "int8_float16", "float16", "float32"] = Field(
        "auto",
        description="Precision of the arithmetic; auto is int8, on a GPU float16, which needs one.",
    )

    @field_validator("model")
    @classmethod
    def _is_known(cls, model: str) -> str:
        if is_folder(model) and not Path(model).is_absolute():
            raise ValueError("a folder must be given by its absolute path")
        if not is_folder(model) and not is_repository(model) and model not in WHISPER_SIZES:
            sizes = ", ".join(WHISPER_SIZES)
            raise ValueError(f"must be one of {sizes}, a folder's absolute path, or owner/name@revision")
        return model


class DiarizationParameters(OnDevice):
    """How turns are found and given to speakers."""

    backend: Literal["onnx", "pyannote.audio"] = Field(
        "onnx",
        description="The pipeline that comes with this program, or pyannote.audio's own community pipeline, "
        "which knows only the numbers of speakers and the device.",
    )

    num_speakers: int | None = Field(None, ge=1, le=20, description="How many people speak, where known.")
    min_speakers: int = Field(1, ge=1, le=20, description="At least so many people speak.")
    max_speakers: int = Field(20, ge=1, le=20, description="At most so many people speak.")
    step_s: float = Field(
        2.0, ge=0.5, le=10, description="From one 10 s window to the next: less is slower and smoother.",
        json_schema_extra=_SECONDS,
    )  # fmt: skip
    clustering_threshold: float = Field(
        0.5, ge=0.001, le=2, description="Cosine distance up to which two voices are one speaker."
    )
    min_speaker_s: float = Field(
        1.0, ge=0, le=60, json_schema_extra=_SECONDS,
        description="Voices heard alone for less are given to the speaker that sounds most alike.",
    )  # fmt: skip
    # Where windows disagree by a few hundredths of a second, slivers shorter than any syllable are left.
    min_turn_s: float = Field(0.1, ge=0, le=5, description="Drop shorter turns.", json_schema_extra=_SECONDS)
    min_pause_s: float = Field(
        0.0, ge=0, le=5, description="Join turns of one speaker across shorter pauses.",
        json_schema_extra=_SECONDS,
    )  # fmt: skip

    @model_validator(mode="after")
    def _agree(self) -> "DiarizationParameters":
        if self.min_speakers > self.max_speakers:
            raise ValueError("min_speakers is greater than max_speakers")
        if self.num_speakers and not self.min_speakers <= self.num_speakers <= self.max_speakers:
            raise ValueError("num_speakers lies outside min_speakers and max_speakers")
        return self


class ProsodyParameters(Parameters):
    """How the voice is measured."""

    hop_s: float = Field(
        0.01, ge=0.005, le=1, description="From one measurement to the next.",
        json_schema_extra=_SECONDS,
    )  # fmt: skip
    window_s: float = Field(
        0.064, ge=0.02, le=0.5, description="Sound that one measurement listens to.",
        json_schema_extra=_SECONDS,
    )  # fmt: skip
    f0_min_hz: float = Field(
        65.0, ge=40, le=500, description="Lowest pitch that is looked for.", json_schema_extra=_HERTZ
    )
    f0_max_hz: float = Field(
        900.0, ge=100, le=2000, description="Highest pitch that is looked for; infants go above 600.",
        json_schema_extra=_HERTZ,
    )  # fmt: skip
    voiced_threshold: float = Field(
        0.85, ge=0, le=1, description="Periodicity from which a sound counts as voiced."
    )
    silence_db: float = Field(
        -60.0, ge=-120, le=0, description="Level below which nothing but loudness is measured.",
        json_schema_extra={"unit": "dBFS"},
    )  # fmt: skip

    @model_validator(mode="after")
    def _agree(self) -> "ProsodyParameters":
        if self.f0_min_hz >= self.f0_max_hz:
            raise ValueError("f0_min_hz is not below f0_max_hz")
        return self


class LaionVoiceParameters(OnDevice):
    """Which heads score which stretches of the sound."""

    stretches: Literal["turns", "windows"] = Field(
        "turns", description="Score the turns of each speaker (runs the diarization), or the whole sound."
    )
    emotions: tuple[str, ...] = Field(
        (), max_length=100, description="Heads that score, e.g. Elation; empty: all, 295 MB each to read."
    )
    shortest_s: float = Field(
        0.5, ge=0.1, le=30, description="Leave shorter turns out.", json_schema_extra=_SECONDS
    )
    longest_s: float = Field(
        30.0, ge=1, le=30, description="Cut what is longer into equal parts.", json_schema_extra=_SECONDS
    )
    batch_size: int = Field(4, ge=1, le=256, description="Stretches that the model hears together.")
