"""Live progress of a run: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from videoannotator.domain import report
from videoannotator.domain.report import ComponentStatus, Report

PLAIN_INTERVAL_S = 5.0  # how often a log file hears of a component that is still at work


class View(Protocol):
    """Something that shows reports while a run goes on."""

    def show(self, message: Report) -> None:
        """Show one report."""


@contextmanager
def view(console: Console) -> Iterator[View]:
    """Bars where the console is a terminal, lines where it is not."""
    if console.is_terminal:
        with Bars(console) as bars:
            yield bars
    else:
        yield Lines(console)


def duration(seconds: float) -> str:
    """Seconds as people read them: ``42s``, ``3m10s``, ``1h02m``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def _pace(message: report.Progress) -> str:
    """Rate and time left, as far as they are known."""
    words = []
    if message.frames_per_s:
        words.append(f"{message.frames_per_s:.1f} frames/s")
    if message.rate:
        words.append(f"{message.rate:.1f}x real time")
    if message.eta_s is not None:
        words.append(f"{duration(message.eta_s)} left")
    return ", ".join(words)


class _Pace(ProgressColumn):
    """The last column of a bar."""

    def render(self, task: Task) -> Text:
        return Text(str(task.fields.get("pace", "")), style="dim")


class Bars:
    """One bar per component."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("  {task.description:<22}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
        )
        self._progress = Progress(*columns, _Pace(), console=console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, message: Report) -> None:
        """Move the component's bar, or print a line above the bars."""
        if isinstance(message, report.Progress):
            task = self._task(message.component or message.stage.value)
            self._progress.update(task, completed=message.fraction, pace=_pace(message))
        elif isinstance(message, report.ComponentChange):
            self._change(message)
        elif isinstance(message, report.Log) and message.level in ("warning", "error"):
            self._progress.console.print(
                f"  [yellow]{message.level}[/]: {escape(message.message)}", highlight=False
            )

    def _change(self, message: report.ComponentChange) -> None:
        task = self._task(message.component)
        if message.status is ComponentStatus.COMPLETED:
            self._progress.update(task, completed=1.0, pace="[done]")
        elif message.status in (ComponentStatus.FAILED, ComponentStatus.SKIPPED):
            self._progress.update(task, pace=f"{message.status}: {message.error_message}")

    def _task(self, name: str) -> TaskID:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=1.0, pace="")
        return self._tasks[name]


class Lines:
    """A line when a component starts, now and then while it works, and when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: dict[str, float] = {}

    def show(self, message: Report) -> None:
        """Print the report unless the same component was heard of a moment ago."""
        if isinstance(message, report.Progress):
            self._progress(message)
        elif isinstance(message, report.ComponentChange):
            tail = f": {message.error_message}" if message.error_message else ""
            self._print(f"{message.component}: {message.status}{tail}")
        elif isinstance(message, report.Log) and message.level in ("warning", "error"):
            self._print(f"{message.level}: {message.message}")

    def _progress(self, message: report.Progress) -> None:
        name = message.component or message.stage.value
        now = time.monotonic()
        if now - self._last.setdefault(name, now) >= PLAIN_INTERVAL_S:
            self._last[name] = now
            self._print(f"{name}: {message.fraction:.0%} {_pace(message)}".rstrip())

    def _print(self, line: str) -> None:
        self._console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
