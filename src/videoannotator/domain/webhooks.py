"""Webhooks: addresses of other programs that are told when work has ended.

Calls are signed as the Standard Webhooks specification says (https://www.standardwebhooks.com), so that its
libraries check them: ``webhook-signature: v1,BASE64(HMAC-SHA256(secret, "ID.TIMESTAMP.BODY"))``.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from videoannotator.domain.batches import BatchStatus
from videoannotator.domain.jobs import ENDINGS, EventType
from videoannotator.domain.media import Record

SECRET_PREFIX = "whsec_"  # noqa: S105 (how every secret begins, no secret)


class WebhookDraft(Record):
    """A webhook as a person writes it."""

    url: str = Field(
        max_length=2000, pattern=r"^https?://[^\s]+$", examples=["https://lab.example/videoannotator"]
    )
    events: tuple[EventType, ...] = Field(
        (*sorted(ENDINGS), EventType.BATCH_UPDATE),
        min_length=1,
        max_length=20,
        description="What it is told; of the updates of a batch only the one that tells its end.",
    )
    description: str = Field("", max_length=500)
    active: bool = Field(True, strict=True)


class Webhook(WebhookDraft):
    """A stored webhook. Its secret is told once, when it is made."""

    id: str
    owner: str
    secret: str = Field(repr=False)
    created_at: datetime
    updated_at: datetime


class DeliveryStatus(StrEnum):
    """Where a delivery stands; the last two are final."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(Record):
    """One thing that a webhook is to be told, and how the last attempt went."""

    id: int
    webhook_id: str
    event_type: str
    body: dict[str, Any]
    status: DeliveryStatus
    n_attempts: int = 0
    next_at: datetime
    response_status: int | None = None
    error: str | None = None
    created_at: datetime
    delivered_at: datetime | None = None


def is_worth_a_call(kind: EventType, data: Mapping[str, Any]) -> bool:
    """Whether an event is told to webhooks: not how far a batch is, but that it has ended."""
    return kind is not EventType.BATCH_UPDATE or data["status"] in (
        BatchStatus.COMPLETED,
        BatchStatus.CANCELLED,
    )


def new_secret() -> str:
    """256 random bits, as the specification writes them."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(secret: str, message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers of a call at a moment."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    seconds = int(moment.timestamp())
    digest = hmac.new(key, b"%s.%d.%s" % (message_id.encode(), seconds, body), hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
