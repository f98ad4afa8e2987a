import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from videoannotator.domain.errors import StorageError
from videoannotator.files import atomic


def test_a_file_appears_with_its_bytes_in_folders_that_are_made(tmp_path: Path):
    atomic.write_bytes(tmp_path / "a" / "b" / "c.bin", b"\x00\xff")
    assert (tmp_path / "a" / "b" / "c.bin").read_bytes() == b"\x00\xff"


def test_text_is_utf8_with_its_own_line_ends(tmp_path: Path):
    atomic.write_text(tmp_path / "t.txt", "é\r\n\n")
    assert (tmp_path / "t.txt").read_bytes() == b"\xc3\xa9\r\n\n"


def test_a_new_file_obeys_the_umask_like_any_other(tmp_path: Path):
    (tmp_path / "plain").write_bytes(b"")
    atomic.write_bytes(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path):
    atomic.write_bytes(tmp_path / ("n" * 255), b"x")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"x"


def test_an_error_while_writing_keeps_the_old_bytes_and_leaves_nothing_else(tmp_path: Path):
    path = tmp_path / "kept.csv"
    path.write_bytes(b"old")

    def break_off() -> None:
        with atomic.replacing(path) as partial:
            partial.write_bytes(b"ne")
            raise KeyError("while writing")

    with pytest.raises(KeyError):
        break_off()
    assert [p.name for p in tmp_path.iterdir()] == ["kept.csv"]
    assert path.read_bytes() == b"old"


def test_the_partial_file_keeps_the_suffix_by_which_libraries_choose_a_format(tmp_path: Path):
    with atomic.replacing(tmp_path / "sheet.png") as partial:
        partial.touch()
        assert (partial.suffix, partial.parent) == (".png", tmp_path)


def test_a_killed_writer_leaves_the_old_bytes_and_only_a_hidden_partial(tmp_path: Path):
    path = tmp_path / "result.json"
    path.write_bytes(b"old")
    code = (
        "import os, signal, sys; from pathlib import Path; from videoannotator.files import atomic\n"
        "with atomic.replacing(Path(sys.argv[1])) as partial:\n"
        "    partial.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    assert all(p.name.startswith(".part-") for p in tmp_path.iterdir() if p != path)
    atomic.remove_partials(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_target_that_is_a_folder_is_a_storage_error(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="folder"):
        atomic.write_bytes(tmp_path / "folder", b"")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_writing_below_a_file_is_a_storage_error(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        atomic.write_bytes(tmp_path / "file" / "below", b"")


def test_a_write_that_the_system_cuts_short_is_a_storage_error_and_leaves_nothing(tmp_path: Path):
    code = (
        "import resource, signal, sys; from pathlib import Path; from videoannotator.files import atomic\n"
        "from videoannotator.domain.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: atomic.write_bytes(Path(sys.argv[1]), b'x' * 100)\n"
        "except StorageError as error: sys.exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "big")], check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (7, [])
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 10  # only the child was limited


def test_a_folder_takes_the_place_of_the_old_one_whole(tmp_path: Path):
    old, new = tmp_path / "out", tmp_path / "work"
    for folder, name in ((old, "old.txt"), (new, "new.txt")):
        folder.mkdir()
        (folder / name).touch()
    atomic.replace_dir(new, old)
    assert [os.fspath(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == ["out", "out/new.txt"]
