"""What people do with webhooks; ``owner`` None stands for somebody who may see everybody's."""

import uuid

from videoannotator.db import audit
from videoannotator.db import webhooks as rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, timestamp, utc_now
from videoannotator.domain.errors import Conflict
from videoannotator.domain.webhooks import Delivery, Webhook, WebhookDraft, new_secret
from videoannotator.services import webhook_targets

MAX_PER_OWNER = 50


class Webhooks:
    """The webhooks of one server. ``private`` lets them call loopback and private addresses."""

    def __init__(self, database: Database, *, private: bool, clock: Clock = utc_now) -> None:
        self._database = database
        self._private = private
        self._clock = clock

    def list(self, owner: str | None) -> tuple[Webhook, ...]:
        """Newest first."""
        with self._database.read() as connection:
            return rows.find(connection, owner)

    def get(self, webhook_id: str, owner: str | None) -> Webhook:
        """One webhook; raises NotHere."""
        with self._database.read() as connection:
            return rows.get(connection, webhook_id, owner)

    def create(self, owner: str, draft: WebhookDraft) -> Webhook:
        """Remember a webhook; raises InvalidRequest, TargetNotAllowed, Conflict (too many)."""
        webhook_targets.check(draft.url, private=self._private)
        now = self._clock()
        webhook = Webhook(
            **draft.model_dump(),
            id=str(uuid.uuid4()),
            owner=owner,
            secret=new_secret(),
            created_at=now,
            updated_at=now,
        )
        with self._database.write() as connection:
            if len(rows.find(connection, owner)) >= MAX_PER_OWNER:
                raise Conflict(f"You have {MAX_PER_OWNER} webhooks already", hint="Delete one first.")
            rows.add(connection, webhook)
            audit.append(connection, "webhook.create", webhook.id, now, url=webhook.url)
        return webhook

    def replace(self, webhook_id: str, owner: str | None, draft: WebhookDraft) -> Webhook:
        """Change a webhook, not its secret; raises NotHere, InvalidRequest, TargetNotAllowed."""
        webhook_targets.check(draft.url, private=self._private)
        with self._database.write() as connection:
            rows.get(connection, webhook_id, owner)
            values = draft.model_dump(mode="json")
            rows.change(connection, webhook_id, **values, updated_at=self._clock())
            audit.append(connection, "webhook.change", webhook_id, self._clock(), url=draft.url)
            return rows.get(connection, webhook_id, owner)

    def delete(self, webhook_id: str, owner: str | None) -> None:
        """Forget a webhook; raises NotHere."""
        with self._database.write() as connection:
            rows.get(connection, webhook_id, owner)
            rows.remove(connection, webhook_id)
            audit.append(connection, "webhook.delete", webhook_id, self._clock())

    def ping(self, webhook_id: str, owner: str | None) -> int:
        """Have the webhook called as a test; returns the id of the delivery. Raises NotHere."""
        now = self._clock()
        with self._database.write() as connection:
            rows.get(connection, webhook_id, owner)
            body = {"type": "ping", "timestamp": timestamp(now), "data": {"webhook_id": webhook_id}}
            return rows.enqueue(connection, webhook_id, "ping", body, now)

    def deliveries(self, webhook_id: str, owner: str | None, limit: int) -> tuple[Delivery, ...]:
        """What was and is to be told, newest first; raises NotHere."""
        with self._database.read() as connection:
            rows.get(connection, webhook_id, owner)
            return rows.log(connection, webhook_id, limit)
