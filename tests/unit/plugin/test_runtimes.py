"""A model file gives what its graph says; the graph here is written with the ``onnx`` package."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.domain.media import Video
from videoannotator.plugin.component import Context
from videoannotator.plugin.runtimes import litert, onnx_device, onnx_session


@pytest.fixture
def doubling_model(tmp_path: Path) -> Path:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    doubled = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "double", [value], [doubled])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    path = tmp_path / "double.onnx"
    onnx.save(model, path)
    return path


def test_an_onnx_file_computes_its_graph(doubling_model):
    session = onnx_session(doubling_model, 1)
    (y,) = session.run(None, {"x": np.array([1.5, -2.0], np.float32)})
    assert y.tolist() == [3.0, -4.0]


def test_a_gpu_is_refused_where_the_library_was_built_without():
    video = Video(id="0" * 64, path=Path("v.mp4"), name="v.mp4", size_bytes=1, duration_s=1)
    context = Context(video, Path, device="auto")
    assert onnx_device("auto", context) == onnx_device("cpu", context) == "cpu"
    with pytest.raises(ComponentUnavailable, match="no GPU"):
        onnx_device("cuda:0", context)


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
