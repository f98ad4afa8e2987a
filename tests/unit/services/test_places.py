"""Places as a submission names them: what cannot be used is refused before anything is computed."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.synthetic.places import TRAVERSALS

from videoannotator.domain.errors import InvalidPlace, PlaceNotAllowed, VideoNotFound
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


def test_a_listing_shows_folders_and_videos_in_the_order_of_people(study: Path) -> None:
    for name in ("session 10.mp4", "Session 2.MP4", "notes.txt", ".hidden.mp4", "b/c/deep.mkv"):
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_bytes(b"12")
    Path(study, os.fsdecode(b"caf\xe9.mp4")).touch()
    os.mkfifo(study / "fifo.mp4")
    (study / "link.mp4").symlink_to("session 10.mp4")
    (study / "out").symlink_to("/etc")
    places = Places(Roots({"study": study, "more": study / "b"}))
    assert [one.path for one in places.listing(None).folders] == ["more:", "study:"]
    found = places.listing("study:")
    assert (found.path, found.parent, found.n_folders, found.n_videos) == ("study:", "", 1, 3)
    assert [(one.name, one.path) for one in found.folders] == [("b", "study:b")]
    bad, two, ten = found.videos
    assert (two.path, two.size_bytes, two.problem) == ("study:Session 2.MP4", 2, None)
    assert (ten.path, bad.name) == ("study:session 10.mp4", "caf\ufffd.mp4")
    assert "UTF-8" in (bad.problem or "")
    below = places.listing("study:b/c")
    assert (below.path, below.parent, below.videos[0].path) == ("study:b/c", "study:b", "study:b/c/deep.mkv")


def test_a_listing_of_thousands_is_cut_and_says_so(study: Path) -> None:
    for n in range(1003):
        (study / f"{n}.mp4").touch()
    found = Places(Roots({"study": study})).listing("study:")
    assert (len(found.videos), found.n_videos, found.videos[-1].name) == (1000, 1003, "999.mp4")


@pytest.mark.parametrize("text", [one for one in TRAVERSALS if one])
def test_a_listing_shows_nothing_elsewhere(study: Path, text: str) -> None:
    (study.parent / "out").mkdir()
    with pytest.raises((InvalidPlace, PlaceNotAllowed, VideoNotFound)):
        Places(Roots({"study": study})).listing(text)


def test_a_database_may_be_there_or_not(study: Path) -> None:
    places = Places(Roots({"study": study}))
    places.check(None, "study:new/all.db")
    (study / "all.db").touch()
    places.check(None, "study:all.db")
    assert [one.name for one in study.iterdir()] == ["all.db"]
