"""The same rows come out of the checkpoints of a running job and out of its finished files."""

from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.annotations import video
from tests.synthetic.plugins import LEVELS, REGISTRY

from videoannotator.domain.plan import Plan, Run, Step
from videoannotator.engine.ledger import Entry, Ledger
from videoannotator.exporters import parquet
from videoannotator.files.store import FileStore
from videoannotator.plugin.component import Annotation
from videoannotator.services.commits import Commits
from videoannotator.services.finished_tables import FinishedTables
from videoannotator.services.live_tables import LiveTables
from videoannotator.services.windows import Window, select

STEP = Step(pipeline="light", component="level", version="1.0.0", passes="visual", parameters={})
RUN = Run(video=video().model_copy(update={"duration_s": 40.0}), plan=Plan(steps=(STEP,)))
RATE_HZ, CHUNK_S = 5, 10


def chunk(index: int):
    """Ten seconds of levels, each the number of its sample."""
    number = np.arange(CHUNK_S * RATE_HZ) + index * CHUNK_S * RATE_HZ
    return LEVELS.table(time_s=number / RATE_HZ, frame_index=number, level=number)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Three of four chunks are done."""
    ledger = Ledger(FileStore(tmp_path / "ledger"))
    for index in range(3):
        ledger.commit_chunk(index, {"level": [Annotation("levels", chunk(index))]}, b"state")
    return ledger


def live(ledger: Ledger) -> LiveTables:
    return LiveTables("job", RUN, ledger, REGISTRY, Commits())


def finished(tmp_path: Path) -> FinishedTables:
    path = tmp_path / "clip_levels.parquet"
    parquet.write(path, LEVELS, [chunk(index) for index in range(3)])
    return FinishedTables({"levels": path}, 40.0)


def test_a_running_job_tells_how_far_its_tables_reach(ledger):
    (levels,) = live(ledger).tables()
    assert (levels.name, levels.columns) == ("levels", ("time_s", "frame_index", "level"))
    assert levels.covered_s == pytest.approx(29.8)  # the last sample of the third chunk
    ledger.commit_end({}, Entry())
    assert live(ledger).covered_s("levels") == 40.0  # the pass is done: nothing more will come


def test_a_window_is_the_same_while_the_job_runs_and_when_it_is_done(ledger, tmp_path):
    window = Window(start_s=9.5, end_s=10.5)
    for source in (live(ledger), finished(tmp_path)):
        rows, _ = select(source.read("levels", window), window)
        assert rows["level"].tolist() == [48, 49, 50, 51, 52]  # 9.6, 9.8 ... 10.4 s, five a second
        assert rows["frame_index"].dtype.kind == "i"


def test_only_chunks_near_the_window_are_read(ledger, tmp_path):
    (tmp_path / "ledger" / "visual" / "chunks" / "000002").write_bytes(b"damaged")
    assert (
        len(live(ledger).read("levels", Window(start_s=3, end_s=4))["level"]) == 50
    )  # the first chunk alone
    assert live(ledger).covered_s("levels") == pytest.approx(29.8)


def test_a_commit_is_read_once(ledger, tmp_path):
    commits = Commits()
    first = LiveTables("job", RUN, ledger, REGISTRY, commits).read("levels", Window())
    for path in (tmp_path / "ledger" / "visual" / "chunks").iterdir():
        path.write_bytes(b"damaged")
    again = LiveTables("job", RUN, ledger, REGISTRY, commits).read("levels", Window())
    np.testing.assert_array_equal(again["level"], first["level"])


@pytest.mark.parametrize("max_bytes", [0, 2000, 1 << 20])  # nothing fits, one chunk does, all do
def test_what_does_not_fit_in_memory_is_read_again(ledger, max_bytes):
    commits = Commits(max_bytes)
    for _ in range(2):
        source = LiveTables("job", RUN, ledger, REGISTRY, commits)
        assert source.read("levels", Window())["level"].tolist() == list(range(150))
        assert len(source.read("levels", Window(start_s=3, end_s=4))["level"]) == 50  # the first chunk alone


def test_chunks_that_come_later_are_seen(ledger):
    commits = Commits()
    assert LiveTables("job", RUN, ledger, REGISTRY, commits).covered_s("levels") == pytest.approx(29.8)
    ledger.commit_chunk(3, {"level": [Annotation("levels", chunk(3))]}, b"state")
    source = LiveTables("job", RUN, ledger, REGISTRY, commits)
    assert source.covered_s("levels") == pytest.approx(39.8)
    assert len(source.read("levels", Window())["level"]) == 200


def test_runs_are_told_apart(ledger, tmp_path):
    other = Ledger(FileStore(tmp_path / "other"))
    other.commit_chunk(0, {"level": [Annotation("levels", chunk(7))]}, b"state")
    commits = Commits()
    LiveTables("job", RUN, ledger, REGISTRY, commits).read("levels", Window())
    rows = LiveTables("other", RUN, other, REGISTRY, commits).read("levels", Window())
    assert rows["level"][0] == 350


def test_what_is_missing_in_a_file_is_missing_in_the_rows(tmp_path):
    path = tmp_path / "clip_levels.parquet"
    parquet.write(path, LEVELS, [LEVELS.table(time_s=[0, 1], frame_index=[0, 1], level=[np.nan, 2])])
    rows = FinishedTables({"levels": path}, 2.0).read("levels", Window())
    np.testing.assert_array_equal(rows["level"], [np.nan, 2])


def test_an_unknown_table_is_a_key_error(ledger, tmp_path):
    for source in (live(ledger), finished(tmp_path)):
        with pytest.raises(KeyError):
            source.read("unheard_of", Window())
