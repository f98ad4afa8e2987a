"""A running job is cancelled in every phase of its real child: nothing is left of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.phases import PHASES, Phase, cancel
from tests.e2e.served import Server

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, library: object) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("cancel") / "data")
    yield server
    server.stop()


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_job_that_is_cancelled_leaves_nothing(server: Server, tmp_path: Path, phase: Phase) -> None:
    left = cancel(server, phase.video(tmp_path), phase)
    assert (left.n_children, left.n_artifacts, left.has_folder) == (0, 0, False)
