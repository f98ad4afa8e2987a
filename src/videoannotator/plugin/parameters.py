"""What a component's declaration says of its parameters, and whether given values keep to it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from videoannotator.domain.catalogue import Parameter
from videoannotator.domain.errors import (
    InvalidParameter,
    InvalidRequest,
    ParameterOutOfRange,
    UnknownParameter,
)
from videoannotator.domain.names import suggest
from videoannotator.plugin.component import Parameters

_TYPES = {"boolean": "boolean", "integer": "integer", "number": "float", "string": "string", "array": "list"}
_BOUNDS = {
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of", "literal_error",
    "enum", "finite_number", "too_short", "too_long", "string_too_short", "string_too_long", "value_error",
    "string_pattern_mismatch",
}  # fmt: skip


def describe(declaration: type[Parameters]) -> tuple[Parameter, ...]:
    """One record per declared field, in the order of declaration."""
    schema = declaration.model_json_schema()
    definitions = schema.get("$defs", {})
    return tuple(_parameter(name, part, definitions) for name, part in schema.get("properties", {}).items())


def check(
    declaration: type[Parameters], values: Mapping[str, Any], field: str
) -> tuple[Parameters | None, list[InvalidRequest]]:
    """The parameters with defaults filled in, or None and everything that is wrong with the values.

    ``field`` is the dotted place of the values in the request. Texts are read as the type of their
    parameter, so that what comes from a command line needs no quotes.
    """
    known = {parameter.name: parameter for parameter in describe(declaration)}
    read = {name: _read(known.get(name), value) for name, value in values.items()}
    problems: list[InvalidRequest] = [
        _wrong_type(known[name], value, f"{field}.{name}")
        for name, value in read.items()
        if isinstance(value, bool) and name in known and known[name].type in ("integer", "float")
    ]
    try:
        model = declaration.model_validate(read)
    except ValidationError as error:
        return None, [*problems, *_problems(error, known, field)]
    return (None if problems else model), problems


def _parameter(name: str, part: dict[str, Any], definitions: dict[str, Any]) -> Parameter:
    options = [definitions[o["$ref"].rpartition("/")[2]] if "$ref" in o else o for o in _options(part)]
    kinds = [option for option in options if option.get("type") != "null"]
    kind = kinds[0] if len(kinds) == 1 else {}
    choices = tuple(kind["enum"]) if "enum" in kind else (kind["const"],) if "const" in kind else None
    return Parameter(
        name=name,
        type="enum" if choices else _TYPES.get(str(kind.get("type")), "object"),
        default=part.get("default"),
        description=part.get("description", ""),
        min=kind.get("minimum", kind.get("exclusiveMinimum")),
        max=kind.get("maximum", kind.get("exclusiveMaximum")),
        enum=choices,
        unit=part.get("unit"),
        nullable=len(kinds) < len(options),
    )


def _options(part: dict[str, Any]) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = part.get("anyOf") or part.get("allOf") or [part]
    return options


def _read(parameter: Parameter | None, value: Any) -> Any:
    if parameter is None or not isinstance(value, str):
        return value
    if parameter.nullable and value.lower() in ("", "none", "null"):
        return None
    if parameter.type == "list":
        return [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    return value


def _problems(error: ValidationError, known: Mapping[str, Parameter], field: str) -> list[InvalidRequest]:
    found: dict[str, InvalidRequest] = {}
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        place = f"{field}.{name}" if name else field
        if place in found:  # the members of a union complain one by one
            continue
        if detail["type"] == "extra_forbidden":
            found[place] = UnknownParameter(
                f"There is no parameter {name!r} at {field}", hint=suggest(name, known), field=place
            )
        elif name not in known:  # what the declaration checks between parameters
            found[place] = ParameterOutOfRange(
                f"{field}: {detail['msg'].removeprefix('Value error, ')}", hint="", field=place
            )
        elif detail["type"] in _BOUNDS:
            found[place] = _out_of_range(known[name], detail["input"], place)
        else:
            found[place] = _wrong_type(known[name], detail["input"], place)
    return list(found.values())


def _wrong_type(parameter: Parameter, value: Any, field: str) -> InvalidParameter:
    return InvalidParameter(
        f"{field} is {value!r}, which is no {parameter.type}", hint=allowed(parameter), field=field
    )


def _out_of_range(parameter: Parameter, value: Any, field: str) -> ParameterOutOfRange:
    hint = allowed(parameter)
    if parameter.enum and isinstance(value, str):
        hint = suggest(value, (str(choice) for choice in parameter.enum))
    elif not parameter.enum and parameter.min is parameter.max is None:  # only its description says what fits
        hint += f" {parameter.description}"
    return ParameterOutOfRange(f"{field} is {value!r}, which is not allowed", hint=hint, field=field)


def allowed(parameter: Parameter) -> str:
    """What the parameter takes, in words: ``Give a float from 0 to 1 (default 0.5).``"""
    what = f"one of {', '.join(str(choice) for choice in parameter.enum)}" if parameter.enum else ""
    what = what or f"{'an' if parameter.type[0] in 'aeiou' else 'a'} {parameter.type}"
    if parameter.min is not None and parameter.max is not None:
        what += f" from {parameter.min:g} to {parameter.max:g}"
    elif parameter.min is not None:
        what += f" of at least {parameter.min:g}"
    elif parameter.max is not None:
        what += f" of at most {parameter.max:g}"
    unit = f" {parameter.unit}" if parameter.unit else ""
    null = " or null" if parameter.nullable else ""
    return f"Give {what}{unit}{null} (default {_shown(parameter.default)})."


def _shown(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
