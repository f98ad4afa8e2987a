"""A lab's set-up as docs/lab.md describes it: its own files, nginx, another machine, backup and restore.

``VIDEOANNOTATOR_TEST_UPLOAD_BYTES`` says how large a video is sent through the proxy.
"""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import KINDS
from tests.e2e.bench import until
from tests.e2e.test_serve import free_port, wait_for
from tests.synthetic import network, postgres
from tests.synthetic.clips import Clip, Sound, write
from tests.synthetic.network import NAME, OURS, Machine, program, run

from videoannotator.client import Client

GUIDE = Path(__file__).parents[2] / "docs" / "lab.md"
UPLOAD_BYTES = int(os.environ.get("VIDEOANNOTATOR_TEST_UPLOAD_BYTES", str(8 << 20)))
PIPELINES = ("--pipelines", "shot_detection,voice_prosody")
LACKING = network.lacking()
pytestmark = [pytest.mark.skipif(LACKING is not None, reason=str(LACKING)), pytest.mark.timeout(600)]


def block(language: str, word: str) -> str:
    """The guide's block of code that contains a word."""
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (found,) = (one for one in blocks if word in one)
    return str(found)


def site(certificate: Path, port: int) -> str:
    """The guide's configuration of nginx; only addresses and places are this test's."""
    text = block("nginx", "upstream")
    for said, meant in (
        ("listen 443 ssl", f"listen {OURS}:443 ssl"),
        ("127.0.0.1:18011", f"127.0.0.1:{port}"),
        ("/etc/ssl/lab/videos.pem", str(certificate)),
        ("/etc/ssl/lab/videos.key", str(certificate.with_suffix(".key"))),
    ):
        assert said in text
        text = text.replace(said, meant)
    return text


@dataclass
class Installation:
    """A server as the guide sets it up: its settings file, its data directory, its database."""

    folder: Path
    port: int
    database_url: str | None

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def settings(self) -> Path:
        return self.folder / "videoannotator.toml"

    def write_settings(self) -> None:
        text = block("toml", "allowed_hosts")
        (self.folder / "results").mkdir(parents=True, exist_ok=True)
        for said, meant in (("/var/lib/videoannotator", self.data_dir), ("/srv", self.folder)):
            assert said in text
            text = text.replace(said, str(meant))
        head = f"port = {self.port}\n"
        head += f'database_url = "{self.database_url}"\n' if self.database_url else ""
        tomllib.loads(head + text)
        self.settings.write_text(head + text)

    @contextmanager
    def serving(self) -> Iterator[None]:
        command = [*map(str, program("serve", "--settings", self.settings))]
        with (self.folder / "server.log").open("ab") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(self.port)
            yield
        finally:
            server.terminate()
            server.wait(30)

    def states(self, key: str) -> list[str]:
        """How the jobs stand."""
        with Client(f"http://127.0.0.1:{self.port}", key) as client:
            return [job.status.value for job in client.jobs()]


@pytest.fixture(params=KINDS)
def new_database(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    if request.param == "sqlite":
        return lambda: None
    server = request.getfixturevalue("postgres_server")
    return lambda: postgres.new_database(server)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with network.another_machine(network.new_certificate(tmp_path)) as machine:
        yield machine


def test_a_lab_works_as_its_guide_says(
    machine: Machine,
    new_database: Callable[[], str | None],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    first = Installation(tmp_path / "first", free_port(), new_database())
    first.write_settings()
    clip = write(tmp_path / "session.mp4", Clip(n_frames=300, sound=Sound()))
    with network.nginx(tmp_path, site(machine.certificate, first.port)):
        with first.serving():
            key = run(*program("token", "create", "Ada", "--days", 365, "--settings", first.settings)).strip()
            closed_doors(machine, first.port)
            assert begun_upload(machine, key).startswith(f"https://{NAME}/api/v1/uploads/")
            stream = machine.listen(key, tmp_path / "events.txt")
            sent = large(clip, tmp_path / "large.mp4")
            job = machine.videoannotator(key, "submit", sent, *PIPELINES, "--watch").split()[0]
            until(lambda: f'"job_id":"{job}"' in endings(tmp_path / "events.txt"), 30)
            assert stream.poll() is None
            clips = [write(tmp_path / f"{n}.mp4", Clip(n_frames=300 + n, sound=Sound())) for n in range(3)]
            machine.videoannotator(key, "submit", *clips, *PIPELINES)
            until(lambda: "running" in first.states(key), 60)
            back_up(first, tmp_path / "backup", request)
        first.folder.rename(tmp_path / "broken")
        second = Installation(tmp_path / "second", first.port, new_database())
        restore(first, second, tmp_path / "backup", request)
        with second.serving():
            until(lambda: second.states(key) == ["completed"] * 4, 120)
            archive = machine.videoannotator(key, "fetch", job, "--zip", "-o", tmp_path / "zip").strip()
            assert zipfile.ZipFile(archive).testzip() is None
            assert UPLOAD_BYTES in {one.file_size for one in zipfile.ZipFile(archive).infolist()}
    assert "holds" in run(*program("audit", "verify", "--settings", second.settings))


def closed_doors(machine: Machine, port: int) -> None:
    assert machine.curl(f"http://{OURS}:{port}/health") == "000"
    assert machine.curl(f"https://{NAME}/health") == "200"
    assert machine.curl("-H", "Host: other.example", f"https://{NAME}/health") == "421"
    assert machine.curl(f"https://{NAME}/api/v1/jobs") == "401"


def begun_upload(machine: Machine, key: str) -> str:
    """Where a resumable upload is told to go on."""
    headers = (f"Authorization: Bearer {key}", "Tus-Resumable: 1.0.0", "Upload-Length: 10")
    words = [word for header in headers for word in ("-H", header)]
    return machine.curl("-X", "POST", *words, f"https://{NAME}/api/v1/uploads", tell="%header{location}")


def large(clip: Path, path: Path) -> Path:
    """The clip with zeros behind it, which players pass over."""
    shutil.copy(clip, path)
    os.truncate(path, UPLOAD_BYTES)
    return path


def endings(events: Path) -> str:
    """The frames that tell of a job's end."""
    frames = events.read_text().split("\n\n")
    return "\n".join(frame for frame in frames if "event: job.complete" in frame)


def back_up(installation: Installation, target: Path, request: pytest.FixtureRequest) -> None:
    run(*program("backup", target, "--settings", installation.settings))
    if installation.database_url:
        tools = request.getfixturevalue("postgres_binaries")
        run(tools / "pg_dump", "--file", target / "database.sql", installation.database_url)
        run(*program("backup", target, "--settings", installation.settings))


def restore(old: Installation, new: Installation, backup: Path, request: pytest.FixtureRequest) -> None:
    """Put a backup to work at another place."""
    new.write_settings()
    shutil.copytree(backup, new.data_dir)
    if new.database_url:
        tools = request.getfixturevalue("postgres_binaries")
        run(tools / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", backup / "database.sql",
            new.database_url)  # fmt: skip
