"""Files on the web, from any byte on."""

from collections.abc import Iterator
from typing import Any

from videoannotator.domain.errors import WeightsError

_TIMEOUT_S = 60.0


def read(address: str, headers: dict[str, str], offset: int, hint: str) -> Iterator[bytes]:
    """The bytes from ``offset`` on, as they come; raises WeightsError with this hint."""
    import httpx2

    headers = headers | {"Accept-Encoding": "identity", "Range": f"bytes={offset}-"}
    try:
        with httpx2.stream(
            "GET", address, headers=headers, follow_redirects=True, timeout=_TIMEOUT_S
        ) as response:
            response.raise_for_status()
            # 200 to a Range request means that the server sends everything from the start.
            skip = 0 if response.status_code == httpx2.codes.PARTIAL_CONTENT else offset
            # Blocks as they come: gathered into larger ones, the last would be lost with the connection.
            for block in response.iter_raw():
                yield block[skip:]
                skip = max(0, skip - len(block))
    except httpx2.HTTPError as error:
        raise WeightsError(f"{address}: {error}", hint=hint) from error


def read_json(address: str, headers: dict[str, str], hint: str) -> Any:
    """What an address answers, as JSON; raises WeightsError with this hint."""
    import httpx2

    try:
        response = httpx2.get(address, headers=headers, follow_redirects=True, timeout=_TIMEOUT_S)
        return response.raise_for_status().json()
    except (httpx2.HTTPError, ValueError) as error:
        raise WeightsError(f"{address}: {error}", hint=hint) from error
