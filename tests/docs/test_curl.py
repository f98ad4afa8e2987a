"""The curl commands of the documents, run as they stand against a real server."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.test_serve import free_port, served, wait_for
from tests.synthetic import patient
from tests.synthetic.clips import Clip, Sound, write

from videoannotator.client import Client

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("server.md", "uploads.md", "presets.md", "batches.md", "places.md")
VIDEOS = ("session.mp4", "play.mp4", "clip.mp4")
# curl must fail where the server refuses; a stream goes on for as long as somebody listens.
SHELL = """set -eu
curl() {
  case $1 in
    -N) command curl -sS --fail-with-body --max-time 5 "$@" || [ $? = 28 ] ;;
    *) command curl -sS --fail-with-body "$@" ;;
  esac
  echo
}
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a reader puts in the place of a name in capitals: a server at work, with a job that has ended."""
    folder, study = tmp_path_factory.mktemp("curl"), tmp_path_factory.mktemp("study")
    (study / "session1").mkdir()
    for path in (study / "session1/clip.mp4", *(folder / name for name in VIDEOS)):
        write(path, Clip(n_frames=100, frame_rate=1, sound=Sound()))
    settings = folder / "videoannotator.toml"
    settings.write_text(f"roots = {{ study = {json.dumps(str(study))} }}\n")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with served(folder / "data", port, "--settings", str(settings)) as process:
        wait_for(port)
        with Client(url, (folder / "data/token").read_text()) as client:
            job = client.submit(folder / "clip.mp4", pipelines=["shot_detection"])
            assert [event.type for event in client.watch(job.id)][-1] == "job.complete"
            known = {"Authorization": f"Bearer {(folder / 'data/token').read_text()}"}
            video = patient.get(f"{url}/api/v1/jobs/{job.id}", headers=known).json()["video_id"]
        yield {
            "http://127.0.0.1:18011": url,
            "DATA_DIR": str(folder / "data"),
            "JOB": job.id,
            "VIDEO_ID": video,
        }
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.timeout(300)
def test_the_curl_commands_of_a_page_are_answered_well(known: dict[str, str], page: str) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.S)
    script = "\n".join(block for block in blocks if "curl" in block)
    assert script
    text = f"KEY=$(cat DATA_DIR/token); API=http://127.0.0.1:18011/api/v1\n{script}"
    for name, value in known.items():
        text = re.sub(rf"\b{name}\b", value, text)
    done = subprocess.run(
        ["bash", "-c", SHELL + text],
        cwd=Path(known["DATA_DIR"]).parent,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, text + done.stdout[-3000:] + done.stderr[-1000:]
