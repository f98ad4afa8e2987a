"""The program as a person runs it: real processes, real files, nothing but the command line."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.synthetic.clips import write

import videoannotator
from videoannotator.files.lock import alone

CUTS_AND_SOUND = ("-p", "shot_detection,voice_prosody")  # need no weights

MakeClip = Callable[..., Path]


def run(
    *arguments: str | Path, cwd: Path, preexec_fn: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "videoannotator.cli.main", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False, preexec_fn=preexec_fn
    )


def test_each_bad_file_gets_one_clear_error_and_the_others_still_run(
    tmp_path: Path, make_clip: MakeClip
) -> None:
    good = make_clip("good.mp4")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)
    (tmp_path / "folder.mp4").mkdir()
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "cut.mp4").write_bytes(good.read_bytes()[:200])
    bad = {
        "empty.mp4": "EMPTY_FILE",
        "text.mp4": "UNSUPPORTED_MEDIA",
        "folder.mp4": "NOT_A_FILE",
        "pipe.mp4": "NOT_A_FILE",
        "missing.mp4": "VIDEO_NOT_FOUND",
    }
    ended = run("annotate", *bad, "cut.mp4", "good.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=tmp_path)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    for code in bad.values():
        assert f"[{code}]" in ended.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good"]
    assert json.loads((tmp_path / "out/good/good_scenes.json").read_text())["scenes"]


def without_privilege() -> None:
    """Let the superuser's process meet permissions as anybody's does."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH (linux/capability.h)
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP (linux/prctl.h)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_file_that_may_not_be_read_does_not_stop_the_others(tmp_path: Path, make_clip: MakeClip) -> None:
    make_clip("good.mp4")
    make_clip("secret.mp4").chmod(0)
    (tmp_path / "locked").mkdir(mode=0)
    command = ("annotate", "secret.mp4", "locked/clip.mp4", "good.mp4", *CUTS_AND_SOUND, "-o")
    ended = run(*command, "out", cwd=tmp_path, preexec_fn=without_privilege)
    assert ended.returncode == 1
    assert "1 done, 2 failed" in ended.stdout
    assert ended.stdout.count("[FILE_UNREADABLE]") == 2
    for folder in ("locked", "locked/out", "good.mp4"):
        ended = run(*command, folder, cwd=tmp_path, preexec_fn=without_privilege)
        assert (ended.returncode, ended.stderr) == (1, "")
        assert f"'{folder}'" in ended.stdout
        assert "[STORAGE_ERROR]" in ended.stdout


@pytest.mark.parametrize("folder", ["-o", "a[/b] [red]c", "new\nline", "x" * 300])
def test_the_folder_of_the_results_may_have_any_name(
    tmp_path: Path, make_clip: MakeClip, folder: str
) -> None:
    make_clip("clip.mp4")
    ended = run("annotate", "clip.mp4", *CUTS_AND_SOUND, "--preview", "-o", folder, cwd=tmp_path)
    assert ended.stderr == ""
    if len(folder) > 255:
        assert (ended.returncode, "[STORAGE_ERROR]" in ended.stdout) == (1, True)
    else:
        assert ended.returncode == 0
        assert f"files in {folder}/clip\n" in ended.stdout
        assert (tmp_path / folder / "clip/run.json").is_file()


def test_hostile_names_give_results_under_harmless_ones(tmp_path: Path, make_clip: MakeClip) -> None:
    names = ["-dash; $(x).mp4", "\N{BABY} two\nlines.mp4"]
    for name in names:
        make_clip(name)
    ended = run("annotate", *CUTS_AND_SOUND, "-o", "out", "--", *names, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    folders = sorted((tmp_path / "out").iterdir())
    assert len(folders) == len(names)
    assert all(not folder.name.startswith(("-", ".")) and "\n" not in folder.name for folder in folders)
    assert all((folder / "run.json").is_file() for folder in folders)


def test_a_name_that_the_terminal_cannot_write_stops_nothing(
    tmp_path: Path, make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clip("\N{BABY}.mp4")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ended = run("annotate", "\N{BABY}.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\\U0001f476.mp4" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "suggestion"),
    [
        (("-p", "person_trackin"), "PIPELINE_NOT_FOUND", "person_tracking"),
        (("--set", "shot_detection.treshold=3"), "PARAMETER_NOT_FOUND", "threshold"),
        (("--set", "voice_prosody.hop_s=-1"), "VALUE_OUT_OF_RANGE", "hop_s"),
        (("--components", "wisper"), "PIPELINE_NOT_FOUND", "whisper"),
        (("--config", "nothing.toml"), "INVALID_CONFIG_FILE", "nothing.toml"),
    ],
)
def test_a_wrong_wish_is_refused_with_the_nearest_name_before_anything_is_done(
    tmp_path: Path, make_clip: MakeClip, arguments: tuple[str, ...], code: str, suggestion: str
) -> None:
    make_clip("clip.mp4")
    ended = run("annotate", "clip.mp4", *arguments, "-o", "out", cwd=tmp_path)
    assert ended.returncode == 2
    assert code in ended.stderr
    assert suggestion in ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip and its results in ``out``."""
    folder = tmp_path_factory.mktemp("annotated")
    write(folder / "clip.mp4")
    assert run("annotate", "clip.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=folder).returncode == 0
    return folder


def test_results_are_not_overwritten_unless_asked(tmp_path: Path, annotated: Path) -> None:
    shutil.copytree(annotated, tmp_path, dirs_exist_ok=True)
    first = (tmp_path / "out/clip/clip_scenes.json").read_bytes()
    again = run("annotate", "clip.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=tmp_path)
    assert again.returncode == 1
    assert "OUTPUT_EXISTS" in again.stdout
    assert (
        run("annotate", "clip.mp4", *CUTS_AND_SOUND, "-o", "out", "--overwrite", cwd=tmp_path).returncode == 0
    )
    assert (tmp_path / "out/clip/clip_scenes.json").read_bytes() == first


def test_two_commands_never_work_on_the_same_results(tmp_path: Path, make_clip: MakeClip) -> None:
    make_clip("clip.mp4")
    (tmp_path / "out").mkdir()
    with alone(tmp_path / "out" / ".clip.lock"):  # as the first command holds it
        second = run("annotate", "clip.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=tmp_path)
    assert second.returncode == 1
    assert "OUTPUT_BUSY" in second.stdout
    assert run("annotate", "clip.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=tmp_path).returncode == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["clip"]


def test_resuming_what_is_done_changes_nothing(tmp_path: Path, annotated: Path) -> None:
    shutil.copytree(annotated, tmp_path, dirs_exist_ok=True)
    command = ("annotate", "clip.mp4", *CUTS_AND_SOUND, "-o", "out", "--resume")
    first = (tmp_path / "out/clip/run.json").read_bytes()
    again = run(*command, cwd=tmp_path)
    assert again.returncode == 0
    assert "done already" in again.stdout
    assert (tmp_path / "out/clip/run.json").read_bytes() == first
    other = run(*command, "--set", "shot_detection.threshold=99", cwd=tmp_path)
    assert other.returncode == 1
    assert "OUTPUT_EXISTS" in other.stdout
    other = run(*command, "--preview", cwd=tmp_path)
    assert other.returncode == 1
    assert "without the picture" in other.stdout


def test_two_videos_of_one_name_keep_their_results_apart(tmp_path: Path, make_clip: MakeClip) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        make_clip("clip.mp4").rename(tmp_path / folder / "clip.mp4")
    ended = run("annotate", "a/clip.mp4", "b/clip.mp4", *CUTS_AND_SOUND, "-o", "out", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["clip", "clip-2"]


def test_a_configuration_file_and_an_override_reach_the_plan(tmp_path: Path, make_clip: MakeClip) -> None:
    make_clip("clip.mp4")
    (tmp_path / "study.toml").write_text(  # as an editor of Windows writes it
        "[scene_detection.shot_detection]\nthreshold = 30.0\nmin_shot_s = 2.0\n", encoding="utf-8-sig"
    )
    arguments = ("--config", "study.toml", "--set", "shot_detection.threshold=12.5")
    ended = run("annotate", "clip.mp4", "-p", "scene", *arguments, "-o", "out", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    steps = json.loads((tmp_path / "out/clip/run.json").read_text())["plan"]["steps"]
    assert steps[0]["parameters"]["threshold"] == 12.5
    assert steps[0]["parameters"]["min_shot_s"] == 2.0


def test_what_is_listed_tells_all_that_the_catalogue_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    told = run("pipelines", "audio", cwd=tmp_path).stdout
    (catalogue,) = json.loads(run("pipelines", "audio", "--json", cwd=tmp_path).stdout)
    for one in catalogue["components"]:
        assert one["description"] in told
        assert (one["disabled_reason"] or "") in told
        assert (one["hint"] or "") in told
    assert "[pipeline.component]" in run("annotate", "--help", cwd=tmp_path).stdout


def test_models_that_are_named_and_not_here_are_not_called_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_WEIGHTS_DIR", str(tmp_path / "weights"))
    assert run("weights", "verify", cwd=tmp_path).returncode == 0
    named = run("weights", "verify", "age-v1", cwd=tmp_path)
    assert (named.returncode, named.stdout) == (
        1,
        "not on this machine: videoannotator weights pull age-v1\n",
    )


def test_what_failed_is_told_by_the_exit_code_and_is_not_called_done(
    tmp_path: Path, make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site/lights-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: lights\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[videoannotator.pipelines]\nl = tests.synthetic.plugins:LIGHT\n"
    )
    paths = (package.parent, Path(__file__).parents[2], Path(videoannotator.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, paths)))
    make_clip("clip.mp4")
    command = ("annotate", "clip.mp4", "--set", "level.fail_at=0", "-o", "out")
    assert run(*command, "-p", "level", cwd=tmp_path).returncode == 1
    partly = (*command, "-p", "level,shot_detection")
    assert run(*partly, "--overwrite", cwd=tmp_path).returncode == 3
    again = run(*partly, "--resume", cwd=tmp_path)
    assert (again.returncode, "OUTPUT_EXISTS" in again.stdout) == (1, True)
