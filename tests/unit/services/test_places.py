"""Places as a submission names them: what cannot be used is refused before anything is computed."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from videoannotator.domain.errors import PlaceNotAllowed
from videoannotator.files.roots import Roots
from videoannotator.services.places import Places


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    return folder


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    "make",
    [Path.mkdir, os.mkfifo, _socket, lambda path: path.symlink_to("../outside.db")],
    ids=["folder", "FIFO", "socket", "link"],
)
def test_a_database_that_is_no_file_is_refused(study: Path, make: Callable[[Path], None]) -> None:
    make(study / "all.db")
    with pytest.raises(PlaceNotAllowed) as refused:
        Places(Roots({"study": study})).check(None, "study:all.db")
    assert refused.value.field == "db_location"


def test_a_database_may_be_there_or_not(study: Path) -> None:
    places = Places(Roots({"study": study}))
    places.check(None, "study:new/all.db")
    (study / "all.db").touch()
    places.check(None, "study:all.db")
    assert [one.name for one in study.iterdir()] == ["all.db"]
