"""Work in batches that shrink when memory runs out: the work goes on, only slower."""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# What PyTorch, CTranslate2 and ONNX Runtime say; each has exceptions of its own, none a common one.
_COMPLAINTS = ("out of memory", "failed to allocate memory", "cublas_status_alloc_failed", "bad_alloc")


class Batches:
    """Splits work into batches of at most ``size``; after an out-of-memory error of half that size."""

    def __init__(self, size: int, warn: Callable[[str], None] = lambda message: None) -> None:
        self.size = size
        self._warn = warn

    def __call__(self, items: Sequence[T], run: Callable[[Sequence[T]], R]) -> Iterator[R]:
        """The result of ``run`` for each batch in order; an error at size 1, or another one, is raised."""
        first = 0
        while first < len(items):
            batch = items[first : first + self.size]
            result = self._attempt(batch, run)
            if result is not None:
                yield result
                first += len(batch)

    def _attempt(self, batch: Sequence[T], run: Callable[[Sequence[T]], R]) -> R | None:
        try:
            return run(batch)
        except _kinds() as error:
            if self.size == 1 or not is_out_of_memory(error):
                raise
        # Outside the handler: the traceback would keep the failed batch's arrays alive.
        self.size = max(1, min(self.size, len(batch)) // 2)
        self._warn(f"memory ran out; going on with batches of {self.size}")
        free_memory()
        return None


def _kinds() -> tuple[type[Exception], ...]:
    """What PyTorch and CTranslate2 raise, and ONNX Runtime's own where it is at work."""
    onnxruntime = sys.modules.get("onnxruntime.capi.onnxruntime_pybind11_state")
    own = (onnxruntime.RuntimeException, onnxruntime.Fail) if onnxruntime else ()
    return (RuntimeError, MemoryError, *own)


def is_out_of_memory(error: Exception) -> bool:
    """Whether a library complains that memory, of the machine or of a GPU, does not suffice."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(complaint in text for complaint in _COMPLAINTS)


def free_memory() -> None:
    """Give back what libraries keep for later."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
