"""Files and ZIPs as answers: ranges, ETags, 304, names that survive every browser."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send
from zipstream import ZIP_STORED, ZipStream

from videoannotator.domain.errors import NotHere
from videoannotator.services.artifacts import Entry, tag_of

ZIP_CHUNK_BYTES = 1 << 20


class _Download(FileResponse):
    """A file; a range that it does not have is refused as everything else is, with the one error body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def unless_refused(message: Message) -> None:
            status = message.get("status")
            if status == HTTPStatus.BAD_REQUEST:
                raise HTTPException(status, "The header Range is malformed")
            if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                size = Headers(raw=message["headers"])["content-range"]
                raise HTTPException(status, "The file does not have these bytes", {"Content-Range": size})
            await send(message)

        try:
            await super().__call__(scope, receive, unless_refused)
        except RuntimeError as error:  # the library's, for a file that has gone since it was looked up
            if Path(self.path).is_file():
                raise
            raise _gone(Path(self.path).name) from error


def _gone(name: str) -> NotHere:
    """The error for a file that was there once."""
    return NotHere(f"The file {name} is no longer on the server", hint="Run the job again.")


def file_answer(
    request: Request, path: Path, *, sha256: str, filename: str, media_type: str, inline: bool = False
) -> Response:
    """A file with ranges, or 304 when the client has it already; raises NotHere when it is gone."""
    headers = {
        "ETag": f'"sha256:{sha256[:32]}"',
        "Content-Disposition": disposition(filename, inline=inline),
        "Cache-Control": "private, no-cache",
    }
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if not path.is_file():
        raise _gone(filename)
    return _Download(path, media_type=media_type, headers=headers)


def zip_answer(request: Request, entries: tuple[Entry, ...], filename: str) -> Response:
    """A ZIP streamed as it is read, of known length; stored, as videos do not shrink.

    Entries carry the dates of their files, which never change: asking again gives the same bytes.
    """
    headers = {
        "ETag": f'"zip:{tag_of(entries)}"',
        "Content-Disposition": disposition(filename),
        "Cache-Control": "private, no-cache",
        "Vary": "Accept",
    }
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for entry in entries:
        if not entry.path.is_file():
            raise _gone(entry.name)
        archive.add_path(entry.path, arcname=entry.name)
    headers["Content-Length"] = str(len(archive))
    return StreamingResponse(_chunks(archive), media_type="application/zip", headers=headers)


def zip_stream(entries: Iterator[Entry], filename: str) -> Response:
    """A ZIP of any size whose entries are looked up as it is read; files that are gone are left out."""
    archive = ZipStream(compress_type=ZIP_STORED)
    headers = {"Content-Disposition": disposition(filename), "Cache-Control": "private, no-cache"}

    def parts() -> Iterator[bytes]:
        for entry in entries:
            if entry.path.is_file():
                archive.add_path(entry.path, arcname=entry.name)
                yield from archive.all_files()
        yield from archive.finalize()

    return StreamingResponse(_chunks(parts()), media_type="application/zip", headers=headers)


def disposition(filename: str, *, inline: bool = False) -> str:
    """The header that names a download, in ASCII and in UTF-8 (RFC 6266)."""
    plain = filename.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _is_known(request: Request, etag: str) -> bool:
    sent = request.headers.get("if-none-match", "")
    return "*" in sent or etag in (one.strip().removeprefix("W/") for one in sent.split(","))


def _chunks(archive: Iterable[bytes]) -> Iterator[bytes]:
    """The ZIP in pieces of a MiB: each small piece would cost a switch of threads."""
    parts, n_bytes = [], 0
    for part in archive:
        parts.append(part)
        n_bytes += len(part)
        if n_bytes >= ZIP_CHUNK_BYTES:
            yield b"".join(parts)
            parts, n_bytes = [], 0
    yield b"".join(parts)
