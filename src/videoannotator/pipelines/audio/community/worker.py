"""pyannote.audio's own code at work, in its environment: sound comes in, turns go out.

Run as ``python worker.py PIPES FOLDER DEVICE``; PIPES is the path of ``videoannotator/plugin/pipes.py``,
FOLDER that of a pipeline (``config.yaml`` and its models). Nothing is fetched, and nothing is reported.
"""

import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def main() -> None:
    """Answer requests until the input ends."""
    pipes_path, folder, device = sys.argv[1:]
    pipes = _load("pipes", pipes_path)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    pipeline: Any = None
    while True:
        try:
            request, arrays = pipes.receive(sys.stdin.buffer)
        except EOFError:
            return
        try:
            pipeline = pipeline or load(folder, device)
            answer, results = diarize(pipeline, arrays[0], **request) if arrays else ({}, [])
        except (RuntimeError, ValueError, TypeError, OSError, KeyError, AttributeError, ImportError) as error:
            answer, results = {"error": f"{type(error).__name__}: {error}"}, []
        pipes.send(answers, answer, results)


def load(folder: str, device: str) -> Any:
    """The pipeline on ``cpu``, ``cuda:N``, or for ``auto`` on a GPU where there is one."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    _mend_torchaudio()
    import torch
    from pyannote.audio import Pipeline
    from pyannote.audio.telemetry import set_telemetry_metrics

    set_telemetry_metrics(False)
    if device == "auto":
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
    pipeline: Any = Pipeline.from_pretrained(folder)
    return pipeline.to(torch.device(device))


def diarize(
    pipeline: Any, samples: NDArray[np.float32], rate_hz: int, **speakers: int
) -> tuple[dict[str, Any], list[NDArray[np.float64]]]:
    """Turns of a mono track (n,), and turns of which no two overlap.

    Returns the speakers of both, and start and end (n, 2) of both in seconds. Where memory runs out, batches
    are halved.
    """
    import torch

    # The file is never opened: torchcodec, which would read it, is not needed.
    sound = {"waveform": torch.from_numpy(samples.copy())[None], "sample_rate": rate_hz}
    while True:
        try:
            said = pipeline(sound, **speakers)
            break
        except torch.OutOfMemoryError:
            if pipeline.segmentation_batch_size == pipeline.embedding_batch_size == 1:
                raise
        pipeline.segmentation_batch_size = max(1, pipeline.segmentation_batch_size // 2)
        pipeline.embedding_batch_size = max(1, pipeline.embedding_batch_size // 2)
        torch.cuda.empty_cache()
    names, turns = _turns(said.speaker_diarization)
    alone, exclusive = _turns(said.exclusive_speaker_diarization)
    return {"speakers": names, "exclusive_speakers": alone}, [turns, exclusive]


def _turns(annotation: Any) -> tuple[list[str], NDArray[np.float64]]:
    rows = [(turn.start, turn.end, name) for turn, _, name in annotation.itertracks(yield_label=True)]
    times = np.array([row[:2] for row in rows], dtype=np.float64).reshape(-1, 2)
    return [str(row[2]) for row in rows], times


def _mend_torchaudio() -> None:
    """PyPI's torchaudio is built for CUDA: beside a torch for processors its own operators do not load.

    pyannote.audio uses only what torchaudio computes with PyTorch's, so it is told that it has none.
    """
    try:
        import torchaudio  # noqa: F401
    except OSError:
        for name in [name for name in sys.modules if name.startswith("torchaudio")]:
            del sys.modules[name]
        extension = ModuleType("torchaudio._extension")
        extension.__dict__.update(
            _IS_TORCHAUDIO_EXT_AVAILABLE=False,
            _IS_ALIGN_AVAILABLE=False,
            fail_if_no_align=lambda function: function,
        )
        sys.modules[extension.__name__] = extension


def _load(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
