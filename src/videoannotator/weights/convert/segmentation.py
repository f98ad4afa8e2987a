"""pyannote segmentation-3.0 as ONNX: who of up to three people speaks, frame by frame.

Input ``x``: (batch, 1, samples) float32 at 16 kHz; 160 000 samples give 589 frames. Output ``y``:
(batch, frames, 7), log-probabilities of nobody, each of three speakers, and each pair of them.

Source: Bredin, "pyannote.audio 2.1 speaker diarization pipeline", and Plaquet & Bredin, "Powerset
multi-class cross entropy loss for neural speaker diarization", both INTERSPEECH 2023; the first layer is
SincNet's, Ravanelli & Bengio, SLT 2018, in the sine and cosine form of asteroid-filterbanks.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import WeightsError
from videoannotator.weights.convert.checkpoint import Tensors, load_tensors
from videoannotator.weights.convert.graph import Graph, ints

_RATE_HZ = 16_000
_MIN_HZ = 50.0  # lowest edge and narrowest band of a filter
_SINC_STRIDE = 10
_N_LSTM_LAYERS = 4
_N_HIDDEN = 128
_EPSILON = 1e-5  # torch's default for normalisation
_SLOPE = 0.01  # torch's default for leaky_relu


def convert(checkpoint: Path) -> bytes:
    """The ONNX model of a checkpoint; raises WeightsError where its layout is another one."""
    tensors = load_tensors(checkpoint)
    try:
        return _build(tensors)
    except KeyError as error:
        raise WeightsError(f"{checkpoint.name} is not segmentation-3.0: it has no {error}") from error


def _build(tensors: Tensors) -> bytes:
    graph = Graph()
    x = _sincnet(graph, tensors, "x")
    x = graph.op("Transpose", x, perm=[2, 0, 1])  # ONNX's LSTM wants time first
    for layer in range(_N_LSTM_LAYERS):
        x = _lstm(graph, tensors, x, layer)
    x = graph.op("Transpose", x, perm=[1, 0, 2])
    for name in ("linear.0", "linear.1"):
        x = graph.op("LeakyRelu", _linear(graph, tensors, x, name), alpha=_SLOPE)
    y = graph.op("LogSoftmax", _linear(graph, tensors, x, "classifier"), axis=-1)
    return graph.serialise("x", ["batch", 1, "samples"], y, "y")


def _sincnet(graph: Graph, tensors: Tensors, x: str) -> str:
    x = _normalise(graph, tensors, x, "sincnet.wav_norm1d")
    x = graph.op("Conv", x, sinc_filters(tensors, "sincnet.conv1d.0.filterbank"), strides=[_SINC_STRIDE])
    x = graph.op("Abs", x)
    for layer in range(3):
        if layer:
            name = f"sincnet.conv1d.{layer}"
            x = graph.op("Conv", x, tensors[f"{name}.weight"], tensors[f"{name}.bias"])
        x = graph.op("MaxPool", x, kernel_shape=[3], strides=[3])
        x = graph.op("LeakyRelu", _normalise(graph, tensors, x, f"sincnet.norm1d.{layer}"), alpha=_SLOPE)
    return x


def sinc_filters(tensors: Tensors, name: str) -> NDArray[np.float64]:
    """Band-pass filters, shape (80, 1, 251): 40 even ones (cosine) and 40 odd ones (sine)."""
    half_n, half_window = tensors[f"{name}.n_"].astype(float), tensors[f"{name}.window_"].astype(float)
    low_hz = _MIN_HZ + np.abs(tensors[f"{name}.low_hz_"].astype(float))
    high_hz = np.clip(
        low_hz + _MIN_HZ + np.abs(tensors[f"{name}.band_hz_"].astype(float)), _MIN_HZ, _RATE_HZ / 2
    )
    band_hz = high_hz - low_hz
    # n_ already holds 2 pi t / rate, so these are the phases at both edges of the band.
    low, high = low_hz @ half_n, high_hz @ half_n
    even = (np.sin(high) - np.sin(low)) / (half_n / 2) * half_window
    odd = (np.cos(low) - np.cos(high)) / (half_n / 2) * half_window
    cosine = np.concatenate([even, 2 * band_hz, even[:, ::-1]], axis=1)
    sine = np.concatenate([odd, np.zeros_like(band_hz), -odd[:, ::-1]], axis=1)
    filters: NDArray[np.float64] = (np.concatenate([cosine, sine]) / np.tile(2 * band_hz, (2, 1)))[:, None]
    return filters


def _normalise(graph: Graph, tensors: Tensors, x: str, name: str) -> str:
    scale, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    return graph.op("InstanceNormalization", x, scale, bias, epsilon=_EPSILON)


def _lstm(graph: Graph, tensors: Tensors, x: str, layer: int) -> str:
    """One bidirectional layer: (time, batch, features) -> (time, batch, 256)."""
    weights, recurrent, biases = [], [], []
    for direction in ("", "_reverse"):
        suffix = f"l{layer}{direction}"
        weights.append(_gates(tensors[f"lstm.weight_ih_{suffix}"]))
        recurrent.append(_gates(tensors[f"lstm.weight_hh_{suffix}"]))
        both = [_gates(tensors[f"lstm.bias_{kind}_{suffix}"]) for kind in ("ih", "hh")]
        biases.append(np.concatenate(both))
    y = graph.op(
        "LSTM", x, *map(np.stack, (weights, recurrent, biases)),
        hidden_size=_N_HIDDEN, direction="bidirectional",
    )  # fmt: skip
    y = graph.op("Transpose", y, perm=[0, 2, 1, 3])
    return graph.op("Reshape", y, ints(0, 0, 2 * _N_HIDDEN))


def _gates(tensor: NDArray[Any]) -> NDArray[Any]:
    """torch stacks the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    stacked = tensor.reshape(4, _N_HIDDEN, *tensor.shape[1:])
    return stacked[[0, 3, 1, 2]].reshape(tensor.shape)


def _linear(graph: Graph, tensors: Tensors, x: str, name: str) -> str:
    product = graph.op("MatMul", x, tensors[f"{name}.weight"].T)
    return graph.op("Add", product, tensors[f"{name}.bias"])
