"""Workers on another machine than the server: what must be shared, and what is said where it is not."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.bench import until
from tests.e2e.test_serve import free_port, served, wait_for
from tests.synthetic import patient, postgres

from videoannotator.client import Client


def command(data_dir: Path) -> list[str]:
    return [sys.executable, "-m", "videoannotator.cli.main", "work", "--data-dir", str(data_dir)]


def refusal(data_dir: Path) -> str:
    ended = subprocess.run(command(data_dir), capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    return ended.stderr


def test_sqlite_serves_one_machine_only(tmp_path: Path) -> None:
    assert "PostgreSQL" in refusal(tmp_path)


@pytest.mark.postgres
def test_a_machine_that_shares_database_and_data_directory_does_the_jobs_of_the_server(
    postgres_server: str,
    make_clip: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_DATABASE_URL", postgres.new_database(postgres_server))
    port, data_dir = free_port(), tmp_path / "data"
    assert "is not the data directory of a server" in refusal(tmp_path)
    with served(data_dir, port, "--workers", "0"):
        wait_for(port)
        with Client(f"http://127.0.0.1:{port}", (data_dir / "token").read_text()) as client:
            lost = client.submit(make_clip("lost.mp4", n_frames=20), pipelines=["shot_detection"]).id
            shutil.rmtree(data_dir / "blobs")  # as a directory looks that is not the server's
            good = client.submit(make_clip("good.mp4", n_frames=30), pipelines=["shot_detection"]).id
            time.sleep(3)
            assert {client.job(one).status.value for one in (lost, good)} == {"pending"}
            helper = subprocess.Popen(command(data_dir))
            try:
                until(lambda: client.job(lost).is_over and client.job(good).is_over, 60)
            finally:
                helper.terminate()
                assert helper.wait(12) == 0
            assert client.job(good).status == "completed"
            failed = client.job(lost)
            assert (failed.status, failed.error_code) == ("failed", "STORAGE_ERROR")
            assert "data directory" in str(failed.hint)
        assert patient.get(f"http://127.0.0.1:{port}/health/ready").status_code == 503
