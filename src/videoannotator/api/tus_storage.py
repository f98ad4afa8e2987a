"""Where the bytes of resumable uploads lie until they are complete, for the kept tus library.

A sidecar (``<id>.info``) says how many bytes count. Bytes beyond that, left by a server that died, are cut
off before the next ones are written: what the client is told and what lies on the disk never differ.
"""

import asyncio
import contextlib
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import orjson
from tuspyserver.storage import TusStorage

from videoannotator.domain.errors import StorageError
from videoannotator.files import atomic

BATCH_BYTES = 1 << 20  # handed to the disk at once
_SETTLING_S = 5.0
_DEFAULTS = {"filename": "video", "filetype": "application/octet-stream"}  # what the library insists on


class UploadStorage(TusStorage):
    """Files in one folder; only one server writes to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, bytearray] = defaultdict(bytearray)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._failures: dict[str, StorageError] = {}

    def path(self, uid: str) -> Path:
        """Where the bytes of an upload lie."""
        return self._folder / uid

    def location(self, uid: str) -> str:
        """What the library hands to the hook of a complete upload."""
        return str(self.path(uid))

    def info(self, uid: str) -> dict[str, Any] | None:
        """The sidecar; None where there is no such upload, or its time is over."""
        try:
            found: dict[str, Any] = orjson.loads(self._sidecar(uid).read_bytes())
        except FileNotFoundError:
            return None
        return found if parsedate_to_datetime(found["expires"]).timestamp() > time.time() else None

    def result(self, uid: str) -> dict[str, Any] | None:
        """What became of a complete upload; None while nothing has."""
        with contextlib.suppress(FileNotFoundError):
            found: dict[str, Any] = orjson.loads(self.path(uid).with_suffix(".result").read_bytes())
            return found
        return None

    def put_result(self, uid: str, result: dict[str, Any]) -> None:
        """Remember what became of it; its bytes are no longer needed."""
        atomic.write_bytes(self.path(uid).with_suffix(".result"), orjson.dumps(result))
        self.path(uid).unlink(missing_ok=True)

    def uids(self) -> list[str]:
        """Every upload."""
        return [one.stem for one in self._folder.glob("*.info")]

    def remove_expired(self) -> None:
        """Forget uploads whose time is over, and what was left of others."""
        for uid in self.uids():
            if self.info(uid) is None:
                self._remove(uid)

    async def create(self, uid: str) -> None:
        await asyncio.to_thread(self._create, uid)

    async def exists(self, uid: str) -> bool:
        return await asyncio.to_thread(self._sidecar(uid).is_file)

    async def size(self, uid: str) -> int:
        return int((await asyncio.to_thread(self.info, uid) or {}).get("offset", 0))

    async def append(self, uid: str, chunk: bytes) -> None:
        self._waiting[uid] += chunk
        if len(self._waiting[uid]) >= BATCH_BYTES:
            await self._put(uid, sync=False)

    async def flush(self, uid: str) -> None:
        await self._put(uid, sync=True)

    async def finalize(self, uid: str) -> None:
        """Nothing to seal."""

    async def read(self, uid: str) -> bytes | None:
        """Never asked for: uploads are large."""
        raise NotImplementedError

    async def delete(self, uid: str) -> None:
        await asyncio.to_thread(self._remove, uid)

    async def read_info(self, uid: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(self.info, uid)

    async def write_info(self, uid: str, data: dict[str, Any]) -> None:
        # The library passes over an error of the disk, and would count bytes that never got there.
        if uid in self._failures:
            raise self._failures.pop(uid)
        shown = {**data, "metadata": {**_DEFAULTS, **data.get("metadata", {})}}
        await asyncio.to_thread(atomic.write_bytes, self._sidecar(uid), orjson.dumps(shown))

    async def list_uids(self) -> list[str]:
        return await asyncio.to_thread(self.uids)

    @contextlib.asynccontextmanager
    async def lock(self, uid: str) -> AsyncIterator[None]:  # type: ignore[override]  # it means a context
        """One writer at a time, who begins where the sidecar says."""
        async with self._locks[uid]:
            self._waiting.pop(uid, None)
            self._failures.pop(uid, None)
            await asyncio.to_thread(self._cut, uid)
            yield
        if not self._locks[uid].locked():
            self._locks.pop(uid, None)

    async def settled(self, uid: str) -> None:
        """Wait a moment for a connection that has just broken off, so that what it brought is counted."""
        if uid in self._locks:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SETTLING_S), self._locks[uid]:
                    pass

    def _sidecar(self, uid: str) -> Path:
        return self.path(uid).with_suffix(".info")

    def _create(self, uid: str) -> None:
        atomic.make_dir(self._folder)
        self.path(uid).touch(exist_ok=True)

    async def _put(self, uid: str, *, sync: bool) -> None:
        data = bytes(self._waiting.pop(uid, b""))
        try:
            await asyncio.to_thread(self._write, uid, data, sync=sync)
        except StorageError as error:
            self._failures[uid] = error
            raise

    def _write(self, uid: str, data: bytes, *, sync: bool) -> None:
        path = self.path(uid)
        with atomic.storage_errors(path), path.open("ab") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())

    def _cut(self, uid: str) -> None:
        offset = (self.info(uid) or {}).get("offset", 0)
        with contextlib.suppress(FileNotFoundError):
            if self.path(uid).stat().st_size > offset:
                os.truncate(self.path(uid), offset)

    def _remove(self, uid: str) -> None:
        for suffix in ("", ".info", ".result"):
            self.path(uid).with_suffix(suffix).unlink(missing_ok=True)
