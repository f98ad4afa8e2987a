"""The API's description as plain pages that need no network: no script, no style from elsewhere."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from videoannotator.api.errors import CatalogueEntry

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid; } h3 { font-size: 1rem; margin: 2rem 0 .2rem; }
code, h3 { font-family: ui-monospace, monospace; } h3 { overflow-wrap: anywhere; }
.verb { display: inline-block; min-width: 5rem; } .quiet { opacity: .75; } p { margin: .2rem 0 .5rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; }
td, th { vertical-align: top; } nav a { margin-right: 1rem; } :target { outline: 2px solid; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } a { color: #8bf; } }
"""
_PLACES = {"multipart/form-data": "form", "application/json": "JSON"}
_MOST_CHOICES = 12  # of an enumeration that are written out


def routes_page(description: dict[str, Any]) -> str:
    """Every operation of an OpenAPI description, by tag, and every record that they take or answer."""
    title = f"{description['info']['title']} {description['info']['version']}"
    by_tag: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            tag = operation.get("tags", ["other"])[0]
            by_tag.setdefault(tag, []).append(_operation(verb, path, operation))
    sections = {tag.capitalize(): "".join(shown) for tag, shown in by_tag.items()}
    sections["Records"] = _records(description["components"]["schemas"])
    intro = (
        f"<p>{escape(description['info'].get('summary', ''))}</p>"
        "<p>Send the API key as <code>Authorization: Bearer va_...</code>. "
        '<a href="/docs/errors">Errors</a> have one shape and a code each; <a href="/docs/events">events</a> '
        'tell what happens. <a href="/openapi.json">openapi.json</a> says all of this to programs.</p>'
    )
    return _page(title, intro + _sections(sections))


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


def events_page(document: dict[str, Any]) -> str:
    """Every event of an AsyncAPI document with what it carries, and the records in it."""
    messages = document["components"]["messages"].values()
    shown = "".join(_record(one["name"], one["payload"]) for one in messages)
    sections = {"Events": shown, "Records": _records(document["components"]["schemas"])}
    channel = document["channels"]["events"]
    intro = (
        f"<p>{escape(document['info']['description'])} "
        f"Listen at <code>GET {escape(channel['address'])}</code>; after an interruption send the last id as "
        "<code>Last-Event-ID</code>, and nothing is lost.</p>"
        '<p><a href="/docs">All routes</a>, <a href="/asyncapi.json">asyncapi.json</a> for programs.</p>'
    )
    return _page("Events", intro + _sections(sections))


def _sections(sections: dict[str, str]) -> str:
    links = " ".join(f'<a href="#{_anchor(name)}">{escape(name)}</a>' for name in sections)
    parts = (f'<h2 id="{_anchor(name)}">{escape(name)}</h2>{shown}' for name, shown in sections.items())
    return f"<nav>{links}</nav>{''.join(parts)}"


def _operation(verb: str, path: str, operation: dict[str, Any]) -> str:
    anchor = escape(operation["operationId"])
    parts = [f'<h3 id="{anchor}"><span class="verb">{verb.upper()}</span>{escape(path)}</h3>']
    parts += [f"<p>{_text(told)}</p>" for told in operation.get("description", "").split("\n\n")]
    parts.append(_table(_asked(operation)))
    good = [f"{status}{_content(told)}" for status, told in _answers(operation, good=True)]
    bad = sorted(status for status, _ in _answers(operation, good=False))
    key = "" if operation.get("security") else "Public. "
    parts.append(f'<p class="quiet">{key}Answers {", ".join(good)}; errors {", ".join(bad)}.</p>')
    return "".join(parts)


def _answers(operation: dict[str, Any], *, good: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    return (one for one in operation["responses"].items() if one[0].startswith(("2", "3")) == good)


def _content(told: dict[str, Any]) -> str:
    kinds = [_kind(body["schema"]) for body in told.get("content", {}).values() if body.get("schema")]
    kinds += [f"<code>{escape(name)}</code>" for name in told.get("headers", ())]
    return f" ({', '.join(kinds)})" if kinds else ""


def _asked(operation: dict[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", ()):
        told = one.get("description", "")
        yield _row(one["name"], one["in"], _kind(one.get("schema", {})), told, needed=one["required"])
    body = operation.get("requestBody", {})
    for media_type, sent in body.get("content", {}).items():
        schema = sent.get("schema", {})
        yield _row("body", media_type, _kind(schema), "", needed=body.get("required", False))
        if "properties" in schema:
            yield from _fields(schema, _PLACES.get(media_type, "body"))


def _records(schemas: dict[str, Any]) -> str:
    # The problems of each status differ in their codes only, which the page of errors lists.
    return "".join(
        _record(name, one) for name, one in sorted(schemas.items()) if not _is_problem_of_status(name)
    )


def _is_problem_of_status(name: str) -> bool:
    return re.fullmatch(r"Problem\d+", name) is not None


def _record(name: str, schema: dict[str, Any]) -> str:
    told = f"<p>{_text(schema.get('description', ''))}</p>"
    shown = _table(_fields(schema)) if "properties" in schema else f"<p>{_kind(schema)}</p>"
    return f'<h3 id="{_anchor(name)}">{escape(name)}</h3>{told}{shown}'


def _fields(schema: dict[str, Any], where: str = "") -> Iterator[str]:
    needed = schema.get("required", ())
    for name, one in schema["properties"].items():
        yield _row(name, where, _kind(one), one.get("description", ""), needed=name in needed)


def _table(rows: Iterable[str]) -> str:
    shown = "".join(rows)
    return f"<table>{shown}</table>" if shown else ""


def _row(name: str, where: str, kind: str, told: str, *, needed: bool = False) -> str:
    place = f'<td class="quiet">{escape(where)}</td>' if where else ""
    return (
        f"<tr><td><code>{escape(name)}</code></td>{place}"
        f'<td class="quiet">{kind}{", required" if needed else ""}</td><td>{_text(told)}</td></tr>'
    )


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a word or two of HTML; records are links to their fields."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{_anchor(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if choices:
        more = ", ..." if len(choices) > _MOST_CHOICES else ""
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in choices[:_MOST_CHOICES]) + more
    if schema.get("type") == "array" and schema.get("items"):
        return f"list of {_kind(schema['items'])}"
    return escape(str(schema.get("type", "anything")))


def _text(told: str) -> str:
    """What is between backticks is code."""
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", escape(told))


def _anchor(name: str) -> str:
    return escape(re.sub(r"[^A-Za-z0-9_.]+", "-", name))


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
