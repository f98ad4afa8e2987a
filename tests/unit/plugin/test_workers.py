"""Workers in another process: here a small script of the test's, run by this very interpreter."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from videoannotator.domain.errors import ComponentFailed, StorageError
from videoannotator.plugin import pipes
from videoannotator.plugin.environments import Environment
from videoannotator.plugin.workers import Worker

SCRIPT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("pipes", sys.argv[1])
pipes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pipes)
while True:
    try:
        request, arrays = pipes.receive(sys.stdin.buffer)
    except EOFError:
        break
    if request.get("die"):
        sys.exit(7)
    if request.get("fail"):
        pipes.send(sys.stdout.buffer, {"error": "ValueError: as asked"})
    else:
        pipes.send(sys.stdout.buffer, {"argument": sys.argv[2]}, [2 * array for array in arrays])
"""


@pytest.fixture
def worker(tmp_path):
    folder = tmp_path / "doubler"
    folder.mkdir()
    (folder / "worker.py").write_text(SCRIPT)
    worker = Worker(Path(sys.executable), folder / "worker.py", ["hello"])
    yield worker
    worker.close()


def test_arrays_go_there_and_come_back(worker):
    sent = [np.arange(6, dtype=np.uint8).reshape(2, 3), np.array([1.5]), np.empty((0, 4), np.float32)]
    answer, results = worker.ask({}, sent)
    assert answer == {"argument": "hello"}
    assert [(r.dtype, r.shape, r.tolist()) for r in results] == [
        (s.dtype, s.shape, (2 * s).tolist()) for s in sent
    ]


def test_an_error_of_the_worker_is_told_and_it_goes_on(worker):
    with pytest.raises(ComponentFailed, match="doubler: ValueError: as asked"):
        worker.ask({"fail": True})
    assert worker.ask({})[0] == {"argument": "hello"}


def test_a_worker_that_ends_is_told_with_its_exit_code(worker):
    with pytest.raises(ComponentFailed, match="The worker doubler"):
        worker.ask({"die": True})


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{]"])
def test_what_is_no_message_is_refused(data):
    with pytest.raises((EOFError, ValueError)):
        pipes.receive(io.BytesIO(data))


def test_an_array_of_objects_is_refused():
    stream = io.BytesIO()
    header = b'{"header": {}, "arrays": [{"dtype": "object", "shape": [1]}]}'
    stream.write(len(header).to_bytes(4, "big") + header)
    stream.seek(0)
    with pytest.raises(ValueError, match="object"):
        pipes.receive(stream)


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return Environment("tiny", "nothing but pip", (("pip",),))


def test_an_environment_is_ready_once_it_was_made_from_these_commands(environment):
    assert "videoannotator env create tiny" in environment.missing.hint
    told = []
    environment.create(told.append)
    assert environment.missing is None
    assert told == [f"{environment.python} -m pip install --disable-pip-version-check --no-input pip"]
    assert Environment("tiny", "", (("pip", "wheel"),)).missing is not None
    environment.remove()
    assert not environment.is_ready


def test_an_environment_that_pip_cannot_fill_is_not_ready(environment):
    broken = Environment("tiny", "", (("a-package-that-is-not-there",),))
    with pytest.raises(StorageError, match="pip ended with 1"):
        broken.create(lambda line: None)
    assert not broken.is_ready
