"""A small builder of ONNX graphs: each call adds a node and returns the name of its output."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# Old enough for every ONNX Runtime in use; ReduceMean still takes its axes as an attribute.
_OPSET = 17
_IR_VERSION = 8


class Graph:
    """Nodes and constants in the order they are added; names count up, so equal calls give equal bytes."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def op(self, kind: str, *inputs: str | NDArray[Any], **attributes: Any) -> str:
        """Add a node of ONNX operator ``kind``; arrays among its inputs become constants."""
        names = [self._constant(value) if isinstance(value, np.ndarray) else value for value in inputs]
        output = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, names, [output], **attributes))
        return output

    def serialise(
        self, input_name: str, input_shape: list[str | int], output: str, output_name: str
    ) -> bytes:
        """The model as bytes, from one float input to one float output; named dimensions are free."""
        self._nodes.append(helper.make_node("Identity", [output], [output_name]))
        graph = helper.make_graph(
            self._nodes,
            "videoannotator",
            [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, input_shape)],
            [helper.make_tensor_value_info(output_name, TensorProto.FLOAT, None)],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
        model.ir_version = _IR_VERSION
        data: bytes = model.SerializeToString(deterministic=True)
        return data

    def _constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        array = value.astype(np.float32) if value.dtype.kind == "f" else value
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def ints(*values: int) -> NDArray[np.int64]:
    """A vector of axes, shapes or bounds, as ONNX operators take them."""
    return np.array(values, np.int64)
