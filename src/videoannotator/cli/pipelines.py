"""``videoannotator pipelines``: what can be run here, with every parameter."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from videoannotator.domain.catalogue import ComponentInfo, PipelineInfo


def pipelines(
    name: Annotated[str | None, typer.Argument(help="A pipeline or component: show its parameters.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON.")] = False,
) -> None:
    """List pipelines and components; with NAME, every parameter with its default and bounds.

    Examples: [bold]videoannotator pipelines[/], [bold]videoannotator pipelines whisper[/]
    """
    from rich.console import Console

    from videoannotator import bootstrap

    registry = bootstrap.open_registry()
    catalogue = registry.catalogue(bootstrap.open_library(registry))
    if name is not None:
        found = registry.resolve(name)
        catalogue = tuple(info for info in catalogue if info.name == found.pipeline)
        if found.component:
            catalogue = tuple(_only(info, found.component) for info in catalogue)
    if as_json:
        typer.echo("[" + ",\n".join(info.model_dump_json(indent=2) for info in catalogue) + "]")
        return
    console = Console()
    for info in catalogue:
        _show(console, info, with_parameters=name is not None)


def _only(info: "PipelineInfo", component: str) -> "PipelineInfo":
    chosen = tuple(one for one in info.components if one.name == component)
    return info.model_copy(update={"components": chosen})


def _show(console: "Console", info: "PipelineInfo", *, with_parameters: bool) -> None:
    from rich.markup import escape

    console.print(f"[bold]{info.name}[/]  {escape(info.description)}")
    if info.disabled_reason:
        reason = escape(f"{info.disabled_reason} {info.hint or ''}")
        console.print(f"  [red]off[/]  [dim]{reason}[/]")
    for component in info.components:
        if not component.enabled:
            mark = "[red]off[/]"
        elif component.default_enabled:
            mark = "[green]on[/]"
        else:
            mark = "[yellow]optional[/]"
        caveat = f" [yellow]({escape(component.caveat)})[/]" if component.caveat else ""
        console.print(f"  {component.name:<22} {mark}  {escape(component.description)}{caveat}")
        if component.disabled_reason:
            reason = escape(f"{component.disabled_reason} {component.hint or ''}")
            console.print(f"  {'':<22} [dim]{reason}[/]")
        for model in component.models if with_parameters else ():
            size = f"{model.size_bytes / 1e6:.1f} MB, {model.licence}"
            console.print(
                f"  {'':<22} [dim]{model.name}: {model.state}, {size}. {escape(model.hint or '')}[/]"
            )
        if with_parameters:
            _show_parameters(console, component)
    console.print()


def _show_parameters(console: "Console", component: "ComponentInfo") -> None:
    from rich.markup import escape
    from rich.table import Table

    if not component.parameters:
        return
    table = Table("parameter", "type", "default", "allowed", "meaning", box=None, padding=(0, 2))
    for one in component.parameters:
        unit = f" {one.unit}" if one.unit else ""
        allowed = _allowed(one.enum, one.min, one.max)
        row = (one.name, one.type, f"{one.default}{unit}", allowed, one.description)
        table.add_row(*map(escape, row))
    console.print(table)


def _allowed(choices: tuple[object, ...] | None, low: float | None, high: float | None) -> str:
    if choices:
        return " | ".join(str(choice) for choice in choices)
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} .. {'' if high is None else f'{high:g}'}"
