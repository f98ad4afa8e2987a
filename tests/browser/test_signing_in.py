"""Who gets in, and what stays in the address."""

import pytest
from tests.browser.driver import expect

pytestmark = pytest.mark.browser


def test_the_start_link_works_once_and_leaves_no_ticket_in_the_address(stranger, server):
    stranger.goto(server.start_link)
    expect(stranger.get_by_role("heading", name="VideoAnnotator")).to_be_visible()
    assert stranger.url == f"{server.url}/"
    cookie = next(one for one in stranger.context.cookies() if one["name"] == "va_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    stranger.context.clear_cookies()
    stranger.goto(server.start_link)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(stranger.get_by_text("This start link has been used")).to_be_visible()


def test_a_wrong_key_is_refused_with_the_next_step_and_a_right_one_opens_the_screen(stranger, server):
    stranger.goto("/#/jobs")
    key = stranger.get_by_label("API key")
    key.fill("va_wrong")
    key.press("Enter")
    expect(stranger.get_by_role("alert")).to_contain_text("key")
    key.fill(server.key)
    key.press("Enter")
    expect(stranger.get_by_role("heading", name="Jobs")).to_be_visible()
    assert server.key not in stranger.url


def test_a_session_ends_with_its_key_and_can_be_gone_on_with_by_another(stranger, server):
    made = server.call("POST", "/tokens", json={"name": "for a while"})
    stranger.context.request.post("/api/v1/session", data={"token": made["token"]})
    stranger.goto("/#/jobs")
    expect(stranger.get_by_role("heading", name="Jobs")).to_be_visible()
    server.call("DELETE", f"/tokens/{made['id']}")
    stranger.get_by_role("link", name="Settings").click()
    expect(stranger.get_by_text("Your session has ended")).to_be_visible()
    stranger.get_by_label("API key").fill(server.key)
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("heading", name="Settings")).to_be_visible()


def test_the_box_that_asks_for_a_key_stays_wherever_one_goes_meanwhile(goto, page, server):
    goto("/settings")
    page.context.clear_cookies()
    for screen in ("Batches", "Jobs", "Home"):
        page.get_by_role("link", name=screen, exact=True).click()
        page.wait_for_timeout(300)
        expect(page.get_by_label("API key")).to_be_visible()
    page.get_by_label("API key").fill(server.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Latest jobs")).to_be_visible()


def test_a_server_that_is_not_ready_is_told_and_asked_again(page):
    problem = {"detail": "The database does not answer.", "hint": "Wait."}
    asked = []

    def at_first_not_ready(route):
        asked.append(route)
        if len(asked) == 1:
            route.fulfill(status=503, json=problem)
        else:
            route.continue_()

    # Not with times=1: to stop listening in the middle of loading leaves other requests without an answer.
    page.route("**/tokens/me", at_first_not_ready)
    page.goto("/#/jobs")
    expect(page.get_by_role("alert")).to_contain_text("The database does not answer")
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()


def test_the_page_loads_nothing_from_elsewhere_and_allows_no_inline_script(page, server):
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    answer = page.goto("/#/")
    page.get_by_role("heading", name="Latest jobs").wait_for()
    assert hosts == {server.url.split("/")[2]}
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_keys_are_made_shown_once_and_revoked(goto, server):
    page = goto("/settings")
    page.get_by_label("New key").fill("laptop")
    page.get_by_role("button", name="Make key").click()
    shown = page.locator(".note pre").inner_text()
    assert shown.startswith("va_")
    page.get_by_role("button", name="Revoke laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="laptop")).to_contain_text("revoked")
    assert server.call("POST", "/auth/validate", json={"token": shown})["valid"] is False
