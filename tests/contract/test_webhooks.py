"""Webhooks from registration to the signed call, against a receiver that listens for real."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.synthetic.jobs import NOW, OWNER, job, ready
from tests.synthetic.receiver import Receiver, receiving
from tests.synthetic.server import Api

from videoannotator.db import jobs
from videoannotator.db.database import Database, sqlite_url
from videoannotator.domain.errors import TargetNotAllowed
from videoannotator.domain.webhooks import DeliveryStatus, Webhook, WebhookDraft, signed_headers
from videoannotator.services import webhook_targets
from videoannotator.services.webhook_sender import WebhookSender
from videoannotator.services.webhooks import Webhooks


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class Moving:
    """A clock that is put on by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class TestSending:
    @pytest.fixture
    def database(self, tmp_path: Path) -> Database:
        return ready(sqlite_url(tmp_path / "db"))

    @pytest.fixture
    def clock(self) -> Moving:
        return Moving()

    @pytest.fixture
    def sender(self, database: Database, clock: Moving) -> WebhookSender:
        return WebhookSender(database, private=True, clock=clock, back_off_s=(5, 60))

    def made(self, database: Database, receiver: Receiver) -> Webhook:
        return Webhooks(database, private=True).create(OWNER, WebhookDraft(url=receiver.url))

    def test_the_end_of_a_job_is_told_once_and_signed(
        self, database: Database, sender: WebhookSender, receiver: Receiver
    ) -> None:
        webhook = self.made(database, receiver)
        _end(database, "a")
        assert [sender.work(), sender.work()] == [1, 0]
        headers, body = receiver.heard[0]
        key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert b'"type":"job.cancelled"' in body

    def test_what_happened_before_and_to_others_is_not_told(
        self, database: Database, sender: WebhookSender, receiver: Receiver
    ) -> None:
        _end(database, "before")
        self.made(database, receiver)
        _end(database, "others", owner="bob")
        assert sender.work() == 0

    def test_a_failed_call_is_made_again_later_each_time_until_it_is_given_up(
        self, database: Database, sender: WebhookSender, receiver: Receiver, clock: Moving
    ) -> None:
        webhook = self.made(database, receiver)
        receiver.answers = [500]
        _end(database, "a")
        calls = []
        for seconds in (0, 4, 1, 59, 1, 3600):  # due after 0, 5 and 60 s
            clock.now += timedelta(seconds=seconds)
            calls.append(sender.work())
        assert calls == [1, 0, 1, 0, 1, 0]
        one = Webhooks(database, private=True).deliveries(webhook.id, OWNER, 10)[0]
        assert (one.status, one.n_attempts, one.response_status) == (DeliveryStatus.FAILED, 3, 500)
        assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1

    def test_a_redirect_is_not_followed(
        self, database: Database, sender: WebhookSender, receiver: Receiver
    ) -> None:
        self.made(database, receiver)
        receiver.answers = [302]
        _end(database, "a")
        sender.work()
        assert len(receiver.heard) == 1

    def test_a_restart_in_between_loses_nothing(
        self, database: Database, sender: WebhookSender, receiver: Receiver, clock: Moving
    ) -> None:
        self.made(database, receiver)
        receiver.answers = [500, 204]
        _end(database, "a")
        sender.work()
        clock.now += timedelta(seconds=5)
        assert WebhookSender(database, private=True, clock=clock).work() == 1
        assert len(receiver.heard) == 2


def test_the_signature_is_that_of_the_specifications_example() -> None:
    # The example of https://docs.svix.com/receiving/verifying-payloads/how-manual
    moment = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        moment,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "http://example.org/",
    ],
)
def test_private_addresses_and_plain_http_are_refused(url: str) -> None:
    with pytest.raises(TargetNotAllowed):
        webhook_targets.check(url, private=False)


def test_a_name_that_leads_to_a_private_address_is_not_called(receiver: Receiver) -> None:
    address = receiver.url.replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(TargetNotAllowed):
        webhook_targets.call(address, {}, b"", private=False)
    assert receiver.heard == []


def test_the_secret_is_told_once(api: Api) -> None:
    alice = api.client("alice")
    made = alice.post("/api/v1/webhooks", json={"url": "https://example.org/hook"})
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in alice.get(made.headers["location"]).json()
    test = alice.post(f"{made.headers['location']}/test")
    assert test.status_code == 202
    log = alice.get(f"{made.headers['location']}/deliveries").json()["deliveries"]
    assert [one["event_type"] for one in log] == ["ping"]
    refused = alice.post("/api/v1/webhooks", json={"url": "https://127.0.0.1/"})
    assert (refused.status_code, refused.json()["error_code"]) == (403, "WEBHOOK_TARGET_NOT_ALLOWED")


def _end(database: Database, job_id: str, **more: Any) -> None:
    with database.write() as connection:
        jobs.create(connection, job(job_id, **more))
        jobs.request_cancel(connection, job_id, None, NOW)
