"""Nothing that a client writes leads out of a root, and nothing is made on the way to a refusal."""

import ctypes
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.synthetic.places import HOSTILE_NAMES, TRAVERSALS

from videoannotator.domain.errors import (
    InvalidPlace,
    NotARegularFile,
    OutputExists,
    PlaceChanged,
    PlaceNotAllowed,
    StorageError,
    VideoNotFound,
)
from videoannotator.files import beneath, publishing
from videoannotator.files.roots import Roots

REFUSED = (InvalidPlace, PlaceNotAllowed)


@pytest.fixture(params=["kernel", "walk"])
def roots(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Roots]:
    """A root beside a secret, with the kernel's own check and with the walk of other systems."""
    if request.param == "walk":
        monkeypatch.setattr(beneath, "_has_openat2", lambda: False)
    elif not beneath._has_openat2():
        pytest.skip("this kernel (or its sandbox) has no openat2")
    (tmp_path / "study").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    yield Roots({"study": tmp_path / "study"})
    assert [one.name for one in (tmp_path / "outside").iterdir()] == ["secret"]


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("text", TRAVERSALS)
def test_every_way_out_is_refused_and_makes_nothing(roots: Roots, tmp_path: Path, text: str) -> None:
    with pytest.raises(REFUSED) as caught:
        roots.make(roots.locate(text, "output_directory", new=True))
    assert (caught.value.code, caught.value.field) in {
        ("PATH_INVALID", "output_directory"),
        ("PATH_NOT_ALLOWED", "output_directory"),
    }
    assert everything(tmp_path) == ["outside", "outside/secret", "study"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("form", ["study:{}", "study:a/{}", "study:{}/a", "{root}/{}"])
def test_hostile_names_are_refused_and_make_nothing(
    roots: Roots, tmp_path: Path, name: str, form: str
) -> None:
    text = form.replace("{root}", str(tmp_path / "study")).replace("{}", name)
    with pytest.raises(REFUSED):
        roots.make(roots.locate(text, "db_location", new=True))
    assert everything(tmp_path) == ["outside", "outside/secret", "study"]


def test_a_path_of_more_than_1024_bytes_is_refused(roots: Roots) -> None:
    with pytest.raises(InvalidPlace, match="1024"):
        roots.locate("study:" + "/".join(["folder"] * 200), "output_directory", new=True)


def test_folders_are_made_one_by_one_for_owner_and_group(roots: Roots, tmp_path: Path) -> None:
    place = roots.make(roots.locate("study:Größe (1)/second", "output_directory", new=True))
    made = tmp_path / "study" / "Größe (1)" / "second"
    assert (place.path, place.inode) == ("Größe (1)/second", made.stat().st_ino)
    assert {oct(folder.stat().st_mode & 0o027) for folder in (made, made.parent)} == {"0o0"}


def test_an_absolute_path_below_a_root_is_that_place(roots: Roots, tmp_path: Path) -> None:
    spot = roots.locate(str(tmp_path / "study" / "a" / "b"), "output_directory", new=True)
    assert (spot.root, spot.path) == ("study", "a/b")
    with pytest.raises(PlaceNotAllowed):
        roots.locate(str(tmp_path / "study2"), "output_directory", new=True)


@pytest.mark.parametrize("target", ["../outside", "/etc", ".", "missing"])
def test_links_are_not_followed_wherever_they_lead(roots: Roots, tmp_path: Path, target: str) -> None:
    (tmp_path / "study" / "link").symlink_to(target)
    for path in ("study:link", "study:link/new"):
        spot = roots.locate(path, "output_directory", new=True)
        with pytest.raises(PlaceNotAllowed):
            roots.check(spot)
        with pytest.raises(PlaceNotAllowed):
            roots.make(spot)
    with pytest.raises((PlaceNotAllowed, NotARegularFile)):
        roots.stamp(roots.locate("study:link/secret", "video_path", new=False))


def test_only_regular_files_are_videos(roots: Roots, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "study" / "fifo.mp4")
    (tmp_path / "study" / "folder.mp4").mkdir()
    for name in ("fifo.mp4", "folder.mp4"):
        with pytest.raises(NotARegularFile):
            roots.stamp(roots.locate(f"study:{name}", "video_path", new=False))
    with pytest.raises(VideoNotFound):
        roots.stamp(roots.locate("study:missing.mp4", "video_path", new=False))


def test_a_file_that_was_changed_after_it_was_accepted_is_refused(roots: Roots, tmp_path: Path) -> None:
    video = tmp_path / "study" / "Tom & Jerry's [1].mp4"
    video.write_bytes(b"one")
    stamp = roots.stamp(roots.locate("study:Tom & Jerry's [1].mp4", "video_path", new=False))
    os.close(roots.open_unchanged(stamp))
    video.write_bytes(b"another")
    with pytest.raises(PlaceChanged):
        roots.open_unchanged(stamp)
    video.unlink()
    video.symlink_to("../outside/secret")
    with pytest.raises(PlaceChanged):
        roots.open_unchanged(stamp)


def test_a_folder_that_was_replaced_after_it_was_accepted_is_refused(roots: Roots, tmp_path: Path) -> None:
    place = roots.make(roots.locate("study:results", "output_directory", new=True))
    (tmp_path / "study" / "results").rename(tmp_path / "study" / "moved")
    (tmp_path / "study" / "results").symlink_to("../outside")
    with pytest.raises(PlaceChanged), roots.entered(place):
        pass
    (tmp_path / "study" / "results").unlink()
    (tmp_path / "study" / "results").mkdir()
    with pytest.raises(PlaceChanged), roots.entered(place):
        pass


def test_results_appear_whole_and_deletion_leaves_what_others_put_there(roots: Roots, tmp_path: Path) -> None:
    place = roots.make(roots.locate("study:results", "output_directory", new=True))
    sources = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for source in sources:
        source.write_text(source.name)
    manifest = tmp_path / "manifest.json"
    for _ in range(2):  # again, as after a crash
        publishing.publish(roots, place, "job", sources, manifest)
    target = tmp_path / "study" / "results" / "job"
    assert everything(tmp_path / "study" / "results") == ["job", "job/a.csv", "job/b.csv", "job/c.csv"]
    (target / "b.csv").write_text("edited by a person")
    (target / "notes.txt").write_text("mine")
    publishing.withdraw(roots, manifest)
    assert everything(target) == ["b.csv", "notes.txt"]


def test_a_folder_that_is_there_already_is_left_alone(roots: Roots, tmp_path: Path) -> None:
    place = roots.make(roots.locate("study:", "output_directory", new=True))
    (tmp_path / "study" / "job").mkdir()
    (tmp_path / "a.csv").write_text("a")
    with pytest.raises(OutputExists):
        publishing.publish(roots, place, "job", [tmp_path / "a.csv"], tmp_path / "manifest.json")
    publishing.withdraw(roots, tmp_path / "manifest.json")
    assert everything(tmp_path / "study") == ["job"]


def test_swapping_folders_for_links_while_results_are_written_leads_nothing_outside(
    roots: Roots, tmp_path: Path
) -> None:
    assert swap_and_write(roots, tmp_path, n_attempts=40, n_swaps=3000)


def swap_and_write(roots: Roots, tmp_path: Path, n_attempts: int, n_swaps: int) -> int:
    """Swap a folder and a link for each other all the time; returns how often writing succeeded."""
    study, over, swapped = tmp_path / "study", threading.Event(), [0]
    (study / "a").mkdir()
    (study / "link").symlink_to("../outside")
    (tmp_path / "file.csv").write_text("data")

    def swap() -> None:
        while not over.is_set():
            exchange(study / "a", study / "link")
            swapped[0] += 1

    thread = threading.Thread(target=swap)
    thread.start()
    n_written = number = 0
    try:
        while number < n_attempts or swapped[0] < n_swaps:
            number += 1
            try:
                place = roots.make(roots.locate("study:a/results", "output_directory", new=True))
                manifest = tmp_path / "manifest.json"
                publishing.publish(roots, place, f"job{number}", [tmp_path / "file.csv"], manifest)
                n_written += 1
            except (PlaceNotAllowed, StorageError):
                continue
    finally:
        over.set()
        thread.join()
    assert [one.name for one in (tmp_path / "outside").iterdir()] == ["secret"]
    return n_written


def exchange(one: Path, other: Path) -> None:
    """Let two names change places in one step (RENAME_EXCHANGE of renameat2(2))."""
    library = ctypes.CDLL(None, use_errno=True)
    assert library.renameat2(-100, os.fsencode(one), -100, os.fsencode(other), 2) == 0
