"""What the tool that tests the description cannot know by itself."""

import schemathesis


@schemathesis.serializer("application/toml")
def toml(context: object, value: object) -> bytes:
    """TOML is sent as the text that it is."""
    return value if isinstance(value, bytes) else str(value).encode()
