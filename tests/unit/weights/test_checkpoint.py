import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from videoannotator.domain.errors import WeightsError
from videoannotator.weights.convert.checkpoint import load_tensors


class _Global:
    """Pickles as the name of a function that this process need not have."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class _Pickler(pickle._Pickler):
    """Writes what torch writes: names of torch's functions, and storages by persistent id."""

    def save(self, value, save_persistent_id=True):
        if isinstance(value, _Global):
            self.write(pickle.GLOBAL + f"{value.module}\n{value.name}\n".encode())
        elif isinstance(value, _Call):
            self.save(value.function)
            self.save(value.arguments)
            self.write(pickle.REDUCE)
        elif isinstance(value, _Storage):
            self.save(("storage", _Global("torch", value.kind), value.key, "cpu", value.size))
            self.write(pickle.BINPERSID)
        else:
            super().save(value, save_persistent_id)


class _Call:
    def __init__(self, module, name, *arguments):
        self.function, self.arguments = _Global(module, name), arguments


class _Storage:
    def __init__(self, kind, key, size):
        self.kind, self.key, self.size = kind, key, size


def _tensor(key, offset, shape, strides, kind="FloatStorage"):
    storage = _Storage(kind, key, 6)
    return _Call("torch._utils", "_rebuild_tensor_v2", storage, offset, shape, strides, False, OrderedDict())


def _checkpoint(path, content, **storages):
    pickled = io.BytesIO()
    _Pickler(pickled, protocol=2).dump(content)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        for key, data in storages.items():
            archive.writestr(f"archive/data/{key}", data)
    return path


SIX = struct.pack("<6f", 0, 1, 2, 3, 4, 5)


def test_tensors_are_views_of_their_storages(tmp_path):
    content = {
        "whole": _tensor("s", 0, (2, 3), (3, 1)),
        "transposed": _tensor("s", 0, (3, 2), (1, 3)),
        "row": _tensor("s", 3, (3,), (1,)),
        "scalar": _tensor("s", 5, (), ()),
    }
    tensors = load_tensors(_checkpoint(tmp_path / "c.pt", content, s=SIX))
    assert tensors["whole"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert tensors["transposed"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert tensors["row"].tolist() == [3, 4, 5]
    assert (tensors["scalar"].shape, tensors["scalar"].dtype) == ((), np.float32)


def test_a_state_dict_is_found_beside_what_describes_the_training(tmp_path):
    training = _Call("torch.torch_version", "TorchVersion", "2.0")
    content = {"version": training, "state_dict": OrderedDict(w=_tensor("s", 0, (6,), (1,)))}
    assert list(load_tensors(_checkpoint(tmp_path / "c.pt", content, s=SIX))) == ["w"]


@pytest.mark.parametrize(
    ("module", "name"), [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("numpy", "load")]
)
def test_a_checkpoint_that_calls_something_is_refused_and_nothing_runs(tmp_path, module, name):
    trace = tmp_path / "was-run"
    content = {"w": _Call(module, name, f"touch {trace}")}
    with pytest.raises(WeightsError, match=rf"{module}\.{name}, which is not allowed"):
        load_tensors(_checkpoint(tmp_path / "c.pt", content))
    assert not trace.exists()


class _RunsOnLoad:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def test_an_ordinary_malicious_pickle_is_refused_and_nothing_runs(tmp_path):
    trace = tmp_path / "was-run"
    path = tmp_path / "c.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"w": _RunsOnLoad(f"touch {trace}")}))
    with pytest.raises(WeightsError, match="not allowed"):
        load_tensors(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [(1, (6,), (1,)), (0, (7,), (1,)), (0, (2,), (1 << 40,)), (-1, (1,), (1,)), (0, (2,), (-1,))],
)
def test_a_tensor_that_reaches_outside_its_storage_is_refused(tmp_path, offset, shape, strides):
    content = {"w": _tensor("s", offset, shape, strides)}
    with pytest.raises(WeightsError):
        load_tensors(_checkpoint(tmp_path / "c.pt", content, s=SIX))


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text").write_text("not a checkpoint")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("readme.txt", "no pickle in here")
    for name in ("text", "zip"):
        with pytest.raises(WeightsError, match=f"^{name} is not a checkpoint"):
            load_tensors(tmp_path / name)


def test_a_checkpoint_without_tensors_by_name_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="holds no tensors"):
        load_tensors(_checkpoint(tmp_path / "c.pt", [1, 2]))
