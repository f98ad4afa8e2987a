"""``videoannotator webhook``: other programs that a server tells when work has ended."""

from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli.remote import LOCAL, ServerOption, TokenOption, connect

if TYPE_CHECKING:
    from videoannotator.client.records import Delivery

app = typer.Typer(help="Have other programs told when jobs and batches end.", no_args_is_help=True)
WebhookArgument = Annotated[str, typer.Argument(help="The webhook's id.", show_default=False)]


@app.command("create")
def create(
    url: Annotated[str, typer.Argument(help="The address that is called.", show_default=False)],
    events: Annotated[
        list[str] | None,
        typer.Option("--event", help="What it is told.", show_default="every end of a job or batch"),
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Make a webhook; prints its id and the secret that signs its calls, which is told this once.

    Example: [bold]videoannotator webhook create https://lab.example/videoannotator[/]
    """
    with connect(server, token) as client:
        made = client.webhooks.create(url, events=events or (), description=description)
    typer.echo(f"{made.id}  {made.secret}")


@app.command("list")
def list_webhooks(server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """List the webhooks, without their secrets."""
    from videoannotator.cli.listing import show

    with connect(server, token) as client:
        found = client.webhooks.list()
    rows = [(one.id, one.url, "on" if one.active else "off", " ".join(one.events)) for one in found]
    show(("id", "address", "state", "is told"), rows)


@app.command("test")
def ping(webhook: WebhookArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Have a webhook called with a ping; ``deliveries`` shows how it went."""
    with connect(server, token) as client:
        typer.echo(client.webhooks.ping(webhook))


@app.command("deliveries")
def deliveries(
    webhook: WebhookArgument,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """List what a webhook was told, what will be tried again and when, and what went wrong."""
    from videoannotator.cli.listing import show

    with connect(server, token) as client:
        found = client.webhooks.deliveries(webhook, limit)
    show(("delivery", "event", "state", "attempts", "next", "last answer"), [_row(one) for one in found])


def _row(one: "Delivery") -> tuple[str, ...]:
    waits = f"{one.next_at:%Y-%m-%d %H:%M:%S}" if one.status == "pending" else ""
    answer = one.error or ("" if one.response_status is None else str(one.response_status))
    return str(one.id), one.event_type, one.status, str(one.n_attempts), waits, answer


@app.command("delete")
def delete(webhook: WebhookArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Remove a webhook with what it was still to be told."""
    with connect(server, token) as client:
        client.webhooks.delete(webhook)
