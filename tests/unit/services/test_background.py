"""What goes on in the background outlives what nobody has thought of."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.synthetic.clips import Clip, write
from tests.synthetic.server import running

from videoannotator.db.schema import batch_items
from videoannotator.domain.errors import ServiceUnavailable
from videoannotator.services.background import Round
from videoannotator.worker.settings import WorkerSettings
from videoannotator.worker.supervisor import Supervisor


def until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.05)


@pytest.mark.parametrize("error", [ServiceUnavailable(), KeyError("x"), OSError(24, "too many files")])
def test_an_error_ends_a_round_and_is_told(error: Exception, capfd: pytest.CaptureFixture[str]) -> None:
    with Round("something") as one:
        raise error
    assert one.failed
    assert "something" in "".join(capfd.readouterr())


@pytest.mark.parametrize("end", [asyncio.CancelledError, KeyboardInterrupt])
def test_the_end_of_a_task_is_no_error(end: type[BaseException]) -> None:
    with pytest.raises(end), Round("something"):
        raise end
    with Round("something") as one:
        pass
    assert not one.failed


def test_an_item_that_breaks_the_server_s_code_fails_and_the_others_have_their_turns(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Clip(n_frames=10)).read_bytes()
    with running(tmp_path) as api:
        video = api.admin.post("/api/v1/videos", files={"video": ("a.mp4", clip)}).json()
        wish = {"items": [{"video_id": video["id"]}] * 4, "preset": "quick-look"}
        batch = api.admin.post("/api/v1/batches", json=wish).json()["id"]

        def jobs() -> list[str]:
            return [one["id"] for one in api.admin.get(f"/api/v1/jobs?batch_id={batch}").json()["jobs"]]

        until(lambda: len(jobs()) == 2)  # as many as may stand in the queue
        with api.database() as database, database.write() as connection:
            third = (batch_items.c.batch_id == batch) & (batch_items.c.place == 2)
            connection.execute(sa.update(batch_items).where(third).values(wish={"config": 5}))
        for job in jobs():
            api.admin.post(f"/api/v1/jobs/{job}/cancel")
        until(lambda: len(jobs()) == 3)
        items = api.admin.get(f"/api/v1/batches/{batch}/jobs").json()["items"]
        assert [one["status"] for one in items] == ["cancelled", "cancelled", "failed", "pending"]
        assert items[2]["error_code"] == "INTERNAL_ERROR"
        assert "AttributeError" in items[2]["error_message"]


def test_a_worker_that_cannot_be_started_yet_is_started_later(tmp_path: Path) -> None:
    program = tmp_path / "worker"
    settings = WorkerSettings(database_url="sqlite://", data_dir=tmp_path, executor="one")
    supervisor = Supervisor([str(program)], [settings])
    supervisor.start()
    time.sleep(0.5)
    (tmp_path / "new").write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    (tmp_path / "new").chmod(0o700)
    (tmp_path / "new").rename(program)
    until(lambda: "one" in supervisor.pids())
    pid = supervisor.pids()["one"]
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
