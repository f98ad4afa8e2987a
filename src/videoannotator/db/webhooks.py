"""Rows of webhooks and of what they are to be told."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db import events
from videoannotator.db.schema import deliveries, webhooks
from videoannotator.domain.errors import NotHere
from videoannotator.domain.webhooks import Delivery, DeliveryStatus, Webhook, is_worth_a_call

_PAGE = 500


def add(connection: sa.Connection, webhook: Webhook) -> None:
    """Remember a webhook; it is told of what happens from now on."""
    connection.execute(
        sa.insert(webhooks).values(**webhook.model_dump(mode="python"), last_event=events.head(connection))
    )


def find(connection: sa.Connection, owner: str | None) -> tuple[Webhook, ...]:
    """An owner's webhooks (everybody's for None), newest first."""
    query = sa.select(webhooks).order_by(webhooks.c.created_at.desc(), webhooks.c.id)
    if owner is not None:
        query = query.where(webhooks.c.owner == owner)
    return tuple(_webhook(row) for row in connection.execute(query).mappings())


def get(connection: sa.Connection, webhook_id: str, owner: str | None) -> Webhook:
    """One webhook; raises NotHere, also for somebody else's."""
    found = next((one for one in find(connection, owner) if one.id == webhook_id), None)
    if found is None:
        raise NotHere(f"There is no webhook {webhook_id}", hint="List them with GET /api/v1/webhooks.")
    return found


def change(connection: sa.Connection, webhook_id: str, **values: Any) -> None:
    """Set columns of a webhook."""
    connection.execute(sa.update(webhooks).where(webhooks.c.id == webhook_id).values(**values))


def remove(connection: sa.Connection, webhook_id: str) -> None:
    """Forget a webhook and what it was still to be told."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.webhook_id == webhook_id))
    connection.execute(sa.delete(webhooks).where(webhooks.c.id == webhook_id))


def behind(connection: sa.Connection) -> bool:
    """Whether something has happened that some webhook has not been asked about."""
    query = sa.select(sa.func.min(webhooks.c.last_event)).where(webhooks.c.active)
    oldest = connection.scalar(query)
    return oldest is not None and oldest < events.head(connection)


def collect(connection: sa.Connection, now: datetime) -> None:
    """Turn the news since each webhook's last event into deliveries: each exactly once."""
    for row in connection.execute(sa.select(webhooks).where(webhooks.c.active)).mappings():
        webhook = _webhook(row)
        news = events.after(
            connection, row["last_event"], owner=webhook.owner, job_id=None, types=webhook.events, limit=_PAGE
        )
        for event in news:
            if not is_worth_a_call(event.type, event.data):
                continue
            body = {"type": event.type.value, "timestamp": event.data["timestamp"], "data": event.data}
            enqueue(connection, webhook.id, event.type.value, body, now)
        # A full page may have more behind it; else everything up to now is dealt with.
        last = news[-1].id if len(news) == _PAGE else events.head(connection)
        change(connection, webhook.id, last_event=last)


def enqueue(
    connection: sa.Connection, webhook_id: str, event_type: str, body: dict[str, Any], now: datetime
) -> int:
    """Add a delivery that is due at once; returns its id."""
    row = sa.insert(deliveries).values(
        webhook_id=webhook_id,
        event_type=event_type,
        body=body,
        status=DeliveryStatus.PENDING.value,
        n_attempts=0,
        next_at=now,
        created_at=now,
    )
    return int(connection.execute(row.returning(deliveries.c.id)).scalar_one())


def due(connection: sa.Connection, now: datetime, until: datetime, limit: int) -> tuple[Delivery, ...]:
    """Take what is due: nobody else gets it before ``until``, by which it has been tried."""
    query = (
        sa.select(deliveries)
        .where(deliveries.c.status == DeliveryStatus.PENDING.value, deliveries.c.next_at <= now)
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(limit)
    )
    found = tuple(_delivery(row) for row in connection.execute(query).mappings())
    ids = [one.id for one in found]
    connection.execute(sa.update(deliveries).where(deliveries.c.id.in_(ids)).values(next_at=until))
    return found


def is_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether ``due`` would give something."""
    query = sa.select(deliveries.c.id).where(
        deliveries.c.status == DeliveryStatus.PENDING.value, deliveries.c.next_at <= now
    )
    return connection.scalar(query.limit(1)) is not None


def note(connection: sa.Connection, delivery_id: int, **values: Any) -> None:
    """Write how an attempt went."""
    connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


def prune(connection: sa.Connection, before: datetime) -> int:
    """Forget deliveries whose last attempt was earlier and that are not tried again; returns how many."""
    over = deliveries.c.status.in_([DeliveryStatus.DELIVERED.value, DeliveryStatus.FAILED.value])
    return connection.execute(sa.delete(deliveries).where(over, deliveries.c.next_at < before)).rowcount


def log(connection: sa.Connection, webhook_id: str, limit: int) -> tuple[Delivery, ...]:
    """The newest deliveries of a webhook."""
    query = sa.select(deliveries).where(deliveries.c.webhook_id == webhook_id)
    rows = connection.execute(query.order_by(deliveries.c.id.desc()).limit(limit)).mappings()
    return tuple(_delivery(row) for row in rows)


def _webhook(row: Any) -> Webhook:
    return Webhook.model_validate({name: row[name] for name in Webhook.model_fields})


def _delivery(row: Any) -> Delivery:
    return Delivery.model_validate(dict(row))
