"""A server for the tests that speak HTTP."""

from collections.abc import Iterator

import pytest
from tests.synthetic.server import Api, running


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One server for a module; every test uses callers or names of its own."""
    with running(tmp_path_factory.mktemp("server")) as api:
        yield api
