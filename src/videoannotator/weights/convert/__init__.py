"""Checkpoints made into the files that are used, when they are pulled and without torch."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

# name in weights.toml -> module, and a number that grows when the module makes other bytes.
_CONVERTERS = {"segmentation_onnx": ("segmentation", 1), "campplus_onnx": ("campplus", 1)}


def key(name: str) -> str:
    """Identifies a converter and its version; raises KeyError for one that is not there."""
    return f"{name}-{_CONVERTERS[name][1]}"


def run(name: str, checkpoint: Path) -> bytes:
    """Convert a checkpoint; equal checkpoints give equal bytes. Raises WeightsError for another layout."""
    convert: Callable[[Path], bytes] = import_module(f"{__name__}.{_CONVERTERS[name][0]}").convert
    return convert(checkpoint)
