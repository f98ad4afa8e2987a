"""Writes the reference pages from the declarations; ``--check`` only says whether they are current."""

import sys
from collections.abc import Callable
from pathlib import Path

import model_cards
from api_pages import api_page, events_page

from videoannotator import __version__
from videoannotator.api.app import description
from videoannotator.api.errors import catalogue as error_catalogue
from videoannotator.bootstrap import open_registry
from videoannotator.domain.catalogue import Parameter
from videoannotator.domain.table import Column
from videoannotator.domain.tables import BUILT_IN
from videoannotator.plugin.component import Component
from videoannotator.plugin.parameters import describe
from videoannotator.settings import PREFIX, Settings

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by scripts/docs.py; change the declarations, not this page. -->\n"


def tables() -> str:
    """Every table with its columns."""
    parts = ["# Tables", NOTE, "One CSV and one Parquet file per table; times are seconds from the start.\n"]
    for schema in BUILT_IN:
        parts.append(f"## {schema.name}\n\n{schema.description}\n")
        rows = [(f"`{c.name}`", _kind(c), c.unit or "", c.description) for c in schema.columns]
        parts.append(_table(("Column", "Kind", "Unit", "Meaning"), rows))
    return "\n".join(parts)


def pipelines() -> str:
    """Every component with its parameters."""
    parts = ["# Pipelines, components, parameters", NOTE]
    for pipeline in open_registry().pipelines:
        parts.append(f"## {pipeline.name}\n\n{pipeline.description}{_aliases(pipeline.aliases)}\n")
        parts += [_component(component) for component in pipeline.components]
    return "\n".join(parts)


def errors() -> str:
    """Every error code of the API."""
    rows = [(f"`{e.code}`", str(e.status), e.title, e.hint) for e in error_catalogue()]
    text = "The API gives these codes in `error_code`; the command line shows them in brackets.\n"
    return "\n".join(["# Errors", NOTE, text, _table(("Code", "HTTP", "Means", "What to do"), rows)])


def settings() -> str:
    """Every setting of an installation."""
    rows = [
        (f"`{name}`", f"`{PREFIX}{name.upper()}`", field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    text = "A flag wins over the environment, the environment over `videoannotator.toml`.\n"
    return "\n".join(["# Settings", NOTE, text, _table(("Setting", "Variable", "Meaning"), rows)])


def api() -> str:
    """Every operation of the API."""
    return "\n".join(["# HTTP API", NOTE, api_page(description(__version__))])


def events() -> str:
    """Every event."""
    return "\n".join(["# Events", NOTE, events_page()])


def models() -> str:
    """The list of the model cards."""
    return "\n".join(["# Models", NOTE, model_cards.index(open_registry())])


def _card(name: str) -> Callable[[], str]:
    return lambda: model_cards.card(open_registry(), name).replace("\n\n", f"\n\n{NOTE}\n", 1)


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables,
    "pipelines.md": pipelines,
    "errors.md": errors,
    "settings.md": settings,
    "api.md": api,
    "events.md": events,
    "../models/README.md": models,
    **{f"../models/{name}.md": _card(name) for name in model_cards.names(open_registry())},
}


def _component(component: Component) -> str:
    state = "on by default" if component.default_enabled else "off by default"
    caveat = f" **{component.caveat.rstrip('.')}.**" if component.caveat else ""
    tables_filled = ", ".join(f"`{schema.name}`" for schema in component.produces)
    head = f"### {component.name}\n\n{component.description} ({state}){caveat}{_aliases(component.aliases)}\n"
    filled = f"\nFills {tables_filled}.\n" if tables_filled else ""
    rows = [
        (f"`{one.name}`", one.type, f"`{one.default}`", _bounds(one), one.description)
        for one in describe(component.parameters)
    ]
    listed = _table(("Parameter", "Type", "Default", "Allowed", "Meaning"), rows) if rows else ""
    return head + filled + "\n" + listed


def _bounds(one: Parameter) -> str:
    if one.enum:
        return ", ".join(f"`{choice}`" for choice in one.enum)
    low, high = (f"{bound:g}" if bound is not None else "" for bound in (one.min, one.max))
    unit = f" {one.unit}" if one.unit else ""
    return f"{low} .. {high}{unit}" if low or high else unit.strip()


def _aliases(names: tuple[str, ...]) -> str:
    return f" Also called {', '.join(f'`{name}`' for name in names)}." if names else ""


def _kind(column: Column) -> str:
    return f"{column.kind} {'x'.join(map(str, column.shape))}" if column.shape else column.kind


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )


def main() -> None:
    """Write the pages, or tell which are out of date."""
    stale = []
    for name, make in PAGES.items():
        text = make().rstrip() + "\n"
        path = FOLDER / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        raise SystemExit(f"out of date: {', '.join(stale)}; run: python scripts/docs.py")


if __name__ == "__main__":
    main()
