import pytest
from tests.synthetic.jobs import NOW, job, step

from videoannotator.domain.jobs import Failure
from videoannotator.domain.report import (
    ComponentChange,
    ComponentStatus,
    FileWritten,
    Log,
    Progress,
    Stage,
    StageEnd,
)
from videoannotator.worker.relay import Relay, stages

BOTH = job("job", step("seen"), step("heard", "audio"))


def relay(stage: Stage = Stage.VISUAL, at_s: list[float] | None = None) -> Relay:
    times = iter(at_s or [0.0] * 99)
    return Relay(BOTH, stage, lambda: NOW, lambda: next(times))


def test_a_job_has_the_stages_that_its_components_need() -> None:
    assert stages(BOTH) == (Stage.VISUAL, Stage.AUDIO, Stage.EXPORT)
    assert stages(job("job", step("heard", "audio"))) == (Stage.AUDIO, Stage.EXPORT)


def test_the_stage_is_news_once_and_then_nothing_is() -> None:
    teller = relay()
    first = teller.snapshot()
    assert first is not None
    assert (first.stage, first.progress) == (Stage.VISUAL, 0.0)
    assert teller.snapshot() is None


def test_progress_adds_up_over_the_stages() -> None:
    reached = []
    for stage in stages(BOTH):
        teller = relay(stage)
        for fraction in (0.5, 1.0):
            teller.take(Progress(stage=stage, fraction=fraction))
            snapshot = teller.snapshot()
            assert snapshot is not None
            reached.append(snapshot.progress)
    assert reached == [30.0, 60.0, 77.5, 95.0, 97.5, 100.0]  # shares of 60, 35 and 5 percent


def test_the_time_left_follows_from_the_pace_of_the_stage() -> None:
    teller = relay(Stage.VISUAL, [100.0, 110.0])
    teller.snapshot()
    teller.take(Progress(stage=Stage.VISUAL, fraction=1 / 3))
    snapshot = teller.snapshot()
    assert snapshot is not None
    assert snapshot.eta_s == 40.0  # 20 of 100 percent took 10 s


def test_only_changed_components_are_told() -> None:
    teller = relay()
    teller.take(ComponentChange(stage=Stage.VISUAL, component="seen", status=ComponentStatus.RUNNING))
    first = teller.snapshot()
    teller.take(Progress(stage=Stage.VISUAL, fraction=0.1))
    second = teller.snapshot()
    assert first is not None
    assert second is not None
    assert [(one.component, one.status, one.started_at) for one in first.components] == [
        ("seen", ComponentStatus.RUNNING, NOW)
    ]
    assert second.components == ()


def test_a_flood_of_log_lines_is_cut_and_counted() -> None:
    teller = relay()
    for number in range(100):
        teller.take(Log(message=f"{number}"))
    snapshot = teller.snapshot()
    assert snapshot is not None
    assert [line.message for line in snapshot.logs][-2:] == ["11", "88 lines of log were dropped"]


def test_what_could_not_be_written_is_told_again() -> None:
    teller = relay()
    teller.take(Log(message="one"))
    teller.take(ComponentChange(stage=Stage.VISUAL, component="seen", status=ComponentStatus.RUNNING))
    lost = teller.snapshot()
    assert lost is not None
    teller.put_back(lost)
    teller.take(Log(message="two"))
    again = teller.snapshot()
    assert again is not None
    assert [line.message for line in again.logs] == ["one", "running", "two"]
    assert again.components == lost.components


@pytest.mark.parametrize(("stage", "of_done"), [(Stage.AUDIO, None), (Stage.VISUAL, "CRASHED")])
def test_giving_up_fails_all_whose_results_are_not_kept(stage: Stage, of_done: str | None) -> None:
    """Those of audio components are kept one by one, those of the visual ones together at the end."""
    both = job("job", step("done", stage.value), step("open", stage.value))
    teller = Relay(both, stage, lambda: NOW)
    teller.take(ComponentChange(stage=stage, component="done", status=ComponentStatus.COMPLETED))
    teller.give_up(Failure(code="CRASHED", message="it died"))
    snapshot = teller.snapshot()
    assert snapshot is not None
    assert [(one.component, one.error_code) for one in snapshot.components] == [
        ("done", of_done),
        ("open", "CRASHED"),
    ]


def test_files_and_the_end_are_kept() -> None:
    teller = relay(Stage.EXPORT)
    file = FileWritten(name="a.csv", kind="table", format="csv", size_bytes=1, sha256="ab")
    teller.take(file)
    teller.take(file)  # a resumed export writes it again
    teller.take(StageEnd(stage=Stage.EXPORT))
    assert list(teller.files.values()) == [file]
    assert teller.end is not None
