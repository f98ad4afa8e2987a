from pathlib import Path

import pytest
from pydantic import ValidationError

from videoannotator.domain.errors import ComponentUnavailable, NotEnoughMemory
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Plan, Step
from videoannotator.plugin.component import Context
from videoannotator.plugin.devices import OnDevice, choose, index_of, may_use_gpu
from videoannotator.plugin.memory import admit, free_on, size_of

VIDEO = Video(id="0" * 64, path=Path("v.mp4"), name="v.mp4", size_bytes=1, duration_s=1)


@pytest.mark.parametrize(
    ("parameter", "setting", "n_gpus", "device"),
    [
        ("auto", "auto", 0, "cpu"),
        ("auto", "auto", 2, "cuda:0"),
        ("auto", "cpu", 2, "cpu"),
        ("auto", "cuda:1", 2, "cuda:1"),
        ("cpu", "cuda:0", 2, "cpu"),
        ("cuda", "cpu", 1, "cuda:0"),
        ("cuda:1", "cpu", 2, "cuda:1"),
    ],
)
def test_the_parameter_wins_and_auto_asks_the_installation(parameter, setting, n_gpus, device):
    assert choose(parameter, Context(VIDEO, Path, device=setting), n_gpus) == device


@pytest.mark.parametrize(
    ("setting", "devices", "may"),
    [
        ("auto", ["auto"], True),
        ("auto", ["cpu", None], False),
        ("cpu", ["auto"], False),
        ("cpu", ["auto", "cuda:1"], True),
        ("cuda:0", ["cpu", "auto"], True),
        ("cuda:0", [None], False),  # a component that knows no GPU
    ],
)
def test_a_plan_may_use_a_gpu_where_one_component_may(setting, devices, may):
    steps = [
        Step(
            pipeline="p",
            component="c",
            version="1",
            passes="visual",
            parameters={"device": device} if device else {},
        )
        for device in devices
    ]
    assert may_use_gpu(Plan(steps=tuple(steps)), setting) is may


def test_what_is_chosen_is_told():
    told = []
    choose("auto", Context(VIDEO, Path, device="auto", uses=told.append), 1)
    assert told == ["cuda:0"]


def test_a_gpu_that_is_not_there_is_never_replaced_silently():
    with pytest.raises(ComponentUnavailable, match="cuda:1 is asked for, and the library finds 1 GPUs"):
        choose("cuda:1", Context(VIDEO, Path), 1)


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:-1", "CPU"])
def test_other_words_are_refused(device):
    with pytest.raises(ValidationError):
        OnDevice(device=device)


def test_a_device_has_a_number():
    assert [index_of(device) for device in ("cpu", "cuda:0", "cuda:3")] == [0, 0, 3]


def test_a_model_that_cannot_fit_is_refused_before_it_is_loaded(tmp_path):
    (tmp_path / "sub").mkdir()
    for name, n_bytes in (("a", 600), ("sub/b", 400)):
        (tmp_path / name).write_bytes(bytes(n_bytes))
    assert size_of(tmp_path) == 1000
    admit(tmp_path, available_bytes=1300)  # 1000 bytes and three tenths of headroom
    with pytest.raises(NotEnoughMemory, match="are free on cpu"):
        admit(tmp_path, available_bytes=1299)


def test_free_memory_is_what_the_kernel_says():
    lines = Path("/proc/meminfo").read_text().splitlines()
    total = int(next(line for line in lines if line.startswith("MemTotal")).split()[1]) * 1024
    free = free_on("cpu")
    assert free is not None
    assert 0 < free <= total
