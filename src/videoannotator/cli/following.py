"""Shows the events of a job as they come."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape

from videoannotator.cli import progress
from videoannotator.client import Event
from videoannotator.domain import report
from videoannotator.domain.report import ComponentStatus, Report, Stage


def follow(events: Iterable[Event], console: Console) -> None:
    """Show progress until the events end: bars on a terminal, lines elsewhere."""
    last: dict[str, str] = {}
    with progress.view(console) as view:
        for event in events:
            for message in _reports(event, last):
                view.show(message)
    _say_end(event, console)


def _reports(event: Event, last: dict[str, str]) -> Iterable[Report]:
    """What an event says, in the words that the local command shows; ``last`` holds states shown before."""
    data = event.data
    if event.type == "job.log":
        yield report.Log(level=data["level"], message=data["message"], component=data.get("component"))
    for one in data.get("components") or ():
        stage, name = Stage(one.get("stage") or data.get("stage") or "visual"), one["component"]
        if one["status"] == ComponentStatus.RUNNING:
            yield report.Progress(
                stage=stage,
                component=name,
                fraction=one["progress"] / 100,
                frames_per_s=one.get("frames_per_s"),
                eta_s=one.get("eta_s"),
            )
        if last.get(name) != one["status"]:
            last[name] = one["status"]
            yield _change(stage, one)


def _change(stage: Stage, one: dict[str, Any]) -> report.ComponentChange:
    return report.ComponentChange(
        stage=stage,
        component=one["component"],
        status=one["status"],
        error_code=one.get("error_code"),
        error_message=one.get("error_message"),
    )


def _say_end(event: Event, console: Console) -> None:
    data = event.data
    message = data.get("error_message") or data.get("reason") or ""
    n_files = len(data.get("artifacts") or ())
    files = f", {n_files} files" if n_files else ""
    console.print(f"  {data['status']}{files}{': ' if message else ''}{escape(message)}", highlight=False)
