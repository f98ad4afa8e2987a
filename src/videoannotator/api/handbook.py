"""The API's description as plain pages that need no network: no script, no style from elsewhere."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from videoannotator.api.errors import CatalogueEntry

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; text-transform: capitalize; } h3 { font-size: 1rem; margin-bottom: .2rem; }
code, h3 { font-family: ui-monospace, monospace; } .verb { display: inline-block; min-width: 4.5rem; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
.quiet { opacity: .7; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } a { color: #8bf; } }
"""


def routes_page(description: dict[str, Any]) -> str:
    """Every operation of an OpenAPI description, by tag."""
    title = f"{description['info']['title']} {description['info']['version']}"
    by_tag: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            tag = operation.get("tags", ["other"])[0]
            by_tag.setdefault(tag, []).append(_operation(verb, path, operation))
    sections = [f"<h2>{escape(tag)}</h2>{''.join(shown)}" for tag, shown in by_tag.items()]
    intro = (
        f"<p>{escape(description['info'].get('summary', ''))}</p>"
        "<p>Send the API key as <code>Authorization: Bearer va_...</code>. "
        '<a href="/docs/errors">Errors</a> have one shape and a code each. '
        '<a href="/openapi.json">openapi.json</a> says all of this to programs.</p>'
    )
    return _page(title, intro + "".join(sections))


def errors_page(entries: Iterable[CatalogueEntry]) -> str:
    """Every error code."""
    rows = "".join(
        f'<tr id="{entry.code.lower().replace("_", "-")}"><td><code>{entry.code}</code></td>'
        f"<td>{entry.status}</td><td>{escape(entry.title)}<br>"
        f'<span class="quiet">{escape(entry.hint)}</span></td></tr>'
        for entry in entries
    )
    head = "<tr><th>error_code</th><th>status</th><th>meaning, and what to do</th></tr>"
    return _page("Errors", f'<p><a href="/docs">All routes</a></p><table>{head}{rows}</table>')


def _operation(verb: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f'<h3><span class="verb">{verb.upper()}</span>{escape(path)}</h3>']
    parts.append(f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>")
    rows = "".join(_rows(operation))
    if rows:
        parts.append(f"<table>{rows}</table>")
    return "".join(parts)


def _rows(operation: dict[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", ()):
        told = one.get("description", "")
        yield _row(one["name"], f"{one['in']}, {_kind(one.get('schema', {}))}", told)
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        yield _row("body", media_type, _kind(body.get("schema", {})))


def _row(name: str, kind: str, told: str) -> str:
    return (
        f'<tr><td><code>{escape(name)}</code></td><td class="quiet">{escape(kind)}</td>'
        f"<td>{escape(told)}</td></tr>"
    )


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a word or two."""
    if "properties" in schema:
        return ", ".join(schema["properties"])
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    return str(schema.get("type") or schema.get("$ref", "any").rsplit("/", 1)[-1])


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
