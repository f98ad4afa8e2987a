"""The commands that talk to a server, as people type them, against a real server at work."""

import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.bench import until
from tests.e2e.commands import Run, command_lines
from tests.synthetic.clips import Clip, Sound, write
from tests.synthetic.receiver import receiving

from videoannotator.domain.names import VIDEO_SUFFIXES
from videoannotator.media.probe import probe


@pytest.fixture(scope="module")
def private_webhooks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VIDEOANNOTATOR_PRIVATE_WEBHOOKS", "true")
        yield


@pytest.fixture(scope="module")
def run(
    each_database_of_module: None, private_webhooks: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    """Runs a command line against the server."""
    with command_lines(tmp_path_factory.mktemp("remote"), "--workers", "1") as run:
        yield run


@pytest.fixture(scope="module")
def job(run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job that was followed to its end."""
    video = write(tmp_path_factory.mktemp("video") / "clip.mp4", Clip(n_frames=10))
    config = video.with_name("study.toml")
    config.write_text("[scene_detection.shot_detection]\nthreshold = 30\nmin_shot_s = 1\n")
    settings = ("--config", config, "--set", "shot_detection.threshold=12.5")
    done = run("submit", video, "--pipelines", "shot_detection", *settings, "--watch")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


def test_the_list_tells_of_the_job(run: Run, job: str) -> None:
    listed = run("jobs", "--status", "completed")
    assert (listed.returncode, job in listed.stdout) == (0, True)


def test_what_is_set_on_the_command_line_wins_over_the_file(run: Run, job: str, tmp_path: Path) -> None:
    run("fetch", job, "--output", tmp_path)
    (step,) = json.loads((tmp_path / "run.json").read_text())["plan"]["steps"]
    assert (step["parameters"]["threshold"], step["parameters"]["min_shot_s"]) == (12.5, 1)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (["threshold"], "component.parameter=value"),
        (["threshold=3"], "component.parameter=value"),
        (["shot_detection.threshold=3", "shot_detection.threshold.x=1"], "has a value already"),
    ],
)
def test_what_sets_no_parameter_is_told(run: Run, tmp_path: Path, settings: list[str], reason: str) -> None:
    video = write(tmp_path / "clip.mp4", Clip(n_frames=3))
    refused = run("submit", video, *(word for one in settings for word in ("--set", one)))
    assert (refused.returncode, reason in " ".join(refused.stderr.split())) == (2, True), refused.stderr


def test_an_ended_job_can_be_watched_by_the_beginning_of_its_id(run: Run, job: str) -> None:
    assert run("watch", job[:8]).returncode == 0


def test_the_files_are_fetched_one_by_one_or_as_a_zip(run: Run, job: str, tmp_path: Path) -> None:
    assert run("fetch", job, "--output", tmp_path / "files").returncode == 0
    assert "clip_scenes.json" in {path.name for path in (tmp_path / "files").iterdir()}
    assert run("fetch", job, "--zip", "--output", tmp_path).returncode == 0
    with zipfile.ZipFile(next(tmp_path.glob("*.zip"))) as archive:
        assert archive.testzip() is None
        assert "clip.mp4" in {Path(name).name for name in archive.namelist()}


def test_a_recording_of_sound_comes_back_with_one_film_to_play(run: Run, tmp_path: Path) -> None:
    sound = write(tmp_path / "talk.wav", Clip(n_frames=0, sound=Sound(codec="pcm_s16le")))
    job_id = run("submit", sound, "--pipelines", "voice_prosody", "--watch").stdout.split()[0]
    assert run("fetch", job_id, "--zip", "--output", tmp_path).returncode == 0
    with zipfile.ZipFile(next(tmp_path.glob("*.zip"))) as archive:
        media = [name for name in archive.namelist() if Path(name).suffix in VIDEO_SUFFIXES]
        assert media == ["talk.mp4"]
        film = probe(Path(archive.extract("talk.mp4", tmp_path)))
    assert (film.video_codec, film.has_audio) == ("h264", True)


def test_a_completed_job_cannot_be_cancelled(run: Run, job: str) -> None:
    refused = run("cancel", job)
    assert refused.returncode == 1
    assert "JOB_ALREADY_COMPLETED" in refused.stderr


def test_a_key_works_until_it_is_revoked(run: Run) -> None:
    made = run("token", "create", "colleague")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert run("jobs", "--token", key).returncode == 0
    listed = run("token", "list").stdout
    assert key not in listed
    own = next(line for line in listed.splitlines() if "colleague" in line)
    key_id = next(word for word in own.split() if len(word) == len(str(uuid.uuid4())))
    assert run("token", "revoke", key_id).returncode == 0
    refused = run("jobs", "--token", key)
    assert refused.returncode == 1
    assert "TOKEN_REVOKED" in refused.stderr


def test_a_webhook_is_made_tried_and_removed(run: Run) -> None:
    with receiving() as receiver:
        made = run("webhook", "create", receiver.url, "--event", "job.complete")
        assert made.returncode == 0, made.stderr
        webhook, secret = made.stdout.split()
        assert secret.startswith("whsec_")
        listed = run("webhook", "list").stdout
        assert (webhook in listed, receiver.url in listed, secret in listed) == (True, True, False)
        delivery = run("webhook", "test", webhook).stdout.strip()
        until(lambda: "delivered" in run("webhook", "deliveries", webhook).stdout, 60)
    assert b'"ping"' in receiver.heard[0][1]
    told = run("webhook", "deliveries", webhook).stdout.splitlines()[-1].split()
    assert told[:4] == [delivery, "ping", "delivered", "1"]
    assert run("webhook", "delete", webhook).returncode == 0
    assert run("webhook", "deliveries", webhook).returncode == 2
