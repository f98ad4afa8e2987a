"""A plugin that cannot be loaded is told of, with the reason, wherever pipelines are listed."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.synthetic.server import running


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder for the module path with a package whose pipeline breaks on import."""
    package = tmp_path / "broken-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[videoannotator.pipelines]\nbroken = broken_plugin:PIPELINE\n")
    (tmp_path / "broken_plugin.py").write_text("raise OSError('no driver')\n")
    return tmp_path


def test_the_api_says_why(plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(plugin)
    with running(tmp_path) as api:
        found = {one["name"]: one for one in api.admin.get("/api/v1/pipelines").json()["pipelines"]}
    assert not found["broken"]["enabled"]
    assert found["broken"]["disabled_reason"] == "OSError: no driver"
    assert "pip install" in found["broken"]["hint"]


def test_the_command_line_says_why(plugin: Path) -> None:
    command = [sys.executable, "-m", "videoannotator.cli.main", "pipelines"]
    environment = {"PYTHONPATH": str(plugin), "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "OSError: no driver" in done.stdout
