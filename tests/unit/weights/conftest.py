"""Fixtures for made-up models: the real pip fetches them from a folder of the test."""

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from videoannotator.weights.library import Library


@pytest.fixture
def wheelhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for packages."""
    folder = tmp_path / "wheelhouse"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def make_wheel(wheelhouse: Path) -> Callable[..., Path]:
    """Put a wheel into the wheelhouse; the default name is that of ``tiny-weights`` 1.0."""

    def make(
        members: Mapping[str, bytes],
        name: str = "tiny_weights",
        version: str = "1.0",
        tag: str = "py3-none-any",
    ) -> Path:
        info = f"{name}-{version}.dist-info"
        path = wheelhouse / f"{name}-{version}-{tag}.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
            metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            archive.writestr(f"{info}/METADATA", metadata)
            archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
            archive.writestr(f"{info}/RECORD", "")
        return path

    return make


@pytest.fixture
def make_library(tmp_path: Path) -> Callable[..., Library]:
    """A library of the models that a piece of TOML declares; every one of a test shares one cache."""

    def make(toml: str, licence_mode: str = "permissive", *, offline: bool = False) -> Library:
        manifest = tmp_path / "weights.toml"
        manifest.write_text(toml)
        return Library([manifest], tmp_path / "cache", licence_mode, offline)

    return make
