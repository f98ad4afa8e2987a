"""A whole server without workers, asked in-process: jobs stay where they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from videoannotator.bootstrap.server import open_server
from videoannotator.bootstrap.storage import open_database
from videoannotator.db.database import Database
from videoannotator.settings import Settings


@dataclass(frozen=True)
class Api:
    """``admin`` is the operator; ``client`` makes callers with keys of their own."""

    admin: TestClient
    app: Any
    settings: Settings

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The server's own database, to look behind its back."""
        database = open_database(self.settings)
        yield database
        database.close()

    def client(self, owner: str) -> TestClient:
        """Somebody else, with the rights of a user."""
        made = self.admin.post("/api/v1/tokens", json={"name": owner, "owner": owner})
        return caller(self.app, made.json()["token"])


def caller(app: Any, key: str) -> TestClient:
    """A client that sends a key. It must be used while the server's own client is open."""
    headers = {"Authorization": f"Bearer {key}"}
    return TestClient(app, base_url="http://localhost", headers=headers, raise_server_exceptions=False)


@contextmanager
def running(data_dir: Path, **settings: Any) -> Iterator[Api]:
    """The server while it runs; its data lie in the folder."""
    chosen = Settings(data_dir=data_dir, workers=0, offline=True, **settings)
    server = open_server(chosen)
    with caller(server.app, str(server.first_key)) as admin:
        yield Api(admin, server.app, chosen)
