"""Where a model runs: what a person chose, what the installation says, what a library can use here."""

from pydantic import Field

from videoannotator.domain.errors import ComponentUnavailable
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
    Raises ComponentUnavailable.
    """
    wanted = context.device if parameter == "auto" else parameter
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


def index_of(device: str) -> int:
    """The number of a GPU; 0 for the processor."""
    return int(device.partition(":")[2] or 0)
