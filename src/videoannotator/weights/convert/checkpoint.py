"""Reads the tensors of a torch checkpoint without torch, and without running anything that it says.

A checkpoint is a ZIP with a pickle and one file per tensor storage. A pickle may name any function to be
called while it is read; here only the few names below exist, none of which can do harm, and any other
name stops the reading.

Source: the format that ``torch.save`` writes since PyTorch 1.6 (torch/serialization.py).
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import WeightsError

Tensors = Mapping[str, NDArray[Any]]

_STORAGES: dict[str, type[np.generic]] = {
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "HalfStorage": np.float16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "BoolStorage": np.bool_,
    "ByteStorage": np.uint8,
}
# Classes that describe the training in the checkpoints we read; what they held is not kept.
_IGNORED = {
    ("pyannote.audio.core.task", "Problem"),
    ("pyannote.audio.core.task", "Resolution"),
    ("pyannote.audio.core.task", "Specifications"),
    ("torch.torch_version", "TorchVersion"),
}


def load_tensors(path: Path) -> Tensors:
    """Tensors by name: the checkpoint's ``state_dict`` where it has one, else the whole checkpoint.

    Raises WeightsError for a file of another kind, or one that asks for anything but tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            content = _TensorUnpickler(archive, pickled).load()
    # Broken pickles raise whatever the step that meets the damage raises.
    except (
        pickle.UnpicklingError, zipfile.BadZipFile, StopIteration, EOFError, KeyError, IndexError, ValueError,
        TypeError, AttributeError, OverflowError,
    ) as error:  # fmt: skip
        raise WeightsError(f"{path.name} is not a checkpoint that can be read: {error}") from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise WeightsError(f"{path.name} holds no tensors by name")
    return {name: value for name, value in state.items() if isinstance(value, np.ndarray)}


class _Ignored:
    """Stands for an object that is not needed: takes any state, keeps none, does nothing."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


def _rebuild_tensor(
    storage: NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> NDArray[Any]:
    """A copy of the view that a tensor is of its storage; numpy refuses views that reach outside."""
    step = storage.itemsize
    view: NDArray[Any] = np.ndarray(
        shape, storage.dtype, storage.data, offset * step, tuple(stride * step for stride in strides)
    )
    return view.copy()


class _TensorUnpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        super().__init__(io.BytesIO(archive.read(name)))
        self._archive = archive
        self._folder = name.removesuffix("data.pkl")

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        if (module, name) in _IGNORED:
            return _Ignored
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not allowed")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, dtype, key, *_ = pid
        if dtype not in _STORAGES.values():
            raise pickle.UnpicklingError(f"{dtype!r} is no type of tensor")
        return np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), dtype)
