"""A job in its real child, killed and cancelled: how soon it runs again, how soon nothing is left of it.

Kills the worker, the serving process, and both (SIGKILL) while a job runs, and prints the seconds until the
job runs again: from the kill where the supervisor starts the worker anew, else from the start of the server.
Cancels a job in every phase and prints the seconds until its state is ``cancelled`` and what is left then.
"""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.e2e.bench import until
from tests.e2e.phases import PHASES, Phase, cancel
from tests.e2e.served import Server

from benchmarks import clips
from videoannotator.client import Client
from videoannotator.domain.jobs import TERMINAL

N_KILLS = 3
PERSON = {"person_tracking": {"person_detection": {"frames_per_s": 25}}}
WHISPER = replace(PHASES[3], name="inference of whisper", components=("whisper",))


def main() -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        server = Server(Path(folder, "data"))
        try:
            for what in ("worker", "api", "both"):
                seconds = [_running_again_s(server, what) for _ in range(N_KILLS)]
                told = ", ".join(f"{one:.1f}" for one in seconds)
                print(f"kill -9 of {what:7} running again after {told} s  (goal < 5 s)", flush=True)
            for phase in PHASES:
                _cancel(server, phase, phase.video(Path(folder)))
            _cancel(server, WHISPER, clips.long(6))
        finally:
            server.stop()


def _running_again_s(server: Server, what: str) -> float:
    """Seconds until the job's new child has said that it goes on."""
    with server.client() as client:
        job_id = client.submit(clips.long(6), pipelines=["person_detection"], config=PERSON).id
        until(lambda: client.job(job_id).progress > 0, 120)
    began_s = time.monotonic()
    server.kill(what)  # returns when the server answers again
    with server.client() as client:
        until(lambda: _goes_on(client, job_id), 120, lambda: client.logs(job_id))
        seconds = time.monotonic() - began_s
        client.cancel(job_id)
        until(lambda: client.job(job_id).status in TERMINAL, 60)
    return seconds


def _goes_on(client: Client, job_id: str) -> bool:
    return any("going on after an interruption" in line["message"] for line in client.logs(job_id))


def _cancel(server: Server, phase: Phase, video: Path) -> None:
    left = cancel(server, video, phase)
    print(
        f"cancel in {phase.name:22} cancelled after {left.seconds:.2f} s (goal < 2 s), "
        f"{left.n_children} children and {left.n_artifacts} artifacts left",
        flush=True,
    )


if __name__ == "__main__":
    main()
