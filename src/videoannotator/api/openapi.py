"""The API's description, finished: what FastAPI cannot know is added by rule, so that no route lacks it.

Every error that an operation may answer with is one schema per status, made from the catalogue of errors:
the codes of that status are its ``error_code``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from videoannotator.api import errors, problems
from videoannotator.domain import event_data

_ALWAYS = (400, 500, 503)
_WITH_KEY = (401, 403, 429)
_WITH_BODY = (408, 413, 422)
_CHANGES = (409, 507)
_VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
_READS = ("get", "head", "options")
# What an operation answers besides what the rules say.
_OWN: dict[tuple[str, str], tuple[int, ...]] = {
    ("put", "/api/v1/presets/{preset_id}"): (412, 428),
    ("delete", "/api/v1/presets/{preset_id}"): (412,),
    ("post", "/api/v1/jobs"): (404,),
    ("post", "/api/v1/batches"): (404,),
    ("get", "/api/v1/batches/{batch_id}/artifacts"): (409,),
    ("post", "/api/v1/uploads"): (404,),
    ("put", "/api/v1/preferences"): (404,),
    ("patch", "/api/v1/preferences"): (404,),
    ("get", "/api/v1/events"): (410,),
    ("get", "/api/v1/events/stream"): (404,),
    ("post", "/api/v1/session"): (401, 429),
    ("post", "/api/v1/auth/validate"): (429,),
    ("patch", "/api/v1/uploads/{upload_id}"): (415,),
}
# Files, perhaps only parts of them.
_FILES = ("/content", "/artifacts.zip", "/artifacts", "/{artifact_id}", "/video", "/files/{pipeline}")

_ONE_JOB = "/api/v1/jobs/{job_id}"
_NOT_MODIFIED = {"description": "If-None-Match names the ETag of what is there"}


def finish(app: FastAPI) -> None:
    """Make ``app.openapi()`` tell all of it."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _finished(described())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _finished(description: dict[str, Any]) -> dict[str, Any]:
    schemas = description["components"]["schemas"]
    schemas |= event_data.definitions()
    schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    schemas["FieldProblem"] = problems.FieldProblem.model_json_schema()
    by_status = _problems_by_status()
    schemas |= {f"Problem{status}": schema for status, schema in by_status.items()}
    for path, verb, operation in _operations(description):
        if verb == "get" and (path == _ONE_JOB or (path.endswith(_FILES) and "{batch_id}" not in path)):
            operation["responses"]["304"] = _NOT_MODIFIED
        _add_errors(verb, operation, _statuses(path, verb, operation) & by_status.keys())
    _add_links(description["paths"])
    description["components"]["schemas"].pop("HTTPValidationError", None)
    description["components"]["schemas"].pop("ValidationError", None)
    description["servers"] = [{"url": "/"}]
    return description


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in description["paths"].items():
        for verb in _VERBS:
            if verb in operations:
                yield path, verb, operations[verb]


def _problems_by_status() -> dict[int, dict[str, Any]]:
    codes: dict[int, list[str]] = defaultdict(list)
    for entry in errors.catalogue():
        codes[entry.status].append(entry.code)
    for status, (code, _) in errors.FRAMEWORK.items():
        codes[status] = sorted({*codes[status], code})
    return {
        status: {
            "title": f"Problem{status}",
            "allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"properties": {"status": {"const": status}, "error_code": {"enum": names}}},
            ],
        }
        for status, names in sorted(codes.items())
    }


def _statuses(path: str, verb: str, operation: dict[str, Any]) -> set[int]:
    found = {*_ALWAYS, *_OWN.get((verb, path), ())}
    parameters = operation.get("parameters", [])
    if operation.get("security"):
        found |= {*_WITH_KEY}
    if any(one["in"] == "path" for one in parameters):
        found |= {404}
    if parameters:
        found |= {422}
    if "requestBody" in operation:
        found |= {*_WITH_BODY}
    if verb not in _READS:
        found |= {*_CHANGES}
    if any(one["name"] == "Tus-Resumable" for one in parameters):
        found |= {412}
    if "{job_id}" in path:
        found |= {409}
    if verb == "get" and path.endswith(_FILES):
        found |= {406, 416}
    return found


def _add_errors(verb: str, operation: dict[str, Any], statuses: set[int]) -> None:
    # FastAPI's own 422 speaks of a body that is never sent.
    responses = {code: told for code, told in operation["responses"].items() if code != "422"}
    for told in responses.values():
        for content in told.get("content", {}).values():
            schema = content.get("schema", {})
            # A record that was named beside the route's plain type says all.
            named = {key: schema[key] for key in ("$ref", "anyOf") if key in schema}
            if named:
                content["schema"] = named
    for status in sorted(statuses - {int(code) for code in responses}):
        schema = {"$ref": f"#/components/schemas/Problem{status}"}
        content = {problems.MEDIA_TYPE: {"schema": schema}}
        responses[str(status)] = {"description": _title(status), "content": content}
    if verb == "head":
        for told in responses.values():
            told.pop("content", None)
    operation["responses"] = responses


def _add_links(paths: dict[str, Any]) -> None:
    """Say where the id of a thing that was made is asked for, so that programs find what can follow."""
    for path, operations in paths.items():
        made = operations.get("post", {}).get("responses", {}).get("201", {})
        thing = next((one for one in paths if re.fullmatch(re.escape(path) + r"/\{\w+\}", one)), None)
        if thing is None or "content" not in made:
            continue
        following = [
            operation["operationId"]
            for below, its in paths.items()
            if below.startswith(thing) and below.count("{") == 1
            for verb, operation in its.items()
        ]
        known = {thing[len(path) + 2 : -1]: "$response.body#/id"}
        made["links"] = {name: {"operationId": name, "parameters": known} for name in following}


def _title(status: int) -> str:
    names = [entry.code for entry in errors.catalogue() if entry.status == status]
    return ", ".join(names) or errors.FRAMEWORK[status][0]
