"""The models over HTTP. Nothing is fetched here: tests/browser fetches a small one."""

import pytest


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [("nothing-like-it", 404, "GET /api/v1/models"), ("openface3", 403, "licence_mode")],
)
def test_what_cannot_be_fetched_is_refused_with_the_next_step(server, name, code, said):
    with server.http() as http:
        answer = http.post(f"/api/v1/models/{name}/pull")
    assert answer.status_code == code
    assert said in answer.json()["hint"]


def test_only_administrators_fetch_and_everybody_sees_the_list(server):
    with server.http(server.new_key("mary")) as http:
        assert http.post("/api/v1/models/iris/pull").status_code == 403
        listed = http.get("/api/v1/models").json()["models"]
    assert {"iris", "whisper-base"} <= {one["name"] for one in listed}
