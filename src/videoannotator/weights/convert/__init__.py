"""Checkpoints made into the files that are used, when they are pulled and without torch."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Literal

Converter = Literal["segmentation_onnx", "campplus_onnx"]

# The module, and a number that grows when the module makes other bytes.
_MODULES: dict[Converter, tuple[str, int]] = {
    "segmentation_onnx": ("segmentation", 1),
    "campplus_onnx": ("campplus", 1),
}


def key(name: Converter) -> str:
    """Identifies a converter and its version."""
    return f"{name}-{_MODULES[name][1]}"


def run(name: Converter, checkpoint: Path) -> bytes:
    """Convert a checkpoint; equal checkpoints give equal bytes. Raises WeightsError for another layout."""
    convert: Callable[[Path], bytes] = import_module(f"{__name__}.{_MODULES[name][0]}").convert
    return convert(checkpoint)
