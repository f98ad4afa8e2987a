"""A hub of our own on this machine: the same API, one repository."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import UnknownName, WeightsMissing
from videoannotator.weights.library import Library

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"model.bin": bytes(range(256)) * 300, "sub/config.json": b'{"a": 1}', "README.md": b"no part of it"}
# By "git hash-object".
CONFIG_BLOB = "4a036f56bb619924ec4189bd84ed716c766971ae"
README_BLOB = "0898c0b471dbd5644fd48c291bc5a35d9c2af11e"
SNAPSHOT = """
[[model]]
name = "m"
display_name = "m"
description = "Made up."
licence = "CC-BY-4.0"
licence_source = "this test"
gated = {gated}
homepage = "https://huggingface.co/owner/repo"
[model.snapshot]
hub = "owner/repo"
revision = "{revision}"
files = ["model.bin", "sub/*.json"]
size_bytes = 77000
{known}
"""


class _Hub(ThreadingHTTPServer):
    token: str | None = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.files = dict(FILES)


class _Handler(BaseHTTPRequestHandler):
    server: _Hub

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.send_error(401)
        elif self.path.startswith("/api/models/owner/repo/revision/main"):
            self._answer(json.dumps({"sha": COMMIT, "siblings": self._siblings()}).encode())
        else:
            name = self.path.removeprefix(f"/owner/repo/resolve/{COMMIT}/")
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            self._answer(self.server.files[name][start:], 206)

    def _siblings(self):
        large = FILES["model.bin"]
        return [
            {"rfilename": "README.md", "size": 13, "blobId": README_BLOB},
            {"rfilename": "sub/config.json", "size": 8, "blobId": CONFIG_BLOB},
            {
                "rfilename": "model.bin",
                "size": len(large),
                "blobId": "1" * 40,
                "lfs": {"sha256": hashlib.sha256(large).hexdigest(), "size": len(large), "pointerSize": 130},
            },
        ]

    def _answer(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): ...


@pytest.fixture
def hub():
    with _Hub() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def declare(tmp_path):
    def make(*, gated=False, revision="main", known=""):
        manifest = tmp_path / "weights.toml"
        manifest.write_text(SNAPSHOT.format(gated=str(gated).lower(), revision=revision, known=known))
        return manifest

    return make


PULL = """
import sys
from pathlib import Path
from videoannotator.domain.errors import WeightsError
from videoannotator.weights.library import Library
manifest, cache, name, token, mode = sys.argv[1:]
try:
    Library([Path(manifest)], Path(cache), mode, hub_token=token or None).pull([name])
except WeightsError as error:
    sys.exit(f"{error} | {error.hint}")
"""


def _pull(hub, manifest, cache, name="m", token="", mode="permissive"):
    """The hub's client reads its address when it is imported: a process of its own."""
    environment = {**os.environ, "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}", "HF_TOKEN": ""}
    command = [sys.executable, "-c", PULL, manifest, cache, name, token, mode]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_snapshot_is_resolved_once_and_its_hashes_are_kept(hub, declare, tmp_path):
    manifest, cache = declare(), tmp_path / "cache"
    library = Library([manifest], cache)
    assert (library.state("m"), library.info("m").size_bytes) == (ModelState.DOWNLOADABLE, 77000)
    assert _pull(hub, manifest, cache).returncode == 0
    library = Library([manifest], cache, offline=True)
    folder = library.path("m")
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == {name: FILES[name] for name in ("model.bin", "sub/config.json")}
    record = library.record("m")
    assert record.files["sub/config.json"] == hashlib.sha256(b'{"a": 1}').hexdigest()
    assert record.source == f"hub owner/repo@{COMMIT}"
    n_asked = len(hub.asked)
    assert _pull(hub, manifest, cache).returncode == 0
    assert len(hub.asked) == n_asked


def test_a_new_revision_in_the_manifest_is_another_model(hub, declare, tmp_path):
    assert _pull(hub, declare(), tmp_path / "cache").returncode == 0
    library = Library([declare(revision=COMMIT)], tmp_path / "cache")
    assert library.state("m") is ModelState.DOWNLOADABLE


def test_a_file_that_is_not_the_commits_is_refused(hub, declare, tmp_path):
    hub.files = {**FILES, "sub/config.json": b'{"a": 2}'}
    answer = _pull(hub, declare(), tmp_path / "cache")
    assert "sub/config.json of hub owner/repo" in answer.stderr
    assert "not what its commit says" in answer.stderr
    hub.files = {**FILES, "model.bin": FILES["model.bin"][::-1]}
    assert "what was fetched has SHA-256" in _pull(hub, declare(), tmp_path / "cache").stderr


def test_a_known_hash_is_held_to(hub, declare, tmp_path):
    known = 'sha256 = { "model.bin" = "' + "0" * 64 + '" }'
    answer = _pull(hub, declare(known=known), tmp_path / "cache")
    assert f"not {'0' * 64} | Do not use it" in answer.stderr


def test_a_gated_repository_says_where_to_accept_and_which_key(hub, declare, tmp_path):
    hub.token = "right"
    manifest, cache = declare(gated=True), tmp_path / "cache"
    status = Library([manifest], cache).status("m")
    assert status.state is ModelState.GATED
    assert "https://huggingface.co/owner/repo" in (status.reason or "")
    assert "VIDEOANNOTATOR_HUB_TOKEN" in (status.hint or "")
    assert Library([manifest], cache, hub_token="right").state("m") is ModelState.DOWNLOADABLE
    wrong = _pull(hub, manifest, cache, token="wrong")
    assert "Accept the licence at https://huggingface.co/owner/repo" in wrong.stderr
    assert _pull(hub, manifest, cache, token="right").returncode == 0


def test_a_repository_may_be_named_where_any_licence_is_allowed(hub, declare, tmp_path):
    manifest, cache = declare(), tmp_path / "cache"
    assert Library([manifest], cache).state("owner/repo") is ModelState.NOT_ALLOWED
    assert _pull(hub, manifest, cache, name="owner/repo@main", mode="custom").returncode == 0
    folder = Library([manifest], cache, "custom").path("owner/repo@main")
    assert (folder / "README.md").exists()
    with pytest.raises(UnknownName):
        Library([manifest], cache).model("no/model/at all")


@pytest.fixture
def own_folder(tmp_path) -> Path:
    folder = tmp_path / "own"
    (folder / "sub").mkdir(parents=True)
    for name in FILES:
        (folder / name).write_bytes(FILES[name])
    return folder


def test_a_model_may_be_brought_from_a_folder(declare, own_folder, tmp_path):
    library = Library([declare(gated=True)], tmp_path / "cache", offline=True)
    with pytest.raises(WeightsMissing):
        library.path("m")
    library.take_folder("m", own_folder)
    assert library.state("m") is ModelState.READY
    record = library.record("m")
    assert set(record.files) == {"model.bin", "sub/config.json"}
    assert str(tmp_path) not in record.model_dump_json()


def test_a_folder_that_lacks_a_file_is_refused(declare, own_folder, tmp_path):
    (own_folder / "model.bin").unlink()
    library = Library([declare()], tmp_path / "cache")
    with pytest.raises(Exception, match=r"has no file model\.bin"):
        library.take_folder("m", own_folder)
    assert library.state("m") is ModelState.DOWNLOADABLE
