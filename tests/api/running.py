"""A real server over real SQLite, answering on a port of its own in a thread; no workers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from tests.synthetic.clips import Clip, write

from videoannotator import bootstrap
from videoannotator.api.serving import http_server
from videoannotator.api.state import Services
from videoannotator.bootstrap import listening
from videoannotator.bootstrap.server import open_server
from videoannotator.bootstrap.storage import open_database
from videoannotator.db import jobs as life
from videoannotator.db.database import Database
from videoannotator.domain.jobs import Artifact, Failure
from videoannotator.domain.keys import USER_SCOPES


@dataclass
class Running:
    url: str
    key: str | None
    services: Services
    database: Database
    data_dir: Path

    def http(self, key: str | None = None, **headers: str) -> httpx2.Client:
        key = key or self.key
        known = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.Client(base_url=self.url, headers={**known, **headers}, timeout=30)

    def new_key(self, owner: str, scopes: Any = USER_SCOPES, **more: Any) -> str:
        return self.services.tokens.create(owner, owner=owner, scopes=scopes, **more)[1]

    def submit(self, clip: Path, key: str | None = None, **fields: str) -> dict[str, Any]:
        with self.http(key) as http, clip.open("rb") as file:
            answer = http.post(
                "/api/v1/jobs",
                files={"video": (clip.name, file, "video/mp4")},
                data={"selected_pipelines": "scene_detection", **fields},
            )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def claim(self, job_id: str) -> str:
        with self.database.write() as connection:
            assert life.claim(connection, job_id, f"run-{job_id}", datetime.now(UTC), 3) is not None
        return f"run-{job_id}"

    def complete(self, job_id: str, files: dict[str, bytes], partly: str | None = None) -> None:
        """Let a job end as a worker would: its files in its folder, then its rows."""
        execution = self.claim(job_id)
        out = self.services.jobs.folder(job_id) / "out"
        out.mkdir(parents=True)
        now = datetime.now(UTC)
        rows = []
        for name, content in files.items():
            (out / name).write_bytes(content)
            kind = "preview" if name.endswith(".png") else "annotations"
            suffix = name.rpartition(".")[2]
            written_as = "scenes" if name.endswith("_scenes.json") else suffix
            rows.append(
                Artifact(
                    id=f"{job_id}-{len(rows)}", job_id=job_id, name=name, kind=kind, format=written_as,
                    pipeline="scene_detection", media_type="application/json", size_bytes=len(content),
                    sha256=f"{len(rows):064d}", created_at=now,
                )
            )  # fmt: skip
        failure = Failure(code="PARTIAL_SUCCESS", message=partly) if partly else None
        with self.database.write() as connection:
            life.complete(connection, job_id, execution, tuple(rows), now, failure)

    def fail(self, job_id: str, message: str) -> None:
        execution = self.claim(job_id)
        with self.database.write() as connection:
            failure = Failure(code="COMPONENT_FAILED", message=message)
            life.fail(connection, job_id, failure, datetime.now(UTC), execution)


@contextmanager
def running(data_dir: Path, **settings: Any) -> Iterator[Running]:
    data_dir.mkdir(exist_ok=True)
    known = {"data_dir": data_dir, "workers": 0, "reserve_bytes": 0, "port": 0, **settings}
    chosen = bootstrap.open_settings(**known)
    with listening.bind("127.0.0.1", 0) as listener:
        server = open_server(chosen)
        listening.listen(listener)
        http = http_server(server.app, server.services.hub)
        thread = threading.Thread(target=http.run, args=([listener],), daemon=True)
        thread.start()
        database = open_database(chosen)
        yield Running(listening.url(listener), server.first_key, server.services, database, data_dir)
        http.should_exit = True
        thread.join(10)
        assert not thread.is_alive()
        database.close()


def clip(folder: Path, name: str = "clip.mp4") -> Path:
    return write(folder / name, Clip(n_frames=10))
