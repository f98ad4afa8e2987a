import av
import numpy as np
import pytest

from videoannotator.domain.errors import NothingToResume
from videoannotator.domain.report import ComponentChange, ComponentStatus, Progress, Stage
from videoannotator.files.store import FileStore


class Killed(BaseException):
    """As abrupt as a signal: nothing in the engine may catch it."""


class FailingStore(FileStore):
    """Writes so many entries, then the process is gone."""

    def __init__(self, root, n_puts):
        super().__init__(root)
        self.left = n_puts

    def put(self, key, data):
        if self.left == 0:
            raise Killed
        self.left -= 1
        super().put(key, data)


def statuses(bench):
    return {outcome.component: outcome.status for outcome in bench.said.outcomes}


def test_components_see_the_frames_that_a_plain_decoder_gives(bench, make_run, clip):
    levels = bench(make_run(components=["level"])).work().said.table("levels")
    with av.open(str(clip)) as container:
        truth = [f.to_ndarray(format="rgb24").mean() for f in container.decode(video=0)]
    np.testing.assert_array_equal(levels["frame_index"], np.arange(0, 1000, 5))
    np.testing.assert_allclose(levels["time_s"], np.arange(0, 40, 0.2), atol=1e-6)
    np.testing.assert_allclose(levels["level"], truth[::5], atol=1e-9)


def test_state_goes_from_chunk_to_chunk_and_a_last_word_is_kept(bench, make_run):
    said = bench(make_run(components=["sum"])).work().said
    levels = said.table("levels")["level"]
    np.testing.assert_allclose(said.table("sums")["total"], np.cumsum(levels))
    np.testing.assert_allclose(said.table("total")["total"], [levels.sum()])


def test_rows_for_later_components_only_are_not_stored(bench, make_run):
    done = bench(make_run(components=["sum"])).work()
    assert not any(b"crops" in (data or b"") for data in done.rows.values())


def test_each_frame_is_decoded_once(bench, make_run):
    counters = bench(make_run(components=["level", "sum"])).work().said.counters[Stage.VISUAL]
    assert counters.n_frames_decoded == 1000
    assert counters.n_chunks > 2
    assert counters.components["level"].n_frames == 200
    assert (counters.n_starts, counters.resumed_from) == (1, ())


def test_sound_is_heard_and_its_rows_kept(bench, make_run):
    power = bench(make_run(pipelines=["sound"])).work().said.table("power")
    # A sine of amplitude 20000 / 32768 for 0.1 s of 40 s.
    assert power["power"][0] == pytest.approx((20_000 / 32_768) ** 2 / 2 * 0.1 / 40, rel=0.05)


def test_a_component_that_breaks_takes_only_its_dependents_along(bench, make_run):
    done = bench(make_run(overrides=["level.fail_at=400"])).work()
    assert statuses(done) == {
        "level": ComponentStatus.FAILED,
        "sum": ComponentStatus.SKIPPED,
        "loudness": ComponentStatus.COMPLETED,
    }
    failed, skipped = (next(o for o in done.said.outcomes if o.component == n) for n in ("level", "sum"))
    assert (failed.error_code, failed.error_message) == (
        "COMPONENT_FAILED",
        "RuntimeError: broken at frame 400",
    )
    assert skipped.error_message == "It needs level, which failed"
    assert len(done.said.table("levels")) == 0
    assert len(done.said.table("power")) == 1


def test_rows_that_were_not_declared_are_their_component_s_failure(bench, make_run):
    done = bench(make_run(pipelines=["sound"], overrides=["loudness.lie=true"])).work()
    assert statuses(done) == {"loudness": ComponentStatus.FAILED}
    assert "does not declare" in (done.said.outcomes[0].error_message or "")


def test_a_model_that_does_not_load_leaves_the_others_at_work(bench, make_run):
    done = bench(make_run(pipelines=["light"], overrides=["sum.fail_at_start=true"])).work()
    assert statuses(done) == {"level": ComponentStatus.COMPLETED, "sum": ComponentStatus.FAILED}
    assert len(done.said.table("levels")) == 200


def test_a_finished_pass_is_told_again_but_not_done_again(bench, make_run):
    done = bench(make_run())
    done.work()
    before, counters = done.rows, done.said.counters
    done.reports.clear()
    done.work()
    assert (done.rows, done.said.counters) == (before, counters)
    told = [(r.component, r.status) for r in done.reports if isinstance(r, ComponentChange)]
    assert sorted(told) == sorted(statuses(done).items())


def test_a_ledger_of_another_plan_is_refused(bench, make_run):
    done = bench(make_run(components=["level"])).work()
    with pytest.raises(NothingToResume):
        bench(make_run(components=["level"], overrides=["level.region=left"]), done.store).work()


@pytest.mark.parametrize("fail_at", [None, 400])
def test_a_run_killed_at_any_write_goes_on_to_the_same_bytes(bench, make_run, tmp_path, fail_at):
    run = make_run(config={"level.fail_at": fail_at})
    counting = FailingStore(tmp_path / "whole", -1)
    whole = bench(run, counting).work()
    for n_puts in range(-1 - counting.left):
        root = tmp_path / f"killed-{n_puts}"
        with pytest.raises(Killed):
            bench(run, FailingStore(root, n_puts)).work()
        resumed = bench(run, FileStore(root)).work()
        assert resumed.rows == whole.rows
        if fail_at is None:
            assert resumed.said.counters[Stage.VISUAL].n_frames_decoded == 1000


def test_what_was_committed_is_not_done_again(bench, make_run, tmp_path):
    run = make_run(components=["level"])
    with pytest.raises(Killed):
        bench(run, FailingStore(tmp_path / "killed", 8)).work()  # header, counters, 2 x (state, span, chunk)
    resumed = bench(run, FileStore(tmp_path / "killed")).work()
    counters = resumed.said.counters[Stage.VISUAL]
    assert (counters.n_starts, counters.resumed_from) == (2, (1,))
    first = next(report for report in resumed.reports if isinstance(report, Progress))
    assert first.time_s >= 20.0  # two chunks of at most 250 frames, 25 a second


def test_only_the_last_state_is_kept(bench, make_run):
    done = bench(make_run(components=["sum"])).work()
    assert len(list(done.store.keys("visual/state/"))) == 1
    assert len(list(done.store.keys("visual/chunks/"))) > 2
