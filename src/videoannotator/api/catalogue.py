"""The catalogue as three kinds of client read it: components with named parameters, a flat array of
parameters for forms, and a flat schema."""

from typing import Any

from videoannotator.domain.catalogue import ComponentInfo, Parameter, PipelineInfo

# The words of the flat array; the nested objects keep ours.
_FORM_TYPES = {"float": "number", "list": "multiselect"}


def pipeline_view(info: PipelineInfo) -> dict[str, Any]:
    """One pipeline with everything that any client looks for."""
    runs = [component for component in info.components if component.enabled]
    models = [component.model_name for component in runs if component.model_name]
    return {
        "name": info.name,
        "slug": info.name,
        "id": info.name,
        "display_name": info.display_name,
        "description": info.description,
        "enabled": info.enabled,
        "default_enabled": info.enabled and info.default_enabled,
        **({"disabled_reason": info.disabled_reason, "hint": info.hint} if info.disabled_reason else {}),
        "pipeline_family": info.family,
        "category": info.family,
        "version": info.components[0].version if info.components else "1.0.0",
        "variant": ", ".join(component.name for component in runs if component.default_enabled),
        **({"model_name": ", ".join(dict.fromkeys(models))} if models else {}),
        "stability": "stable",
        "aliases": list(info.aliases),
        "outputs": [{"format": name, "types": [info.name]} for name in info.output_formats],
        "output_formats": list(info.output_formats),
        "capabilities": [
            {"feature": component.name, "enabled": component.enabled, "details": component.description}
            for component in info.components
        ],
        "components": [component_view(component) for component in info.components],
        "parameters": form_parameters(info),
        "config_schema": {
            f"{component.name}.{one.name}": _schema(one)
            for component in info.components
            for one in component.parameters
        },
    }


def component_view(info: ComponentInfo) -> dict[str, Any]:
    """One component; fields that say nothing are left out."""
    shown = info.model_dump(mode="json", exclude={"parameters"}, exclude_none=True)
    return {**shown, "parameters": {one.name: _schema(one) for one in info.parameters}}


def form_parameters(info: PipelineInfo) -> list[dict[str, Any]]:
    """The flat array from which a form can be made; names are ``component.parameter``."""
    return [
        {
            "name": f"{component.name}.{one.name}",
            "type": _FORM_TYPES.get(one.type, one.type),
            "label": one.name.replace("_", " ").capitalize(),
            "description": one.description,
            "group": component.display_name,
            "default": one.default,
            "required": False,
            **_bounds(one),
            **(
                {"enum": [{"value": choice, "label": str(choice)} for choice in one.enum]} if one.enum else {}
            ),
        }
        for component in info.components
        for one in component.parameters
    ]


def json_schema(info: PipelineInfo) -> dict[str, Any]:
    """JSON Schema of ``config[pipeline]``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            component.name: {
                "type": "object",
                "description": component.description,
                "properties": {one.name: _json_type(one) for one in component.parameters},
                "additionalProperties": False,
            }
            for component in info.components
        },
    }


def _schema(one: Parameter) -> dict[str, Any]:
    """A parameter in the words of the catalogue; ``default`` is always there, even when it is null."""
    shown = one.model_dump(mode="json", exclude={"name", "nullable"}, exclude_none=True)
    return {**shown, "default": one.default, **({"nullable": True} if one.nullable else {})}


def _bounds(one: Parameter) -> dict[str, Any]:
    known = {"min": one.min, "max": one.max, "unit": one.unit}
    return {name: value for name, value in known.items() if value is not None}


def _json_type(one: Parameter) -> dict[str, Any]:
    names = {"float": "number", "list": "array", "enum": "string"}
    kind: Any = names.get(one.type, one.type)
    known = {"minimum": one.min, "maximum": one.max, "enum": list(one.enum) if one.enum else None}
    return {
        "type": [kind, "null"] if one.nullable else kind,
        "default": one.default,
        "description": one.description,
        **{name: value for name, value in known.items() if value is not None},
    }
