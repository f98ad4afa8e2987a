"""A model file gives what its graph says; the graph here is written with the ``onnx`` package."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from videoannotator.plugin.runtimes import litert, onnx_session


@pytest.fixture
def doubling_model(tmp_path: Path) -> Path:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    doubled = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "double", [value], [doubled])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    path = tmp_path / "double.onnx"
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_an_onnx_file_computes_its_graph_and_falls_back_to_the_cpu(doubling_model, device):
    session = onnx_session(doubling_model, 1, device)
    (y,) = session.run(None, {"x": np.array([1.5, -2.0], np.float32)})
    assert y.tolist() == [3.0, -4.0]


def test_a_file_that_is_no_tflite_model_is_refused(tmp_path):
    path = tmp_path / "broken.tflite"
    path.write_bytes(b"not a model")
    with pytest.raises(ValueError, match="model"):
        litert(path, 1)


def test_importing_the_wrappers_loads_no_runtime():
    code = (
        "import sys, videoannotator.plugin.runtimes;"
        "assert not {'onnxruntime', 'ai_edge_litert'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
