"""What the tool that tests the description cannot know by itself."""

import os
import uuid
from typing import Any

import schemathesis

OWN_KEY_ID = os.environ["VIDEOANNOTATOR_TEST_KEY_ID"]


@schemathesis.serializer("application/toml")
def toml(context: object, value: object) -> bytes:
    """TOML is sent as the text that it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.serializer("application/offset+octet-stream")
def octets(context: object, value: object) -> bytes:
    """A part of an upload is sent as the bytes that it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context: object, case: Any, kwargs: dict[str, Any]) -> None:
    """Ids are taken from earlier answers, and the key that the test itself uses must not be ended."""
    if case.path_parameters and case.path_parameters.get("key_id") == OWN_KEY_ID:
        case.path_parameters["key_id"] = str(uuid.uuid4())
