"""What was done is written down with who did it, and tampering shows."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.synthetic.server import Api

from videoannotator.db import audit as rows
from videoannotator.db.schema import audit as table


@pytest.fixture
def acted(api: Api, make_clip: Callable[..., Path]) -> Api:
    """Alice makes and removes things of several kinds."""
    alice = api.client("alice")
    preset = alice.post("/api/v1/presets", json={"name": "p"}).json()["id"]
    alice.put(f"/api/v1/presets/{preset}", json={"name": "q"}, headers={"If-Match": '"v1"'})
    alice.delete(f"/api/v1/presets/{preset}")
    files = {"video": ("a.mp4", make_clip("a.mp4", n_frames=10).read_bytes())}
    job = alice.post("/api/v1/jobs", files=files, data={"preset": "quick-look"}).json()["id"]
    alice.post(f"/api/v1/jobs/{job}/cancel", json={"reason": "enough"})
    alice.delete(f"/api/v1/jobs/{job}")
    return api


def test_who_did_what_is_written_down(acted: Api) -> None:
    entries = acted.admin.get("/api/v1/system/audit").json()["entries"]
    made, *own = entries[-6:]
    assert (made["actor"], made["action"]) == ("operator", "key.create")
    assert [one["action"] for one in own] == [
        "preset.create",
        "preset.change",
        "preset.delete",
        "job.cancel",
        "job.delete",
    ]
    assert {one["actor"] for one in own} == {"alice"}
    assert {one["key_id"] for one in own} == {made["target"]}
    assert all(one["address"] and one["request_id"].startswith("req_") for one in own)


def test_only_operators_read_it(acted: Api) -> None:
    assert acted.client("bob").get("/api/v1/system/audit").status_code == 403


@pytest.mark.parametrize(
    "tamper",
    [
        sa.update(table).where(table.c.seq == 3).values(actor="bob"),
        sa.update(table).where(table.c.seq == 3).values(details={"name": "other"}),
        sa.delete(table).where(table.c.seq == 2),
    ],
    ids=["another actor", "other details", "one removed"],
)
def test_tampering_shows(acted: Api, tamper: sa.Executable) -> None:
    with acted.database() as database:
        with database.read() as connection:
            assert rows.first_broken(connection) is None
        with database.engine.connect() as connection:  # looked at and taken back
            connection.execute(tamper)
            broken = rows.first_broken(connection)
            connection.rollback()
    assert broken is not None
    assert broken.seq == 3
