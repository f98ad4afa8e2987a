from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.running import Running, clip, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("video"))


@pytest.fixture
def job(server: Running, video: Path) -> str:
    """A job that waits."""
    job_id: str = server.submit(video)["id"]
    return job_id
