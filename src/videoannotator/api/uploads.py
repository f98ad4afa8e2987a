"""Multipart forms whose file part streams to disk while it is hashed: one write, bounded memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from videoannotator.domain.errors import InvalidRequest, PayloadTooLarge, UploadStalled
from videoannotator.files.blobs import BlobStore, BlobWriter

BATCH_BYTES: Final = 1 << 20  # handed to the writing thread at once
MAX_FIELD_BYTES: Final = 1 << 20
STALL_S: Final = 30.0
DRAIN_BYTES, DRAIN_S = 64 << 20, 3.0


@dataclass(slots=True)
class Form:
    """A received form. ``sha256`` is None where it held no file."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str = ""
    sha256: str | None = None
    size_bytes: int = 0


async def receive_form(request: Request, store: BlobStore, file_field: str = "video") -> Form:
    """Read a multipart body; its file lies in the store afterwards.

    Raises InvalidRequest, PayloadTooLarge, StorageFull, StorageError or UploadStalled; on any of them
    the rest of the body is read for a moment, so that the client gets to see the answer.
    """
    boundary = _boundary(request)
    length = request.headers.get("content-length", "")
    body = _chunks(request)
    try:
        store.expect(int(length) if length.isdigit() else None)
        with store.writing() as writer:
            form, parser = Form(), _Parser(boundary, file_field)
            async for chunk in body:
                parser.feed(chunk)
                if parser.n_buffered >= BATCH_BYTES:
                    await asyncio.to_thread(writer.write, parser.take())
            await asyncio.to_thread(_finish, parser, writer, store, form)
    except ClientDisconnect:
        raise
    except BaseException:
        await drain(body)
        raise
    return form


def _finish(parser: "_Parser", writer: BlobWriter, store: BlobStore, form: Form) -> None:
    parser.end()
    form.fields = {name: value.decode("utf-8", "replace") for name, value in parser.fields.items()}
    if parser.filename is None:
        return
    writer.write(parser.take())
    form.filename, form.size_bytes = parser.filename, writer.n_bytes
    form.sha256, _ = store.keep(writer)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise InvalidRequest(
            "The body is no multipart form", hint="Send multipart/form-data with the file in 'video'."
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
    """Splits the body into small fields, kept, and one file, handed on piece by piece."""

    def __init__(self, boundary: bytes, file_field: str) -> None:
        self._file_field = file_field
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._is_file = False
        self._buffer: list[bytes] = []
        self._complete = False
        self.n_buffered = 0
        self.fields: dict[str, bytes] = {}
        self.filename: str | None = None
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

    def take(self) -> list[bytes]:
        """The file's bytes since the last call."""
        taken, self._buffer, self.n_buffered = self._buffer, [], 0
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
        elif self.filename is not None:
            raise InvalidRequest(f"The form has two files named {self._file_field!r}", field=self._name)
        else:
            self.filename = options[b"filename"].decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._buffer.append(data[start:end])
            self.n_buffered += end - start
            return
        self.fields[self._name] += data[start:end]
        if len(self.fields[self._name]) > MAX_FIELD_BYTES:
            raise PayloadTooLarge(f"The field {self._name!r} is longer than 1 MiB", field=self._name)

    def _end(self) -> None:
        self._complete = True
