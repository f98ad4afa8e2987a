"""JSON that strangers send and that is kept: small, and such that it can be written again."""

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator

MAX_BYTES = 64 * 1024


def _kept(value: Any) -> Any:
    """The value itself; raises ValueError for what no JSON can hold (lone surrogates, numbers beyond 64
    bits) and for more than ``MAX_BYTES``."""
    try:
        n_bytes = len(orjson.dumps(value))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"cannot be kept as JSON: {error}") from error
    if n_bytes > MAX_BYTES:
        raise ValueError(f"is {n_bytes} bytes long; at most {MAX_BYTES} are kept")
    return value


SmallValue = Annotated[bool | int | float | str | list[Any] | dict[str, Any], AfterValidator(_kept)]
SmallObject = Annotated[dict[str, Any], AfterValidator(_kept)]
