"""``run.json``: what made these files, so that somebody else can make them again.

Everything but the block ``times_and_counters`` depends on the video, the plan and the installation alone:
an interrupted run and an undisturbed one differ in that block only. Folders of this machine are not told.
"""

import json
import math
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.plan import ModelRecord, Run
from videoannotator.domain.report import ComponentStatus, FileWritten, Stage
from videoannotator.exporters.json_file import UNPAIRED, dumps
from videoannotator.exporters.viewer import FACE_WORDS, PERSON_WORDS, SCENE_WORDS, hide

FORMAT_VERSION = 1
# What can change a number; a package that is not installed is not listed.
_PACKAGES = (
    "videoannotator", "ai-edge-litert", "av", "ctranslate2", "faster-whisper", "numpy", "onnxruntime",
    "opencv-python-headless", "scenedetect-headless", "scipy", "torch", "transformers",
)  # fmt: skip


def write(
    path: Path,
    run: Run,
    annotations: Annotations,
    models: Sequence[ModelRecord] = (),
    files: Sequence[FileWritten] = (),
) -> None:
    """Write the record of a run; ``files`` are the other outputs, ``models`` the weights that were used."""
    record = {
        "format_version": FORMAT_VERSION,
        "video": run.video.model_dump(mode="json", exclude={"path", "id"}) | {"sha256": run.video.id},
        "plan": run.plan.model_dump(mode="json"),
        "components": [outcome.model_dump(mode="json") for outcome in annotations.outcomes],
        "warnings": list(annotations.warnings),
        "models": [model.model_dump(mode="json") for model in models],
        "software": _software(),
        "devices": _devices(annotations),
        "files": [file.model_dump(mode="json", exclude={"type"}) for file in files],
        "times_and_counters": _times_and_counters(annotations),
    }
    lines = [f"{dumps(key)}:{dumps(_finite(value))}" for key, value in record.items()]
    # A third party's parameter may have any name, e.g. one that the viewer knows scenes by.
    text = hide("{" + ",\n".join(lines) + "}\n", (*FACE_WORDS, *SCENE_WORDS, *PERSON_WORDS))
    path.write_text(text, encoding="utf-8", errors=UNPAIRED, newline="\n")


def is_of(path: Path, run: Run) -> bool:
    """Whether a record stands there and is of the same plan on the same video, done without a failure."""
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    if any(one["status"] != ComponentStatus.COMPLETED for one in record["components"]):
        return False
    steps = [step.model_dump(mode="json") for step in run.plan.steps]
    return bool(record["video"]["sha256"] == run.video.id and record["plan"]["steps"] == _finite(steps))


def _times_and_counters(annotations: Annotations) -> dict[str, Any]:
    passes = dict(annotations.counters)
    visual = passes.get(Stage.VISUAL)
    return {
        "started_at": min((p.started_at for p in passes.values()), default=None),
        "ended_at": max((p.ended_at for p in passes.values() if p.ended_at), default=None),
        "n_frames_decoded": visual.n_frames_decoded if visual else 0,
        "passes": {str(stage): counters.model_dump(mode="json") for stage, counters in passes.items()},
    }


def _devices(annotations: Annotations) -> dict[str, str]:
    """Where each component's model ran."""
    passes = annotations.counters.values()
    return {name: one.device for counters in passes for name, one in counters.components.items()}


def _software() -> dict[str, str]:
    versions = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _finite(value: Any) -> Any:
    """The same value with infinities and NaN, which JSON does not have, as words."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
