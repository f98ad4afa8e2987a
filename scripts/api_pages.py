"""The reference pages of the API and of its events, written from their descriptions."""

from collections.abc import Iterator
from typing import Any

from videoannotator.domain.event_data import KINDS

HEAD = "| Field | Type | | Meaning |\n| --- | --- | --- | --- |\n"
Description = dict[str, Any]


def api_page(description: Description) -> str:
    """Every operation by tag: its parameters, its body, what it answers."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append("\n".join(_operation(verb, path, operation)))
    parts = [
        "Send the key as `Authorization: Bearer va_...`. Errors have one shape and a code each: "
        "[errors](errors.md); events: [events](events.md). Programs read `/openapi.json` (OpenAPI 3.2) and "
        "`/asyncapi.json` (AsyncAPI 3).\n"
    ]
    parts += [f"## {tag.capitalize()}\n\n" + "\n".join(shown) for tag, shown in by_tag.items()]
    return "\n".join(parts)


def events_page() -> str:
    """Every event with what it carries."""
    parts = [
        "`GET /api/v1/events/stream` sends these as Server-Sent Events, `GET /api/v1/events` lists those "
        "with an id. The `data` of a frame is one JSON object: the fields below, `type`, and all of them "
        "again in `data`. Ids count over everything, `job_seq` over one job. Reconnect with "
        "`Last-Event-ID` and nothing is lost. A reader that comes without one is first told, without "
        "ids, of every job at work and of the newest 200 that wait.\n"
    ]
    for name, model in KINDS.items():
        schema = model.model_json_schema()
        rows = [
            f"| `{field}` | {_kind(one)} | {'always' if model.model_fields[field].is_required() else ''} | "
            f"{one.get('description', '')} |"
            for field, one in schema["properties"].items()
        ]
        parts.append(f"## {name}\n\n{schema['description']}\n\n{HEAD}" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _operation(verb: str, path: str, operation: Description) -> Iterator[str]:
    yield f"### {verb.upper()} {path}\n"
    yield f"{operation.get('description', operation.get('summary', ''))}\n"
    keys = [name for needed in operation.get("security", ()) for name in needed]
    yield f"Key: {'in the header or in `token`' if len(keys) > 1 else 'in the header' if keys else 'none'}.\n"
    rows = [
        f"| `{one['name']}` | {one['in']} | {_kind(one.get('schema', {}))} | {one.get('description', '')} |"
        for one in operation.get("parameters", ())
    ]
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        rows.append(f"| body | `{media_type}` | {_kind(body.get('schema', {}))} | |")
    if rows:
        yield "| Parameter | In | Type | Meaning |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
    good = [
        f"{status}{_content(answer)}"
        for status, answer in operation["responses"].items()
        if status.startswith(("2", "3"))
    ]
    bad = [status for status in operation["responses"] if not status.startswith(("2", "3"))]
    yield f"Answers {', '.join(good)}; errors {', '.join(bad)}.\n"


def _content(answer: Description) -> str:
    kinds = [_kind(body.get("schema", {})) for body in answer.get("content", {}).values()]
    media = list(answer.get("content", {}))
    return f" ({kinds[0] or media[0]})" if kinds else ""


def _kind(schema: Description) -> str:
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "anyOf" in schema:
        return " or ".join(filter(None, (_kind(one) for one in schema["anyOf"])))
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "properties" in schema:
        return ", ".join(f"`{name}`" for name in schema["properties"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {})) or 'anything'}"
    return str(schema.get("type", ""))
