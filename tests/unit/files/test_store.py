from pathlib import Path

import pytest

from videoannotator.domain.store import Store
from videoannotator.files.store import FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "ledger")


def test_what_was_put_is_there_for_another_store_on_the_same_folder(store: FileStore, tmp_path: Path):
    protocol: Store = store
    protocol.put("visual/000001", b"\x00rows")
    assert FileStore(tmp_path / "ledger").get("visual/000001") == b"\x00rows"


def test_the_last_put_wins(store: FileStore):
    store.put("state", b"1")
    store.put("state", b"2")
    assert store.get("state") == b"2"


def test_an_unwritten_key_has_no_bytes_and_reading_makes_no_folder(store: FileStore, tmp_path: Path):
    assert (store.get("visual/000001"), list(store.keys()), list(tmp_path.iterdir())) == (None, [], [])


def test_keys_are_sorted_and_chosen_by_prefix_not_by_folder(store: FileStore):
    for key in ("visual/000010", "visual/000002", "visual-2/1", "audio/0"):
        store.put(key, b"")
    assert list(store.keys()) == ["audio/0", "visual-2/1", "visual/000002", "visual/000010"]
    assert list(store.keys("visual/")) == ["visual/000002", "visual/000010"]
    assert list(store.keys("visual/00000")) == ["visual/000002"]
    assert list(store.keys("visual")) == ["visual-2/1", "visual/000002", "visual/000010"]
    assert list(store.keys("nothing/here")) == []


def test_delete_removes_the_prefix_and_nothing_else(store: FileStore):
    for key in ("visual/1", "visual/2", "visual-2/1"):
        store.put(key, b"")
    store.delete("visual/")
    store.delete("never/")
    assert list(store.keys()) == ["visual-2/1"]


def test_a_half_written_file_is_no_key(store: FileStore, tmp_path: Path):
    store.put("visual/1", b"")
    (tmp_path / "ledger" / "visual" / ".part-123").write_bytes(b"half")
    assert list(store.keys()) == ["visual/1"]


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../up", "a/../../up", ".hidden", "a/.hidden", "."])
def test_a_key_that_leaves_the_folder_or_hides_is_refused(store: FileStore, key: str):
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, b"")
