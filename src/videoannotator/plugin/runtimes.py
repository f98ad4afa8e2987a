"""Model files at work: LiteRT for ``.tflite``, ONNX Runtime for ``.onnx``; both load when first asked for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from videoannotator.plugin.component import Context
from videoannotator.plugin.devices import choose, index_of

Array = NDArray[Any]
_CUDA = "CUDAExecutionProvider"


class LiteRtModel:
    """A ``.tflite`` model with one input; the same input and ``n_threads`` give the same output."""

    def __init__(self, path: Path, n_threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(path), num_threads=n_threads)
        self._interpreter.allocate_tensors()
        # Asking for the details takes longer than a small model's run: ask once.
        entry = self._interpreter.get_input_details()[0]
        self._input, self._dtype = entry["index"], entry["dtype"]
        self._shape = tuple(entry["shape"])
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def __call__(self, values: Array) -> tuple[Array, ...]:
        """Run on one input (cast to the model's type, the input resized to its shape); all outputs."""
        model = self._interpreter
        if values.shape != self._shape:
            model.resize_tensor_input(self._input, values.shape)
            model.allocate_tensors()
            self._shape = values.shape
        model.set_tensor(self._input, np.ascontiguousarray(values, dtype=self._dtype))
        model.invoke()
        return tuple(model.get_tensor(index) for index in self._outputs)


def litert(path: Path, n_threads: int) -> LiteRtModel:
    """Load a ``.tflite`` file; raises ValueError for a file that is none."""
    return LiteRtModel(path, n_threads)


class OnnxSession(Protocol):
    """The part of ``onnxruntime.InferenceSession`` that is used here."""

    def run(self, names: Sequence[str] | None, feeds: Mapping[str, Array]) -> list[Array]:
        """Outputs of these names (None: all) for the inputs by name."""


def onnx_device(parameter: str, context: Context) -> str:
    """``cpu`` or ``cuda:N``; raises ComponentUnavailable for a GPU where the library is built without."""
    import onnxruntime

    has_gpu = _CUDA in onnxruntime.get_available_providers()
    index = index_of(parameter if parameter.startswith("cuda") else context.device)
    return choose(parameter, context, index + 1 if has_gpu else 0)


def onnx_session(path: Path, n_threads: int, device: str = "cpu") -> OnnxSession:
    """Load an ``.onnx`` file on ``cpu`` or ``cuda:N``, as ``onnx_device`` gives it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Several models take turns on the same cores: a pool that spins between runs steals from the next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    gpu = [(_CUDA, {"device_id": index_of(device)})] if device.startswith("cuda") else []
    providers = [*gpu, "CPUExecutionProvider"]
    session: OnnxSession = onnxruntime.InferenceSession(str(path), options, providers=providers)
    return session
