import pytest

from videoannotator.plugin.batches import Batches, is_out_of_memory


class _Gpu:
    """Stands for a library on a GPU that holds ``room`` items: it says what PyTorch says."""

    def __init__(self, room: int) -> None:
        self.room, self.tried = room, []

    def __call__(self, batch):
        self.tried.append(len(batch))
        if len(batch) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return [10 * item for item in batch]


def test_a_batch_that_does_not_fit_is_halved_and_nothing_is_lost():
    gpu, warnings = _Gpu(room=3), []
    batches = Batches(8, warnings.append)
    results = [item for part in batches(list(range(10)), gpu) for item in part]
    assert results == [10 * item for item in range(10)]
    assert gpu.tried == [8, 4, 2, 2, 2, 2, 2]
    assert batches.size == 2  # later work starts with what fits
    assert warnings[-1] == "memory ran out; going on with batches of 2"


def test_one_item_that_does_not_fit_is_an_error():
    with pytest.raises(RuntimeError, match="out of memory"):
        list(Batches(4)([1, 2], _Gpu(room=0)))


def test_another_error_is_not_tried_again():
    gpu = _Gpu(room=0)

    def broken(batch):
        gpu.tried.append(len(batch))
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        list(Batches(4)([1, 2], broken))
    assert gpu.tried == [2]


# The libraries' own words: PyTorch 2.13, CTranslate2 4.8, ONNX Runtime 1.24, cuBLAS.
@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of ..."),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError("Failed to allocate memory for requested buffer of size 4294967296"),
        RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_complaints_about_memory_are_understood(error):
    assert is_out_of_memory(error)
    assert not is_out_of_memory(RuntimeError("invalid argument"))


@pytest.mark.torch
def test_the_error_of_pytorch_itself_is_one():
    import torch

    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
