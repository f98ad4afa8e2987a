"""The client: one method for each thing that people do with a server."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2

from videoannotator.client.batches import BatchCalls
from videoannotator.client.errors import CannotConnect, Refused
from videoannotator.client.presets import PreferenceCalls, PresetCalls
from videoannotator.client.records import Artifact, Event, Job, Listing
from videoannotator.client.stream import Reader
from videoannotator.client.webhooks import WebhookCalls
from videoannotator.domain.jobs import ENDINGS
from videoannotator.files import atomic

API = "/api/v1"
_UPLOAD = httpx2.Timeout(30.0, write=None, read=600.0)  # examining a long video takes the server a while
_STREAM = httpx2.Timeout(10.0, read=40.0)  # the server pings every 15 s: silence means a dead connection
_RESTART_S = 60.0  # how long a server may be away while it is watched
_PASSING = (502, 503, 504)  # a proxy whose server, or a server whose database, is away for the moment
_ENDINGS = frozenset(ending.value for ending in ENDINGS)


class Client:
    """Talks to one server. Every method raises CannotConnect or Refused where that is what happens."""

    def __init__(self, url: str, token: str | None = None, *, timeout_s: float = 30.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=timeout_s)
        self.presets = PresetCalls(self._request)
        self.preferences = PreferenceCalls(self._request)
        self.webhooks = WebhookCalls(self._request)
        self.batches = BatchCalls(self._request, self._download)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def health(self) -> dict[str, Any]:
        """How the server is."""
        found: dict[str, Any] = self._json("GET", "/system/health")
        return found

    def pipelines(self) -> list[dict[str, Any]]:
        """What can be run, with every parameter."""
        found: list[dict[str, Any]] = self._json("GET", "/pipelines")["pipelines"]
        return found

    def validate(self, config: dict[str, Any], pipelines: Sequence[str] | None = None) -> dict[str, Any]:
        """Whether a configuration would run, and what is wrong with it."""
        body = {"config": config, "selected_pipelines": list(pipelines) if pipelines is not None else None}
        found: dict[str, Any] = self._json("POST", "/config/validate", json=body)
        return found

    def places(self, path: str | None = None) -> Listing:
        """The folders and videos in a folder of the server, e.g. ``study:session1``; or its roots."""
        return Listing.model_validate(self._json("GET", "/places", params={"path": path} if path else None))

    def token_info(self) -> dict[str, Any]:
        """Whose key is used and what it allows."""
        found: dict[str, Any] = self._json("GET", "/tokens/me")
        return found

    def submit(
        self,
        video: Path | str,
        *,
        preset: str | None = None,
        pipelines: Sequence[str] = (),
        config: dict[str, Any] | None = None,
        name: str | None = None,
        priority: int = 0,
        tags: Sequence[str] = (),
        output_directory: str | None = None,
        db_location: str | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Send a video, read as it is sent, and queue a job.

        ``preset`` is an id or a name, perhaps with ``@version``; pipelines and config win over it. No
        pipelines stand for those of the preset, or for the defaults. ``output_directory`` and
        ``db_location`` are places (``root:folder``); ``start_s`` and ``end_s`` restrict the job to a stretch.
        """
        path = Path(video)
        fields = {
            "preset": preset or "",
            "selected_pipelines": ",".join(pipelines),
            "config": json.dumps(config) if config else "",
            "name": name or "",
            "priority": str(priority),
            "tags": ",".join(tags),
            "output_directory": output_directory or "",
            "db_location": db_location or "",
            "start_s": "" if start_s is None else str(start_s),
            "end_s": "" if end_s is None else str(end_s),
        }
        with path.open("rb") as file:
            answer = self._request(
                "POST",
                "/jobs",
                data={key: value for key, value in fields.items() if value},
                files={"video": (path.name, file)},
                headers={"Idempotency-Key": idempotency_key} if idempotency_key else {},
                timeout=_UPLOAD,
            )
        return Job.model_validate_json(answer.content)

    def submit_stored(self, **fields: Any) -> Job:
        """Queue a job on a video that the server has or reaches, with the fields of ``POST /jobs``.

        ``video_path="study:session1/clip.mp4"`` or ``video_id=...``; and ``preset``, ``selected_pipelines``,
        ``config``, ``output_directory``, ...
        """
        return Job.model_validate(self._json("POST", "/jobs", json=fields))

    def jobs(self, **filters: Any) -> Iterator[Job]:
        """Every job, newest first, page by page; filters as in the API, e.g. ``status="running"``."""
        cursor: str | None = None
        while True:
            known = {**filters, "per_page": 100, **({"cursor": cursor} if cursor else {})}
            page = self._json("GET", "/jobs", params=known)
            yield from (Job.model_validate(one) for one in page["jobs"])
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def job(self, job_id: str) -> Job:
        """One job with its components."""
        return Job.model_validate(self._json("GET", f"/jobs/{job_id}"))

    def cancel(self, job_id: str, reason: str | None = None) -> Job:
        """Stop a job; cancelling twice is no error."""
        body = {"reason": reason} if reason else None
        return Job.model_validate(self._json("POST", f"/jobs/{job_id}/cancel", json=body))

    def retry(self, job_id: str, *, only_failed: bool = False) -> Job:
        """Run an ended job again, as a new one."""
        known = {"only_failed": str(only_failed).lower()}
        return Job.model_validate(self._json("POST", f"/jobs/{job_id}/retry", params=known))

    def delete(self, job_id: str) -> None:
        """Remove an ended job with its results."""
        self._request("DELETE", f"/jobs/{job_id}")

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        """What the run has logged."""
        found: list[dict[str, Any]] = self._json("GET", f"/jobs/{job_id}/logs", params={"limit": 5000})[
            "logs"
        ]
        return found

    def watch(self, job_id: str, *, last_event_id: int | None = None) -> Iterator[Event]:
        """What happens to a job, until it has ended; a break or a restart of the server loses nothing."""
        reader = Reader(last_event_id)
        heard_s = time.monotonic()
        while True:
            try:
                for event in self._listen(job_id, reader):
                    heard_s = time.monotonic()
                    yield event
                    if event.type in _ENDINGS:
                        return
            except (CannotConnect, Refused) as error:
                if isinstance(error, Refused) and error.status not in _PASSING:
                    raise
                if time.monotonic() - heard_s > _RESTART_S:
                    raise
            time.sleep(reader.retry_s)

    def artifacts(self, job_id: str) -> list[Artifact]:
        """The files of a finished job."""
        listing = self._json("GET", f"/jobs/{job_id}/artifacts/list")
        return [Artifact.model_validate(one) for one in listing["artifacts"]]

    def fetch(self, job_id: str, folder: Path | str) -> list[Path]:
        """Download every file of a finished job into a folder, each whole or not at all."""
        target = Path(folder)
        return [self._download(one.download_url, target / Path(one.name)) for one in self.artifacts(job_id)]

    def fetch_zip(self, job_id: str, path: Path | str) -> Path:
        """Download the ZIP that holds the video and the annotation files."""
        return self._download(f"{API}/jobs/{job_id}/artifacts.zip", Path(path))

    def _listen(self, job_id: str, reader: Reader) -> Iterator[Event]:
        headers = {"Last-Event-ID": str(reader.last_id)} if reader.last_id is not None else {}
        known = {"job_id": job_id}
        with self._answered(
            "GET", f"{API}/events/stream", params=known, headers=headers, timeout=_STREAM
        ) as one:
            yield from reader.events(one)

    def _download(self, address: str, target: Path) -> Path:
        with (
            self._answered("GET", address) as answer,
            atomic.replacing(target) as partial,
            partial.open("wb") as file,
        ):
            for chunk in answer.iter_bytes():
                file.write(chunk)
        return target

    def _json(self, method: str, address: str, **more: Any) -> Any:
        return self._request(method, address, **more).json()

    def _request(self, method: str, address: str, **more: Any) -> httpx2.Response:
        with self._answered(method, API + address, **more) as answer:
            answer.read()
        return answer

    @contextmanager
    def _answered(self, method: str, address: str, **more: Any) -> Iterator[httpx2.Response]:
        """A good answer whose body has not been read yet."""
        try:
            with self._http.stream(method, address, **more) as answer:
                if answer.is_error:
                    answer.read()
                    raise Refused(answer.status_code, _body(answer))
                yield answer
        except httpx2.TransportError as error:
            url = self._http.base_url
            raise CannotConnect(
                f"The server at {url} does not answer ({error or type(error).__name__})"
            ) from error


def _body(answer: httpx2.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
