"""Messages between a session and its worker process: a JSON header and arrays, over pipes.

A message is the header's length (four bytes, big end first), the header, then the bytes of each array in the
order in which the header describes them. The worker runs in another environment and loads this file by its
path, which is why nothing but the standard library and numpy is imported here.
"""

import json
import struct
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_LENGTH = struct.Struct(">I")
_MAX_HEADER_BYTES = 16 << 20
_MAX_ARRAY_BYTES = 1 << 30
_DTYPES = ("uint8", "int64", "float32", "float64")


def send(stream: IO[bytes], header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write a message; arrays are of the types that both sides know."""
    described = [{"dtype": str(array.dtype), "shape": array.shape} for array in arrays]
    text = json.dumps({"header": header, "arrays": described}).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for array in arrays:
        stream.write(np.ascontiguousarray(array).tobytes())
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Read a message; raises EOFError where the other side is gone, and ValueError for anything else."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > _MAX_HEADER_BYTES:
        raise ValueError(f"a header of {length} bytes is no message")
    message = json.loads(_exactly(stream, length))
    return message["header"], [_array(stream, one["dtype"], one["shape"]) for one in message["arrays"]]


def _array(stream: IO[bytes], dtype: str, shape: Sequence[int]) -> NDArray[Any]:
    if dtype not in _DTYPES:
        raise ValueError(f"arrays of {dtype} are not exchanged")
    n_bytes = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    if not 0 <= n_bytes <= _MAX_ARRAY_BYTES:
        raise ValueError(f"an array of {n_bytes} bytes is no part of a message")
    return np.frombuffer(_exactly(stream, n_bytes), dtype=dtype).reshape(shape)


def _exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    parts, missing = [], n_bytes
    while missing:
        part = stream.read(missing)
        if not part:
            raise EOFError("the other side of the pipe is gone")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
