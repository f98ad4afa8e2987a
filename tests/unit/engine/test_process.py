import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import videoannotator
from videoannotator.domain.errors import ComponentCrashed
from videoannotator.domain.plan import RunRequest
from videoannotator.domain.report import ComponentChange, ComponentStatus, Progress, Stage, StageEnd
from videoannotator.engine.process import REQUEST, StageProcess
from videoannotator.files import atomic
from videoannotator.files.store import FileStore

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def env(tmp_path_factory) -> dict[str, str]:
    """An environment in which the small test pipelines are installed as a package of their own."""
    site = tmp_path_factory.mktemp("site")
    package = site / "small_pipelines-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: small_pipelines\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[videoannotator.pipelines]\nlight = tests.synthetic.plugins:LIGHT\n"
        "sound = tests.synthetic.plugins:SOUND\n"
    )
    source = Path(videoannotator.__file__).parents[1]
    return {"PYTHONPATH": os.pathsep.join(map(str, (site, ROOT, source)))}


@pytest.fixture
def start(env, make_run, tmp_path):
    """Prepare a run in a folder and return how to start a stage of it."""

    def prepare(name: str = "run", **selection: object):
        run_dir = tmp_path / name
        request = RunRequest(run=make_run(**selection), weights_dir=tmp_path / "weights")
        atomic.write_text(run_dir / REQUEST, request.model_dump_json())
        return lambda stage=Stage.VISUAL: StageProcess(run_dir, stage, env)

    return prepare


def rows(run_dir: Path) -> dict[str, bytes | None]:
    store = FileStore(run_dir / "ledger")
    kept = filter(lambda key: not key.startswith(("counters/", "visual/state/")), store.keys())
    return {key: store.get(key) for key in kept}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stage_tells_what_it_does_until_it_ends(start):
    with start("run", components=["sum"])() as process:
        reports = list(process.reports())
    assert reports[-1] == StageEnd(stage=Stage.VISUAL)
    assert {r.component: r.status for r in reports if isinstance(r, ComponentChange)} == {
        "level": ComponentStatus.COMPLETED,
        "sum": ComponentStatus.COMPLETED,
    }
    assert any(isinstance(r, Progress) for r in reports)


def test_native_noise_stays_off_the_report_stream_and_goes_to_the_log(start):
    with start("run", components=["level"], overrides=["level.shout=true"])() as process:
        assert list(process.reports())[-1] == StageEnd(stage=Stage.VISUAL)
    assert b"native noise" in process.log.read_bytes()


def test_killed_at_random_moments_it_ends_with_the_same_bytes(start, tmp_path):
    slow = {"components": ["sum"], "overrides": ["level.delay_s=0.005"]}
    with start("whole", **slow)() as process:
        list(process.reports())
    resume, moments = start("killed", **slow), random.Random(7)
    for _ in range(6):
        with resume() as process:
            for report in process.reports():
                if isinstance(report, Progress):
                    break
            time.sleep(moments.uniform(0.0, 0.5))
            os.killpg(process.pid, signal.SIGKILL)
    with resume() as process:
        assert list(process.reports())[-1] == StageEnd(stage=Stage.VISUAL)
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")


def test_an_error_of_the_stage_is_reported_with_its_code(start, tmp_path):
    with start("run", components=["level"])() as process:
        list(process.reports())
    with start("run", components=["level"], overrides=["level.region=left"])() as process:
        end = list(process.reports())[-1]
    assert isinstance(end, StageEnd)
    assert end.error_code == "NOTHING_TO_RESUME"


def test_a_process_that_dies_is_explained_with_signal_and_last_words(start):
    process = start("run", components=["level"], overrides=["level.crash=true"])()
    with process, pytest.raises(ComponentCrashed, match="SIGSEGV") as died:
        list(process.reports())
    assert "level: running" in str(died.value)
    assert "Segmentation fault" in str(died.value)


def test_stopping_ends_the_process_at_once_and_quietly(start):
    with start("run", components=["level"], overrides=["level.delay_s=1"])() as process:
        reports = process.reports()
        next(reports)
        process.stop()
        assert not is_alive(process.pid)
        assert not any(isinstance(report, StageEnd) for report in reports)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_child_ends_with_the_process_that_started_it(start, env, tmp_path):
    start("run", components=["level"], overrides=["level.delay_s=1"])
    code = (
        "import sys; from pathlib import Path; from videoannotator.engine.process import StageProcess;"
        "from videoannotator.domain.report import Stage;"
        "p = StageProcess(Path(sys.argv[1]), Stage.VISUAL); next(p.reports()); print(p.pid, flush=True);"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "run")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    deadline_s = time.monotonic() + 30
    while is_alive(child) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not is_alive(child)


def test_a_child_whose_reports_nobody_reads_ends_without_blaming_a_component(start, env, tmp_path):
    again = start("run", components=["level"], overrides=["level.delay_s=0.01"])
    command = [sys.executable, "-m", "videoannotator.cli.child", str(tmp_path / "run"), "--stage", "visual"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **env}) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(30) == -signal.SIGPIPE
    with again() as process:
        changes = {r.component: r.status for r in process.reports() if isinstance(r, ComponentChange)}
    assert changes == {"level": ComponentStatus.COMPLETED}
