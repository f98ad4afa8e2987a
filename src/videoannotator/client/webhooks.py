"""Webhooks of a server: ``client.webhooks``."""

from collections.abc import Callable, Sequence

import httpx2

from videoannotator.client.records import Delivery, Webhook

Ask = Callable[..., httpx2.Response]


class WebhookCalls:
    """What people do with webhooks; every method raises CannotConnect or Refused."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self) -> list[Webhook]:
        """One's own, newest first."""
        return [Webhook.model_validate(one) for one in self._ask("GET", "/webhooks").json()["webhooks"]]

    def create(self, url: str, *, events: Sequence[str] = (), description: str = "") -> Webhook:
        """Have an address told of these events, else of every end; only now its secret is told."""
        body = {"url": url, "description": description, **({"events": list(events)} if events else {})}
        return Webhook.model_validate(self._ask("POST", "/webhooks", json=body).json())

    def ping(self, webhook_id: str) -> int:
        """Have it called with a ping; returns the delivery's id."""
        return int(self._ask("POST", f"/webhooks/{webhook_id}/test").json()["delivery_id"])

    def deliveries(self, webhook_id: str, limit: int = 100) -> tuple[Delivery, ...]:
        """What was and is to be told, newest first."""
        answer = self._ask("GET", f"/webhooks/{webhook_id}/deliveries", params={"limit": limit})
        return tuple(Delivery.model_validate(one) for one in answer.json()["deliveries"])

    def delete(self, webhook_id: str) -> None:
        """Tell it nothing more."""
        self._ask("DELETE", f"/webhooks/{webhook_id}")
