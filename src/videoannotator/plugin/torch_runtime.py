"""PyTorch and transformers at work; both load when a model is first asked for."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import WeightsError
from videoannotator.plugin import devices
from videoannotator.plugin.component import Context, Unavailable
from videoannotator.plugin.memory import admit

_NEEDED = ("torch", "transformers", "PIL")
_PREFIX = "_orig_mod."  # what torch.compile puts before the names of a saved model

MISSING = Unavailable(
    ModelState.NOT_INSTALLED,
    "It needs PyTorch and transformers, which are not installed.",
    "Install them with: pip install 'videoannotator[torch]'",
)


def missing() -> Unavailable | None:
    """What to install, where the extra ``torch`` is not; looks without importing anything."""
    return None if all(find_spec(name) for name in _NEEDED) else MISSING


def device(parameter: str, context: Context) -> str:
    """``cpu`` or ``cuda:N``; raises ComponentUnavailable for a GPU that is not there."""
    import torch

    torch.set_num_threads(context.n_threads)
    return devices.choose(parameter, context, torch.cuda.device_count())


def pretrained(folder: Path, device: str) -> Any:
    """Load a model of transformers from its folder; raises NotEnoughMemory or WeightsError."""
    from transformers import AutoModel
    from transformers.utils import logging

    admit(folder, device)
    logging.disable_progress_bar()
    try:
        return AutoModel.from_pretrained(folder, local_files_only=True).eval().to(device)
    except (OSError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{folder.name} is no model that transformers can load: {error}") from error


class RegressionHead:
    """Linear layers with ReLU between them and one number at the end, as a saved state describes them.

    The state's own order is the order of the layers; dropout and flattening leave no trace in it.
    """

    def __init__(self, state: Mapping[str, Any], device: str) -> None:
        weights = [name for name, value in state.items() if name.endswith(".weight") and value.ndim == 2]
        self._layers = [
            (state[name].to(device), state[f"{name.removesuffix('weight')}bias"].to(device))
            for name in weights
        ]
        if not self._layers or self._layers[-1][0].shape[0] != 1:
            raise WeightsError("a regression head has to end in one number")

    @classmethod
    def load(cls, path: Path, device: str) -> "RegressionHead":
        """Read a head from a file, without running anything it says; raises WeightsError."""
        import torch

        admit(path, device)
        try:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
            return cls({name.removeprefix(_PREFIX): value for name, value in state.items()}, device)
        except (KeyError, AttributeError, RuntimeError, ValueError) as error:
            raise WeightsError(f"{path.name} is no regression head: {error}") from error

    @property
    def n_inputs(self) -> int:
        """Length of the vectors that the head reads."""
        return int(self._layers[0][0].shape[1])

    def __call__(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """One raw score for each of the vectors (n, n_inputs)."""
        import torch

        with torch.inference_mode():
            values = torch.from_numpy(vectors).to(self._layers[0][0].device)
            for weight, bias in self._layers[:-1]:
                values = torch.relu(torch.nn.functional.linear(values, weight, bias))
            weight, bias = self._layers[-1]
            scores: NDArray[np.float64] = (
                torch.nn.functional.linear(values, weight, bias)[:, 0].double().cpu().numpy()
            )
        return scores


def head_files(folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """The heads of a folder by what they score, in alphabetical order; only those of ``names`` if any.

    Files are called ``model_<name>_best.pth``. Raises WeightsError for a name that is not there.
    """
    found = {
        path.name.removeprefix("model_").removesuffix("_best.pth"): path
        for path in sorted(folder.glob("model_*_best.pth"))
    }
    known = {name.lower(): name for name in found}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise WeightsError(
            f"There is no head for {', '.join(unknown)}", hint=f"The heads are: {', '.join(found)}."
        )
    chosen = [known[name.lower()] for name in names] or list(found)
    return {name: found[name] for name in chosen}
