"""The description against the server: what it says is what happens, for any input that a tool can think of.

``VIDEOANNOTATOR_TEST_EXAMPLES`` is the number of examples per operation: 10 when nothing is said, 200
before a release (about five minutes), then with another ``VIDEOANNOTATOR_TEST_SEED`` than usual, so that a
change is judged by what it changes and a release by more. Settings with their reasons: ``schemathesis.toml``.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.synthetic import patient

pytest.importorskip("schemathesis")
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
N_EXAMPLES = os.environ.get("VIDEOANNOTATOR_TEST_EXAMPLES", "10")
SEED = os.environ.get("VIDEOANNOTATOR_TEST_SEED", "1")
CLI = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server with one worker: its address and the operator's key."""
    command = [sys.executable, "-m", "videoannotator.cli.main", "serve", "--port", "0", "--workers", "1"]
    environment = {**os.environ, "VIDEOANNOTATOR_OFFLINE": "true"}
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [*command, "--data-dir", str(tmp_path / "data")],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        ) as server,
    ):
        said = iter(server.stdout or ())
        url = next(line for line in said if "answers at" in line).split()[-1]
        key = next(line for line in said if "API key" in line).split()[-1]
        yield url, key
        server.terminate()


@pytest.mark.timeout(3600)
def test_the_description_is_true(served: tuple[str, str], tmp_path: Path) -> None:
    url, key = served
    run = [sys.executable, "-c", CLI, "--config-file", str(HERE / "schemathesis.toml")]
    run += ["run", f"{url}/openapi.json", "--checks", "all", "--max-examples", N_EXAMPLES, "--seed", SEED]
    run += ["--header", f"Authorization: Bearer {key}", "--continue-on-failure", "--no-color"]
    headers = {"Authorization": f"Bearer {key}"}
    own = patient.get(f"{url}/api/v1/tokens", headers=headers).json()["tokens"][0]["id"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "VIDEOANNOTATOR_TEST_KEY_ID": own}
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    about = patient.get(f"{url}/api/v1/tokens/me", headers=headers)
    assert about.status_code == 200  # the key was good to the end: nothing was passed over
