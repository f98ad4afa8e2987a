import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.synthetic.manifests import file_toml, model_toml

from videoannotator.domain.errors import WeightsError

CONTENT = bytes(range(256)) * 4000


class _Server(ThreadingHTTPServer):
    """Serves CONTENT at any path but ``/missing``; ``breaks_at`` ends the first answer too early."""

    breaks_at: int | None = None
    knows_ranges = True
    token: str | None = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self):
        start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.server.asked.append((self.path, start))
        if self.path == "/missing" or (
            self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}"
        ):
            self.send_error(401 if self.server.token else 404)
            return
        partial = self.server.knows_ranges and start > 0
        body = CONTENT[start:] if partial else CONTENT
        self.send_response(206 if partial else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        end, self.server.breaks_at = self.server.breaks_at, None
        self.wfile.write(body[:end])

    def log_message(self, *_): ...


@pytest.fixture
def server():
    with _Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_broken_download_goes_on_where_it_was(server, make_library, knows_ranges):
    server.breaks_at, server.knows_ranges = len(CONTENT) // 2, knows_ranges
    library = make_library(model_toml() + file_toml("f", CONTENT, f'address = "{server.address}/f"'))
    with pytest.raises(WeightsError) as broken:
        library.pull(["m"])
    assert "what was got is kept" in broken.value.hint
    library.pull(["m"])
    assert library.path("m").read_bytes() == CONTENT
    assert [start for _, start in server.asked] == [0, len(CONTENT) // 2]


def test_an_address_without_the_file_is_said(server, make_library):
    library = make_library(model_toml() + file_toml("f", CONTENT, f'address = "{server.address}/missing"'))
    with pytest.raises(WeightsError, match="404"):
        library.pull(["m"])


PULL = """
import sys
from pathlib import Path
from videoannotator.domain.errors import WeightsError
from videoannotator.weights.library import Library

library = Library([Path(sys.argv[1])], Path(sys.argv[2]))
try:
    library.pull(["m"])
except WeightsError as error:
    sys.exit(error.hint)
"""


@pytest.mark.parametrize(("token", "fetched"), [("right", True), ("wrong", False)])
def test_a_hub_is_asked_for_the_revision_with_the_token(server, make_library, tmp_path, token, fetched):
    server.token = "right"
    part = 'hub = "owner/repo", revision = "abc123", file = "model.bin"'
    library = make_library(model_toml() + file_toml("f", CONTENT, part))
    # The hub's client reads its variables when it is imported: a process of its own.
    process = subprocess.run(
        [sys.executable, "-c", PULL, tmp_path / "weights.toml", tmp_path / "cache"],
        env={**os.environ, "HF_ENDPOINT": server.address, "HF_TOKEN": token, "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert server.asked == [("/owner/repo/resolve/abc123/model.bin", 0)]
    assert (process.returncode == 0) == fetched
    if fetched:
        assert library.path("m").read_bytes() == CONTENT
    else:
        assert "Accept the licence at https://huggingface.co/owner/repo" in process.stderr
