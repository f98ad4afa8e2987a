"""JSON that strangers send and that is kept: small, and such that it can be written again."""

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator

MAX_BYTES = 64 * 1024


def _kept(value: Any) -> Any:
    """The value itself; raises ValueError for what no JSON can hold (lone surrogates, numbers that no
    double holds exactly) and for more than ``MAX_BYTES``."""
    try:
        written = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"cannot be kept as JSON: {error}") from error
    if len(written) > MAX_BYTES:
        raise ValueError(f"is {len(written)} bytes long; at most {MAX_BYTES} are kept")
    if orjson.loads(written) != value:  # infinity and "not a number" are written as null
        raise ValueError("cannot be kept as JSON: a number is too large")
    return value


SmallValue = Annotated[bool | int | float | str | list[Any] | dict[str, Any], AfterValidator(_kept)]
SmallObject = Annotated[dict[str, Any], AfterValidator(_kept)]
