"""Peak memory of long videos against short ones, stage by stage, each in a process of its own.

``python -m benchmarks.memory [visual] [whisper] [pyannote] [voice_prosody]``; all when none is named.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import clips
from videoannotator import bootstrap
from videoannotator.domain.plan import ExportOptions, Run, Selection
from videoannotator.domain.report import Stage
from videoannotator.engine.plan import make_plan
from videoannotator.media.probe import probe

SPARSE = ("person_detection.frames_per_s=0.2", "face_detection.frames_per_s=0.2")
# Minutes of sound that each component is given, the slow ones less. How widely Whisper searches changes the
# work on each half minute and nothing that grows with the track.
AUDIO = {"whisper": (6, 30), "pyannote": (6, 30), "voice_prosody": (6, 60)}
QUICK = ("whisper.beam_size=1",)


def main(chosen: Sequence[str]) -> None:
    """Print peaks, and how they grow."""
    if "visual" in chosen or not chosen:
        _visual()
    for component, minutes in AUDIO.items():
        if component in chosen or not chosen:
            _audio(component, minutes)


def _visual() -> None:
    visual = Selection(pipelines=("person_tracking", "face_analysis", "scene_detection"), overrides=SPARSE)
    peaks = {minutes: _peak_mb(clips.long(minutes), visual, Stage.VISUAL) for minutes in (6, 60)}
    print(f"visual pass: 6 min {peaks[6]:.0f} MB, 60 min {peaks[60]:.0f} MB")
    print(f"  60 min / 6 min: {peaks[60] / peaks[6]:.2f}  (goal <= 1.10)")


def _audio(component: str, minutes: tuple[int, int]) -> None:
    selection = Selection(components=(component,), overrides=QUICK)
    short, long = (_peak_mb(clips.long(one), selection, Stage.AUDIO) for one in minutes)
    per_minute = (long - short) / (minutes[1] - minutes[0])
    print(f"{component}: {minutes[0]} min {short:.0f} MB, {minutes[1]} min {long:.0f} MB", flush=True)
    print(f"  {per_minute:.1f} MB a minute", flush=True)


def _peak_mb(path: Path, selection: Selection, stage: Stage) -> float:
    """The largest resident size of the process that runs one stage."""
    registry = bootstrap.open_registry()
    library = bootstrap.open_library(registry)
    video = probe(path)
    run = Run(video=video, plan=make_plan(video, registry, selection, library))
    request = bootstrap.make_request(run, bootstrap.open_settings(), ExportOptions())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "request.json").write_text(request.model_dump_json())
        command = [sys.executable, "-m", "videoannotator.cli.child", folder, "--stage", stage.value]
        peak_mb = 0.0
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                peak_mb = max(peak_mb, _high_water_mb(process.pid))
                time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"the {stage} stage of {path.name} failed ({process.returncode})")
    return peak_mb


def _high_water_mb(pid: int) -> float:
    """The peak of a live process. What it leaves in ``ru_maxrss`` counts its parent before exec, too."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    main(sys.argv[1:])
