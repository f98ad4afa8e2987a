"""``videoannotator serve`` as people start it: answers from the first connection, says why it cannot."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from tests.synthetic import patient

HEALTH = ("/health", "/api/v1/health", "/api/v1/system/health", "/health/live")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "videoannotator.cli.main", "serve", *arguments]


@contextmanager
def served(data_dir: Path, port: int, *more: str) -> Iterator[subprocess.Popen[str]]:
    arguments = ("--data-dir", str(data_dir), "--port", str(port), *more)
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            patient.get(f"http://127.0.0.1:{port}/health")
            return
        except httpx2.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.usefixtures("each_database")
def test_health_answers_from_the_first_connection_to_the_last(tmp_path: Path) -> None:
    port = free_port()
    seen: list[int | str] = []
    headers = {"Authorization": "Bearer stale", "Connection": "close"}
    with served(tmp_path / "data", port) as process, patient.Client(headers=headers) as client:
        n_good, signalled = 0, False
        while process.poll() is None:
            path = HEALTH[len(seen) % 4] + "/" * (len(seen) // 4 % 2)
            method = ("GET", "HEAD")[len(seen) // 8 % 2]
            try:
                answer = client.request(method, f"http://127.0.0.1:{port}{path}")
                seen.append(answer.status_code)
                n_good += 1
            except httpx2.ConnectError:
                seen.append("refused")
            except (httpx2.NetworkError, httpx2.RemoteProtocolError):
                # What the kernel had queued when the socket was closed is reset, and whoever sends nothing
                # for long after connecting is hung up on: refused a moment later.
                assert signalled
                seen.append("refused")
            if n_good >= 100 and not signalled:
                process.send_signal(signal.SIGTERM)
                signalled = True
            time.sleep(0.005)
        assert process.returncode == 0
    changes = [one for one, before in zip(seen, [None, *seen], strict=False) if one != before]
    assert changes in (["refused", 200], ["refused", 200, "refused"])


@pytest.mark.usefixtures("each_database")
def test_the_first_start_makes_a_key_and_tells_it_once(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path / "data", port) as process:
        wait_for(port)
        key = (tmp_path / "data/token").read_text()
        assert stat.S_IMODE((tmp_path / "data/token").stat().st_mode) == 0o600
        answer = patient.get(
            f"http://127.0.0.1:{port}/api/v1/tokens/me", headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.json()["valid"] is True
        with patient.stream("GET", f"http://127.0.0.1:{port}/api/v1/events/stream?token={key}") as stream:
            started_s = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert b"server.shutdown" in b"".join(stream.iter_raw())
        said, _ = process.communicate(timeout=12)
        assert time.monotonic() - started_s < 12
        assert said.count(key) == 1
        assert f"http://127.0.0.1:{port}/docs" in said
    with served(tmp_path / "data", port) as process:
        wait_for(port)
        process.terminate()
        assert key not in process.communicate(timeout=12)[0]
    logs = "".join(path.read_text() for path in (tmp_path / "data/logs").iterdir())
    assert '"path": "/api/v1/events/stream"' in logs
    assert key not in logs


def refusal(*arguments: str) -> str:
    ended = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"127.0.0.1:{port}" in (said := refusal("--port", port, "--data-dir", str(tmp_path)))
        assert "--port" in said


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is where even root cannot make folders")
def test_a_folder_that_cannot_be_written() -> None:
    assert "--data-dir" in refusal("--port", "0", "--data-dir", "/proc/videoannotator")


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "--data-dir" in refusal("--port", "0", "--data-dir", str(tmp_path / "data"))


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "videoannotator.sqlite") as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    assert "unknown schema revision 9999" in refusal("--port", "0", "--data-dir", str(tmp_path))


def test_a_database_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/none")
    said = refusal("--port", "0", "--data-dir", str(tmp_path))
    assert "The database does not answer" in said
    assert "secret" not in said


def test_a_database_of_another_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOANNOTATOR_DATABASE_URL", "mysql://me:secret@127.0.0.1/none")
    said = refusal("--port", "0", "--data-dir", str(tmp_path))
    assert "no PostgreSQL URL" in said
    assert "secret" not in said


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    assert "with --host" in refusal("--host", "192.0.2.1", "--port", "0", "--data-dir", str(tmp_path))


def test_an_unknown_setting(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("colour = 'red'")
    said = refusal("--port", "0", "--data-dir", str(tmp_path), "--settings", str(tmp_path / "settings.toml"))
    assert "colour" in said


def test_no_keys_only_where_nobody_else_can_connect(tmp_path: Path) -> None:
    assert "--no-auth" in refusal("--no-auth", "--host", "0.0.0.0", "--data-dir", str(tmp_path))


def test_a_second_server_on_the_same_data(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path / "data", port):
        wait_for(port)
        assert "Another server" in refusal("--port", "0", "--data-dir", str(tmp_path / "data"))


def test_the_viewer_is_shown_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "dist/assets").mkdir(parents=True)
    (tmp_path / "dist/index.html").write_text("<html>viewer</html>")
    (tmp_path / "dist/assets/app.js").write_text("1")
    (tmp_path / "secret").write_text("secret")
    port = free_port()
    with served(tmp_path / "data", port, "--viewer", str(tmp_path / "dist")):
        wait_for(port)
        url = f"http://127.0.0.1:{port}/viewer"
        for page in ("", "/", "/jobs/1", "/view/1", "/..%2fsecret"):
            answer = patient.get(url + page)
            assert (answer.status_code, answer.text) == (200, "<html>viewer</html>")
        assert "javascript" in patient.get(url + "/assets/app.js").headers["content-type"]
