"""Fixtures that tests of several layers share."""

from pathlib import Path

import pytest

import videoannotator
from videoannotator.weights.library import Library, default_cache_dir


@pytest.fixture(scope="session")
def library() -> Library:
    """All models of the built-in pipelines in the user's own cache; fetched by the first test that asks."""
    pipelines = Path(videoannotator.__file__).parent / "pipelines"
    library = Library(sorted(pipelines.glob("*/weights.toml")), default_cache_dir())
    library.pull(model.name for model in library.models)
    return library
