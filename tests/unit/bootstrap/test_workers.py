"""Which worker processes a server starts, by its settings and the machine's GPUs."""

from pathlib import Path

import pytest

from videoannotator.bootstrap.workers import worker_settings
from videoannotator.settings import Settings


@pytest.mark.parametrize(
    ("n_gpus", "settings", "served"),
    [
        (0, {"workers": 2}, [("cpu", "gpu"), ("cpu", "gpu")]),
        (1, {"workers": 2}, [("cpu",), ("cpu",), ("gpu",)]),
        (1, {"workers": 1, "gpu_workers": 2}, [("cpu",), ("gpu",), ("gpu",)]),
        (1, {"workers": 1, "gpu_workers": 0}, [("cpu", "gpu")]),
        (1, {"workers": 0}, []),
    ],
)
def test_jobs_for_a_gpu_have_workers_of_their_own(n_gpus, settings, served):
    workers = worker_settings(Settings(**settings), "sqlite://", n_gpus)
    assert [one.queues for one in workers] == served
    assert len({one.executor for one in workers}) == len(workers)


@pytest.mark.parametrize(("n_gpus", "served"), [(0, [("cpu",)]), (1, [("cpu",), ("gpu",)])])
def test_a_machine_without_a_gpu_lends_nobody_one(n_gpus, served):
    workers = worker_settings(Settings(workers=1), "sqlite://", n_gpus, lent=True)
    assert [one.queues for one in workers] == served


def test_names_stay_the_same_after_a_restart():
    settings = Settings(data_dir=Path("data"), workers=1)
    names = [[one.executor for one in worker_settings(settings, "sqlite://", n)] for n in (0, 1)]
    assert names == [["local-0"], ["local-0", "local-gpu-0"]]
