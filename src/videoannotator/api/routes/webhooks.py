"""Webhooks over HTTP: other programs that are told when work has ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import create_model

from videoannotator.api.answers.record import Answer, without
from videoannotator.api.auth import JobsReader, JobsWriter
from videoannotator.api.state import Services, services
from videoannotator.domain.media import Record
from videoannotator.domain.webhooks import Delivery, Webhook, WebhookDraft

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
Given = Annotated[Services, Depends(services)]

WebhookView = create_model("WebhookView", __base__=Answer, **without(Webhook, "secret"))


class NewWebhook(WebhookView):
    """A webhook with its secret, which is told this once."""

    secret: str


class WebhookList(Record):
    """One's webhooks, newest first."""

    webhooks: tuple[WebhookView, ...]
    total: int


class DeliveryLog(Record):
    """What a webhook was and is to be told, newest first."""

    deliveries: tuple[Delivery, ...]


class Queued(Record):
    """The delivery that will say how the test went."""

    delivery_id: int


@router.get("")
def list_webhooks(caller: JobsReader, given: Given) -> WebhookList:
    """The webhooks, without their secrets."""
    found = tuple(_view(one) for one in given.webhooks.list(caller.whose))
    return WebhookList(webhooks=found, total=len(found))


@router.post("", status_code=201)
def create(draft: WebhookDraft, caller: JobsWriter, given: Given, response: Response) -> NewWebhook:
    """Have another program told, with calls signed as standardwebhooks.com says."""
    made = given.webhooks.create(caller.owner, draft)
    response.headers["Location"] = f"/api/v1/webhooks/{made.id}"
    return NewWebhook(**dict(made))


@router.get("/{webhook_id}")
def get(webhook_id: str, caller: JobsReader, given: Given) -> WebhookView:
    """One webhook."""
    return _view(given.webhooks.get(webhook_id, caller.whose))


@router.put("/{webhook_id}")
def replace(webhook_id: str, draft: WebhookDraft, caller: JobsWriter, given: Given) -> WebhookView:
    """Change what it is told, and where; the secret stays."""
    return _view(given.webhooks.replace(webhook_id, caller.whose, draft))


@router.delete("/{webhook_id}", status_code=204)
def delete(webhook_id: str, caller: JobsWriter, given: Given) -> Response:
    """Tell it nothing more."""
    given.webhooks.delete(webhook_id, caller.whose)
    return Response(status_code=204)


@router.post("/{webhook_id}/test", status_code=202)
def ping(webhook_id: str, caller: JobsWriter, given: Given) -> Queued:
    """Call it with a ``ping``; the log of deliveries shows how it went."""
    return Queued(delivery_id=given.webhooks.ping(webhook_id, caller.whose))


@router.get("/{webhook_id}/deliveries")
def deliveries(
    webhook_id: str,
    caller: JobsReader,
    given: Given,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryLog:
    """What was told, what is to be told again and when, and what the last attempt met with."""
    return DeliveryLog(deliveries=given.webhooks.deliveries(webhook_id, caller.whose, limit))


def _view(webhook: Webhook) -> WebhookView:
    return WebhookView(**webhook.model_dump(exclude={"secret"}))
