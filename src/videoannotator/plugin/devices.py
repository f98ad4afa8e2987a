"""Where a model runs: what a person chose, what the installation says, what a library can use here."""

import os
from pathlib import Path

from pydantic import Field

from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.domain.plan import Plan
from videoannotator.plugin.component import Context, Parameters

_CPU = "cpu"


class OnDevice(Parameters):
    """Parameters of a component whose model can run on a GPU."""

    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d{1,2})?)$",
        description="Where the model runs: auto (as the installation is set), cpu, or cuda:N for a GPU.",
    )


def choose(parameter: str, context: Context, n_gpus: int) -> str:
    """``cpu`` or ``cuda:N``, for a library that can use ``n_gpus`` GPUs here.

    A GPU that somebody named and that is not there is an error; ``auto`` takes one where there is one.
    What is chosen ends up in ``run.json``. Raises ComponentUnavailable.
    """
    device = _chosen(context.device if parameter == "auto" else parameter, n_gpus)
    context.uses(device)
    return device


def _chosen(wanted: str, n_gpus: int) -> str:
    if wanted == "auto":
        return "cuda:0" if n_gpus else _CPU
    if wanted == _CPU:
        return _CPU
    index = int(wanted.partition(":")[2] or 0)
    if index >= n_gpus:
        found = f"{n_gpus} GPUs" if n_gpus else "no GPU"
        raise ComponentUnavailable(
            f"{wanted} is asked for, and the library finds {found} here",
            hint="Use device=auto or device=cpu, or install the library's GPU build.",
            field="device",
        )
    return f"cuda:{index}"


def n_gpus() -> int:
    """How many NVIDIA GPUs the driver shows on this machine; no library has to be loaded to know."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return 0 if hidden else len(list(Path("/dev").glob("nvidia[0-9]*")))


def may_use_gpu(plan: Plan, setting: str) -> bool:
    """Whether the ``device`` of some component lets it run on a GPU, where its library finds one."""
    wanted = (step.parameters.get("device", _CPU) for step in plan.steps)
    return any((setting if one == "auto" else one) != _CPU for one in wanted)


def index_of(device: str) -> int:
    """The number of a GPU; 0 for the processor."""
    return int(device.partition(":")[2] or 0)
