"""Multipart forms whose file part streams to disk while it is hashed: one write, bounded memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from types import TracebackType
from typing import Final, NamedTuple

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from videoannotator.domain.errors import InvalidRequest, PayloadTooLarge, UploadStalled
from videoannotator.files.blobs import BlobStore, BlobWriter

BATCH_BYTES: Final = 2 << 20  # handed to the writing thread at once; as many are received meanwhile
MAX_FIELD_BYTES: Final = 1 << 20
STALL_S: Final = 30.0
DRAIN_BYTES, DRAIN_S = 64 << 20, 3.0


Piece = bytes | str  # part of a file, or the name of the next one
Pieces = Sequence[Piece]


class Received(NamedTuple):
    """A file of a form, kept in the store."""

    filename: str
    sha256: str


@dataclass(slots=True)
class Form:
    """A received form."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)

    @property
    def filename(self) -> str:
        """The name of its only file."""
        return self.files[0].filename if self.files else ""

    @property
    def sha256(self) -> str | None:
        """The content of its only file."""
        return self.files[0].sha256 if self.files else None


async def receive_form(
    request: Request, store: BlobStore, file_field: str = "video", max_files: int = 1
) -> Form:
    """Read a multipart body; its files lie in the store afterwards.

    Raises InvalidRequest, PayloadTooLarge, StorageFull, StorageError or UploadStalled; on any of them
    the rest of the body is read for a moment, so that the client gets to see the answer.
    """
    boundary = _boundary(request)
    length = request.headers.get("content-length", "")
    body = _chunks(request)
    try:
        store.expect(int(length) if length.isdigit() else None)
        with _Sink(store) as sink:
            parser = _Parser(boundary, file_field, max_files)
            async with _Behind() as behind:
                async for chunk in body:
                    parser.feed(chunk)
                    if parser.is_due:
                        await behind.do(sink.take, parser.take())
                await behind.done()
            return await asyncio.to_thread(_finish, parser, sink)
    except ClientDisconnect:
        raise
    except BaseException:
        await drain(body)
        raise


def _finish(parser: "_Parser", sink: "_Sink") -> Form:
    parser.end()
    sink.take(parser.take())
    fields = {name: value.decode("utf-8", "replace") for name, value in parser.fields.items()}
    return Form(fields, sink.finish())


class _Behind:
    """Does one thing at a time in a thread, while its user goes on; nothing is at work after its end."""

    def __init__(self) -> None:
        self._work: asyncio.Future[None] | None = None

    async def __aenter__(self) -> "_Behind":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    async def do(self, work: Callable[[Pieces], None], pieces: Pieces) -> None:
        """Begin as soon as what came before is done; raises what that raised."""
        await self.done()
        self._work = asyncio.get_running_loop().run_in_executor(None, work, pieces)

    async def done(self) -> None:
        """Wait for what was begun; raises what it raised."""
        if self._work is not None:
            await asyncio.shield(self._work)


class _Sink:
    """Where the files of a form go, one after the other; those that are not kept are gone afterwards."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._open = ExitStack()
        self._writer: BlobWriter | None = None
        self._filename = ""
        self._files: list[Received] = []

    def __enter__(self) -> "_Sink":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def take(self, pieces: Pieces) -> None:
        """Write pieces; the name of a file ends the one before it."""
        for is_name, group in groupby(pieces, key=lambda piece: isinstance(piece, str)):
            if is_name:
                for name in group:
                    self._begin(str(name))
            elif self._writer is not None:
                self._writer.write([piece for piece in group if isinstance(piece, bytes)])

    def finish(self) -> list[Received]:
        """Keep the last file; returns all of them."""
        if self._writer is not None:
            sha256, _ = self._store.keep(self._writer)
            self._files.append(Received(self._filename, sha256))
            self._writer = None
        self._open.close()
        return self._files

    def _begin(self, filename: str) -> None:
        self.finish()
        self._writer = self._open.enter_context(self._store.writing())
        self._filename = filename


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise InvalidRequest(
            "The body is neither a multipart form nor JSON",
            hint="Send multipart/form-data with the file in 'video'; jobs may also be submitted as JSON.",
        )
    return options[b"boundary"]


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body; raises UploadStalled when the client stops sending."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(STALL_S):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise UploadStalled(f"Nothing was received for {STALL_S:.0f} s") from error
        if chunk:
            yield chunk


async def drain(body: AsyncIterator[bytes]) -> None:
    """Read on for a moment: a connection closed on a sending client shows it a network error."""
    n_bytes = 0
    try:
        async with asyncio.timeout(DRAIN_S):
            async for chunk in body:
                n_bytes += len(chunk)
                if n_bytes > DRAIN_BYTES:
                    return
    except (TimeoutError, UploadStalled, ClientDisconnect):
        return


class _Parser:
    """Splits the body into small fields, kept, and files, handed on piece by piece."""

    def __init__(self, boundary: bytes, file_field: str, max_files: int) -> None:
        self._file_field = file_field
        self._max_files = max_files
        self._n_files = 0
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._is_file = False
        self._buffer: list[Piece] = []
        self._complete = False
        self._n_buffered = 0
        self.fields: dict[str, bytes] = {}
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._header_field,
                "on_header_value": self._header_content,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    @property
    def is_due(self) -> bool:
        """Whether to write: there is enough, or a file begins, which a disk may refuse at once."""
        return self._n_buffered >= BATCH_BYTES or any(isinstance(piece, str) for piece in self._buffer[:1])

    def feed(self, chunk: bytes) -> None:
        """Parse a piece of the body."""
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise InvalidRequest(f"The form is malformed: {error}") from error

    def end(self) -> None:
        """Raise unless the form was complete."""
        if not self._complete:
            raise InvalidRequest("The form ends too early", hint="Send it again.")

    def take(self) -> list[Piece]:
        """The files' names and bytes since the last call."""
        taken, self._buffer, self._n_buffered = self._buffer, [], 0
        return taken

    def _part_begins(self) -> None:
        self._headers = {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_content(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = self._name == self._file_field and b"filename" in options
        if not self._is_file:
            self.fields[self._name] = b""
        elif self._n_files == self._max_files:
            message = f"The form has more than {self._max_files} files named {self._file_field!r}"
            raise InvalidRequest(message, field=self._name)
        else:
            self._n_files += 1
            self._buffer.append(options[b"filename"].decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._buffer.append(data[start:end])
            self._n_buffered += end - start
            return
        self.fields[self._name] += data[start:end]
        if len(self.fields[self._name]) > MAX_FIELD_BYTES:
            raise PayloadTooLarge(f"The field {self._name!r} is longer than 1 MiB", field=self._name)

    def _end(self) -> None:
        self._complete = True
