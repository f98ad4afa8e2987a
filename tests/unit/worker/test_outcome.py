import pytest
from tests.synthetic.jobs import NOW, job, step

from videoannotator.domain.jobs import Failure, Job
from videoannotator.domain.report import ComponentStatus, FileWritten, Stage
from videoannotator.worker.outcome import StageOutcome, artifact, verdict

EXPORTED = StageOutcome(stage=Stage.EXPORT)


def ended(**statuses: ComponentStatus) -> Job:
    pending = job("job", *(step(name) for name in statuses))
    components = tuple(
        one.model_copy(update={"status": statuses[one.component], "error_message": "why", "error_code": "X"})
        for one in pending.components
    )
    return pending.model_copy(update={"components": components})


def test_nothing_failed_nothing_to_say() -> None:
    job_ = ended(a=ComponentStatus.COMPLETED, b=ComponentStatus.SKIPPED)
    assert verdict(job_, [EXPORTED]) == (None, False)


def test_a_partial_success_names_what_failed() -> None:
    failure, lost = verdict(ended(a=ComponentStatus.COMPLETED, b=ComponentStatus.FAILED), [EXPORTED])
    assert failure is not None
    assert not lost
    assert failure.message == "Job completed with errors. Failed components: b (why)"


def test_components_that_failed_together_share_their_reason() -> None:
    failed = dict.fromkeys("bc", ComponentStatus.FAILED)
    failure, _ = verdict(ended(a=ComponentStatus.COMPLETED, **failed), [EXPORTED])
    assert failure is not None
    assert failure.message == "Job completed with errors. Failed components: b, c (why)"


def test_a_job_without_any_completed_component_is_lost() -> None:
    failure, lost = verdict(ended(a=ComponentStatus.FAILED, b=ComponentStatus.SKIPPED), [EXPORTED])
    assert failure is not None
    assert lost
    assert (failure.code, failure.message) == ("X", "a: why")


def test_results_that_could_not_be_written_are_lost() -> None:
    full = Failure(code="STORAGE_FULL", message="The disk is full")
    outcome = StageOutcome(stage=Stage.EXPORT, failure=full)
    assert verdict(ended(a=ComponentStatus.COMPLETED), [outcome]) == (full, True)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.vtt", "text/vtt"),
        ("a.json", "application/json"),
        ("a.TextGrid", "text/plain"),
        ("a.mp4", "video/mp4"),
        ("a.parquet", "application/vnd.apache.parquet"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
def test_files_get_the_media_type_of_their_format(name: str, media_type: str) -> None:
    file = FileWritten(name=name, kind="table", format="x", size_bytes=1, sha256="ab")
    assert artifact("job", file, NOW).media_type == media_type
