"""The event stream as an AsyncAPI 3 document, made from the declaration of the events' data."""

from typing import Any

from videoannotator.domain.event_data import KINDS, definitions, on_the_wire


def document(version: str) -> dict[str, Any]:
    """The document that ``/asyncapi.json`` answers."""
    messages = {
        name: {
            "name": name,
            "title": name,
            "summary": " ".join((model.__doc__ or "").split()),
            "contentType": "application/json",
            "payload": on_the_wire(name, model),
        }
        for name, model in KINDS.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "VideoAnnotator events",
            "version": version,
            "description": "Server-Sent Events: the name of an event is the frame's event field.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/api/v1/events/stream",
                "description": "See the OpenAPI description for its parameters and keys.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "hear": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "The server tells what happens.",
            }
        },
        "components": {"messages": messages, "schemas": definitions()},
    }
