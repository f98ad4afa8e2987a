"""A run that is killed again and again ends with the same bytes as one that nobody disturbed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scripts.samples import sample
from tests.synthetic.clips import Clip, write

import videoannotator

N_KILLS = int(os.environ.get("VIDEOANNOTATOR_TEST_KILLS", "3"))
PREVIEW = ("--preview",)
PLUGIN = Path(__file__).parents[1] / "browser" / "plugin"  # finds a box, as slowly as it is told to


def start(video: Path, out: Path, *more: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "videoannotator.cli.main", "annotate", str(video), "-o", str(out)]
    return subprocess.Popen(
        [*command, *PREVIEW, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes; of run.json everything but its times and counters."""
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    record = json.loads(found["run.json"])
    del record["times_and_counters"]
    return {**found, "run.json": json.dumps(record).encode()}


@pytest.mark.weights
@pytest.mark.timeout(1800)
def test_killed_runs_end_with_the_same_bytes(tmp_path: Path) -> None:
    video = sample("man.mp4")
    started = time.monotonic()
    undisturbed = start(video, tmp_path / "once")
    _, errors = undisturbed.communicate()
    assert undisturbed.returncode == 0, errors.decode()
    length_s = time.monotonic() - started
    dice = random.Random(20)
    _leave_partials(tmp_path / "killed" / f".{video.stem}.run" / "out")
    for _ in range(N_KILLS):
        process = start(video, tmp_path / "killed", "--resume")
        try:
            process.communicate(timeout=dice.uniform(0.2, length_s))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    last = start(video, tmp_path / "killed", "--resume")
    last.communicate()
    (once,) = (tmp_path / "once").iterdir()
    (killed,) = (path for path in (tmp_path / "killed").iterdir() if not path.name.startswith("."))
    assert contents(killed) == contents(once)


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    video = write(tmp_path / "clip.mp4", Clip(n_frames=300))
    command = [sys.executable, "-m", "videoannotator.cli.main", "annotate", str(video), "-o", str(tmp_path)]
    command += ["--pipelines", "box_finder", "--set", "box_finder.delay_s=0.02"]  # six seconds
    path = os.pathsep.join(map(str, (PLUGIN, Path(videoannotator.__file__).parents[1])))
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        start_new_session=True, preexec_fn=_hear_interrupts,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert any("box_finder: running" in line for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all processes of the command
        said, errors = process.communicate()
    assert (process.returncode, errors) == (130, "Interrupted.\n")
    assert "--resume goes on" in said
    assert "crashed" not in said
    subprocess.run([*command, "--resume"], check=True, capture_output=True, env=environment)
    assert (tmp_path / "clip" / "run.json").is_file()


def _hear_interrupts() -> None:
    """What a shell starts in its background is told to ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _leave_partials(out: Path) -> None:
    """What an export that is killed while it writes leaves behind; the dice seldom hit that moment."""
    half_done = out / ".part-0"
    half_done.mkdir(parents=True)
    (half_done / "run.json").touch()
    (out / ".part-1.png").touch()
