"""Speech recognition: Whisper, run by faster-whisper on the whole track."""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
from faster_whisper import WhisperModel

from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.domain.tables import UTTERANCES, WORDS
from videoannotator.pipelines.audio.features import BlockwiseFeatureExtractor
from videoannotator.pipelines.audio.parameters import WhisperParameters, is_folder, is_repository
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.devices import choose, index_of
from videoannotator.plugin.memory import admit

SEED = 0  # the same draws in every run, where the temperature asks for draws
# Radford et al., section 4.5: text that compresses better than this repeats itself; each retry is this
# much warmer.
STUCK_COMPRESSION = 2.4
MAX_NAMED = 5  # places that a warning names
WARMER = 0.2


class WhisperSession:
    """Writes down a track; says each utterance with its words as soon as it is recognised.

    Given the same arguments, ``faster_whisper.WhisperModel.transcribe`` gives the same words and times.

    Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022.
    """

    def __init__(self, parameters: WhisperParameters, context: Context) -> None:
        device = choose(parameters.device, context, ctranslate2.get_cuda_device_count())
        kind = device.partition(":")[0]
        compute_type = _compute_type(parameters.compute_type, kind)
        self._parameters, self._context = parameters, context
        folder = _folder(parameters, context)
        admit(folder, "cpu")  # CTranslate2 reads the file into the machine's memory first
        model = WhisperModel(
            str(folder),
            device=kind,
            device_index=index_of(device),
            compute_type=compute_type,
            # Left to itself the library takes as many threads as the machine has, and sums round
            # differently; the caller's fixed number keeps a resumed run equal to an uninterrupted one.
            cpu_threads=context.n_threads,
            local_files_only=True,
        )
        model.feature_extractor = BlockwiseFeatureExtractor(**model.feat_kwargs)
        self._model: WhisperModel | None = model

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        """Recognise the whole track, utterance by utterance."""
        audio, model = chunk.audio, self._model
        if audio is None or model is None or len(audio.samples) == 0:
            return
        ctranslate2.set_random_seed(SEED)
        segments, info = model.transcribe(
            audio.samples, word_timestamps=True, **transcribe_arguments(self._parameters)
        )
        n_words, stuck = 0, list[str]()
        for utterance_id, segment in enumerate(segments):
            yield _utterance(utterance_id, segment, info.language, audio.start_s)
            yield _words(utterance_id, n_words, segment.words, audio.start_s)
            n_words += len(segment.words)
            if segment.compression_ratio > STUCK_COMPRESSION:
                stuck.append(f"{audio.start_s + segment.start:.1f} to {audio.start_s + segment.end:.1f}")
            self._context.progress(audio.start_s + float(segment.end))
        if stuck:
            self._context.warn(
                f"Whisper repeats itself from {', '.join(stuck[:MAX_NAMED])} s{_more(stuck)}, as it does on "
                "noise: do not trust these words (the parameter fallback may help)."
            )

    def finish(self) -> Iterable[Annotation]:
        """Nothing is left to say."""
        return ()

    def save(self) -> bytes:
        """A track is one piece of work: there is no state between chunks."""
        return b""

    def close(self) -> None:
        """Free the model."""
        self._model = None


def _more(stuck: Sequence[str]) -> str:
    return f" and {len(stuck) - MAX_NAMED} more times" if len(stuck) > MAX_NAMED else ""


def transcribe_arguments(parameters: WhisperParameters) -> dict[str, Any]:
    """What the parameters mean to ``faster_whisper.WhisperModel.transcribe``."""
    chosen = parameters.model_dump(exclude={"model", "device", "compute_type", "fallback"})
    if parameters.fallback:
        n_retries = round((1 - parameters.temperature) / WARMER)
        chosen["temperature"] = [parameters.temperature + WARMER * retry for retry in range(n_retries + 1)]
    return chosen


def _compute_type(wanted: str, kind: str) -> str:
    """The precision to use on a ``cpu`` or ``cuda``; raises ComponentUnavailable for one it has not."""
    if wanted == "auto":
        return "float16" if kind == "cuda" else "int8"
    supported = ctranslate2.get_supported_compute_types(kind)
    if wanted not in supported:
        raise ComponentUnavailable(
            f"compute_type {wanted} does not run on this {kind}.",
            hint=f"Use one of: {', '.join(sorted(supported))}.",
            field="whisper.compute_type",
        )
    return wanted


def _folder(parameters: WhisperParameters, context: Context) -> Path:
    if is_repository(parameters.model):
        return context.weights(parameters.model)
    if not is_folder(parameters.model):
        return context.weights(f"whisper-{parameters.model}")
    context.warn(f"Whisper ran from the folder {parameters.model}; its hash and licence are not recorded.")
    return Path(parameters.model)


def _utterance(utterance_id: int, segment: Any, language: str, offset_s: float) -> Annotation:
    row = UTTERANCES.table(
        utterance_id=[utterance_id],
        start_s=[offset_s + float(segment.start)],
        end_s=[offset_s + float(segment.end)],
        text=[segment.text.strip()],
        language=[language],
        score=[math.exp(segment.avg_logprob)],
        no_speech_score=[segment.no_speech_prob],
    )
    return Annotation(UTTERANCES.name, row)


def _words(utterance_id: int, first_id: int, words: list[Any], offset_s: float) -> Annotation:
    rows = WORDS.table(
        word_id=range(first_id, first_id + len(words)),
        utterance_id=[utterance_id] * len(words),
        start_s=[offset_s + float(word.start) for word in words],
        end_s=[offset_s + float(word.end) for word in words],
        text=[word.word.strip() for word in words],
        score=[word.probability for word in words],
    )
    return Annotation(WORDS.name, rows)
