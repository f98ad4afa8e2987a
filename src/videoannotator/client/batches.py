"""Batches of a server: ``client.batches``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2

from videoannotator.client.records import Batch, BatchItem

Ask = Callable[..., httpx2.Response]
Download = Callable[[str, Path], Path]
_UPLOAD = httpx2.Timeout(30.0, write=None, read=3600.0)  # the server examines every video before it answers


class BatchCalls:
    """What people do with batches; every method raises CannotConnect or Refused."""

    def __init__(self, ask: Ask, download: Download) -> None:
        self._ask = ask
        self._download = download

    def submit(self, **fields: Any) -> Batch:
        """Submit videos that the server can reach, with the fields of ``POST /batches``.

        ``items=[{"video_path": "study:a.mp4"}, ...]``, ``folder="study:session1"``, ``glob=...`` or
        ``csv=...``; and ``preset``, ``selected_pipelines``, ``config``, ``output_directory``, ...
        """
        return Batch.model_validate(self._ask("POST", "/batches", json=fields, timeout=_UPLOAD).json())

    def upload(self, videos: Sequence[Path], **fields: str) -> Batch:
        """Send videos from this machine in one request; fields are texts, ``config`` is JSON."""
        with ExitStack() as opened:
            files = [("videos", (path.name, opened.enter_context(path.open("rb")))) for path in videos]
            answer = self._ask("POST", "/batches", data=fields, files=files, timeout=_UPLOAD)
        return Batch.model_validate(answer.json())

    def list(self, limit: int = 20) -> list[Batch]:
        """The newest batches."""
        found = self._ask("GET", "/batches", params={"limit": limit}).json()
        return [Batch.model_validate(one) for one in found["batches"]]

    def get(self, batch_id: str) -> Batch:
        """Where a batch stands."""
        return Batch.model_validate(self._ask("GET", f"/batches/{batch_id}").json())

    def items(self, batch_id: str, **filters: Any) -> Iterator[BatchItem]:
        """Every item in its order, page by page; filters as in the API, e.g. ``status="failed"``."""
        cursor = -1
        while True:
            known = {"limit": 1000, **filters, "cursor": cursor}
            page = self._ask("GET", f"/batches/{batch_id}/jobs", params=known).json()
            yield from (BatchItem.model_validate(one) for one in page["items"])
            if page["next_cursor"] is None:
                return
            cursor = page["next_cursor"]

    def pause(self, batch_id: str) -> Batch:
        """Queue nothing more for the time being."""
        return self._act(batch_id, "pause")

    def resume(self, batch_id: str) -> Batch:
        """Go on."""
        return self._act(batch_id, "resume")

    def cancel(self, batch_id: str) -> Batch:
        """Stop everything that has not ended."""
        return self._act(batch_id, "cancel")

    def retry(self, batch_id: str) -> Batch:
        """Run the failed items again."""
        return self._act(batch_id, "retry")

    def delete(self, batch_id: str, *, with_jobs: bool = False) -> None:
        """Forget an ended batch, and its jobs with their results if that is wished."""
        what = "delete" if with_jobs else "keep"
        self._ask("DELETE", f"/batches/{batch_id}", params={"jobs": what})

    def fetch_zip(self, batch_id: str, path: Path) -> Path:
        """Download a ZIP with a folder of annotation files per video."""
        return self._download(f"/api/v1/batches/{batch_id}/artifacts", path)

    def fetch_table(self, batch_id: str, table: str, path: Path) -> Path:
        """Download one CSV over all videos."""
        return self._download(f"/api/v1/batches/{batch_id}/artifacts?table={table}", path)

    def _act(self, batch_id: str, action: str) -> Batch:
        return Batch.model_validate(self._ask("POST", f"/batches/{batch_id}/{action}").json())
