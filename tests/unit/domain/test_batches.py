"""What a batch says of itself."""

from datetime import timedelta

import pytest
from tests.synthetic.jobs import NOW

from videoannotator.domain.batches import Batch
from videoannotator.domain.jobs import JobStatus


@pytest.mark.parametrize(
    ("completed", "failed", "running", "progress", "eta_s"),
    [
        (2, 0, 1, 25.0, 300),  # two and a half of ten took 100 s
        (2, 2, 1, 45.0, 220),  # failures took no time: two and a half are done, five and a half are left
        (0, 3, 1, 30.0, None),  # nothing but failures: nobody knows
        (0, 0, 0, 0.0, None),
    ],
)
def test_time_left_follows_from_what_has_been_worked_on(
    completed: int, failed: int, running: int, progress: float, eta_s: float | None
) -> None:
    counts = {JobStatus.COMPLETED: completed, JobStatus.FAILED: failed, JobStatus.RUNNING: running}
    counts[JobStatus.PENDING] = 10 - sum(counts.values())
    known = {"id": "b", "owner": "a", "name": "n", "created_at": NOW, "updated_at": NOW}
    batch = Batch(**known, n_items=10, counts=counts, progress=progress)
    assert batch.eta_s(NOW + timedelta(seconds=100)) == pytest.approx(eta_s)
