"""CAM++ as ONNX: a voice's fingerprint from filter-bank features.

Input ``feats``: (batch, frames, 80) float32, log mel filter banks. Output ``embs``: (batch, 192), not
normalised; compare by cosine.

Source: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking", INTERSPEECH 2023; layer names are those of 3D-Speaker's implementation (Apache-2.0).
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto

from videoannotator.domain.errors import WeightsError
from videoannotator.weights.convert.checkpoint import Tensors, load_tensors
from videoannotator.weights.convert.graph import Graph, ints

_EPSILON = 1e-5  # torch's default for batch normalisation
_BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers and dilation of the three dense blocks; table 1 of the paper
_CONTEXT_FRAMES = 100  # length of the segments that are pooled for context; section 2.2 of the paper


def convert(checkpoint: Path) -> bytes:
    """The ONNX model of a checkpoint; raises WeightsError where its layout is another one."""
    tensors = load_tensors(checkpoint)
    try:
        return _CamPlusPlus(tensors).build()
    except KeyError as error:
        raise WeightsError(f"{checkpoint.name} is not CAM++: it has no {error}") from error


class _CamPlusPlus:
    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._graph = Graph()

    def build(self) -> bytes:
        op = self._graph.op
        x = self._head(op("Unsqueeze", op("Transpose", "feats", perm=[0, 2, 1]), ints(1)))
        x = self._relu(
            self._norm(self._conv(x, "xvector.tdnn.linear", [2], 2), "xvector.tdnn.nonlinear.batchnorm")
        )
        for number, (n_layers, dilation) in enumerate(_BLOCKS, 1):
            for layer in range(1, n_layers + 1):
                x = self._dense_layer(x, f"xvector.block{number}.tdnnd{layer}", dilation)
            transit = f"xvector.transit{number}"
            x = self._conv(self._relu(self._norm(x, f"{transit}.nonlinear.batchnorm")), f"{transit}.linear")
        x = self._statistics(self._relu(self._norm(x, "xvector.out_nonlinear.batchnorm")))
        x = self._conv(x, "xvector.dense.linear")
        # The published network ends in this normalisation, without a rectifier behind it.
        x = op("Squeeze", self._norm(x, "xvector.dense.nonlinear.batchnorm"), ints(2))
        return self._graph.serialise("feats", ["batch", "frames", 80], x, "embs")

    def _head(self, x: str) -> str:
        """The two-dimensional front: (batch, 1, 80, frames) -> (batch, 320, frames)."""
        x = self._relu(self._norm(self._conv(x, "head.conv1", [1, 1], 1), "head.bn1"))
        for layer in ("layer1", "layer2"):
            x = self._residual(x, f"head.{layer}.0", [2, 1])
            x = self._residual(x, f"head.{layer}.1", [1, 1])
        x = self._relu(self._norm(self._conv(x, "head.conv2", [2, 1], 1), "head.bn2"))
        return self._graph.op("Reshape", x, ints(0, 320, -1))

    def _residual(self, x: str, name: str, strides: list[int]) -> str:
        y = self._relu(self._norm(self._conv(x, f"{name}.conv1", strides, 1), f"{name}.bn1"))
        y = self._norm(self._conv(y, f"{name}.conv2", [1, 1], 1), f"{name}.bn2")
        if f"{name}.shortcut.0.weight" in self._tensors:
            x = self._norm(self._conv(x, f"{name}.shortcut.0", strides), f"{name}.shortcut.1")
        return self._relu(self._graph.op("Add", x, y))

    def _dense_layer(self, x: str, name: str, dilation: int) -> str:
        """Append new channels to ``x``, masked by what the segment and the whole recording sound like."""
        op = self._graph.op
        h = self._conv(self._relu(self._norm(x, f"{name}.nonlinear1.batchnorm")), f"{name}.linear1")
        h = self._relu(self._norm(h, f"{name}.nonlinear2.batchnorm"))
        local = self._conv(h, f"{name}.cam_layer.linear_local", [1], dilation, dilation)
        context = op("Add", op("ReduceMean", h, axes=[2], keepdims=1), self._segment_means(h))
        mask = self._relu(self._conv(context, f"{name}.cam_layer.linear1"))
        mask = op("Sigmoid", self._conv(mask, f"{name}.cam_layer.linear2"))
        return op("Concat", x, op("Mul", local, mask), axis=1)

    def _segment_means(self, h: str) -> str:
        """Each frame's segment mean; the last segment may be shorter."""
        op = self._graph.op
        n = _CONTEXT_FRAMES
        means = op("AveragePool", h, kernel_shape=[n], strides=[n], ceil_mode=1, count_include_pad=0)
        spread = op("Tile", op("Unsqueeze", means, ints(3)), ints(1, 1, 1, n))
        return op("Slice", op("Reshape", spread, ints(0, 0, -1)), ints(0), self._n_frames(h), ints(2))

    def _statistics(self, x: str) -> str:
        """Mean and unbiased standard deviation over time: (batch, c, frames) -> (batch, 2 c, 1)."""
        op = self._graph.op
        mean = op("ReduceMean", x, axes=[2], keepdims=1)
        difference = op("Sub", x, mean)
        squares = op("ReduceSum", op("Mul", difference, difference), ints(2), keepdims=1)
        degrees = op("Cast", op("Sub", self._n_frames(x), ints(1)), to=TensorProto.FLOAT)
        return op("Concat", mean, op("Sqrt", op("Div", squares, degrees)), axis=1)

    def _n_frames(self, x: str) -> str:
        return self._graph.op("Slice", self._graph.op("Shape", x), ints(2), ints(3))

    def _relu(self, x: str) -> str:
        return self._graph.op("Relu", x)

    def _conv(
        self, x: str, name: str, strides: list[int] | None = None, padding: int = 0, dilation: int = 1
    ) -> str:
        weight = self._tensors[f"{name}.weight"]
        n_axes = weight.ndim - 2
        bias = [self._tensors[f"{name}.bias"]] if f"{name}.bias" in self._tensors else []
        return self._graph.op(
            "Conv", x, weight, *bias,
            strides=strides or [1] * n_axes, pads=[padding] * 2 * n_axes, dilations=[dilation] * n_axes,
        )  # fmt: skip

    def _norm(self, x: str, name: str) -> str:
        """Batch normalisation at inference: one factor and one offset per channel."""
        variance = self._tensors[f"{name}.running_var"].astype(float)
        scale = 1 / np.sqrt(variance + _EPSILON)
        if f"{name}.weight" in self._tensors:
            scale = scale * self._tensors[f"{name}.weight"]
        offset = -self._tensors[f"{name}.running_mean"] * scale
        if f"{name}.bias" in self._tensors:
            offset = offset + self._tensors[f"{name}.bias"]
        # The head is two-dimensional, all the rest one-dimensional.
        shape = (1, -1, 1, 1) if name.startswith("head.") else (1, -1, 1)
        return self._graph.op("Add", self._graph.op("Mul", x, scale.reshape(shape)), offset.reshape(shape))
