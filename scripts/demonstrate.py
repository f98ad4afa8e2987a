"""Starts a server, submits the demonstration video, shows live progress and fetches what came out."""

import csv
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samples import demonstration

from videoannotator.client import CannotConnect, Client

FOLDER = Path("demo-output")
CLI = [sys.executable, "-m", "videoannotator.cli.main"]
START_S = 60


def main() -> None:
    """Run the whole demonstration in ``demo-output``."""
    started = time.monotonic()
    print("Assembling a 24 s video with sound from clips that travel in packages ...", flush=True)
    video = demonstration(FOLDER)
    with server() as (address, token):
        to_server = ["--server", address, "--token", token]
        subprocess.run([*CLI, "submit", str(video), "--watch", *to_server], check=True)
        with Client(address, token) as client:
            job = next(client.jobs())
        results = FOLDER / "results"
        subprocess.run([*CLI, "fetch", job.id, "-o", str(results), *to_server], check=True)
        with Client(address, token) as client:
            archive = client.fetch_zip(job.id, FOLDER / "results.zip")
        summarise(results, job.id)
        print(f"  one ZIP with the video and all files: {archive}")
        print(f"Done in {time.monotonic() - started:.0f} s.")
        if "--keep" in sys.argv:
            wait(address)


@contextmanager
def server() -> Iterator[tuple[str, str]]:
    """A server of our own on a free port; yields its address and key, and ends it in good order."""
    data_dir = FOLDER / "server"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*CLI, "serve", "--data-dir", str(data_dir), "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        address = f"http://127.0.0.1:{port}"
        await_health(address, process)
        yield address, (data_dir / "token").read_text().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def await_health(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers; end the demonstration when it does not start."""
    for _ in range(START_S * 10):
        if process.poll() is not None:
            raise SystemExit("The server did not start; its message is above.")
        try:
            with Client(address) as client:
                client.health()
            return
        except CannotConnect:
            time.sleep(0.1)
    raise SystemExit(f"The server did not answer within {START_S} s.")


def summarise(results: Path, job_id: str) -> None:
    """What was found, and where to look at it."""
    people, faces = rows(results, "people"), rows(results, "faces")
    words, turns = rows(results, "words"), rows(results, "turns")
    print(f"\nWhat was found (job {job_id}):")
    print(f"  people   {len(people)} boxes of {distinct(people, 'track_id')} persons")
    print(f"  faces    {len(faces)} faces of {distinct(faces, 'track_id')} persons")
    print(f"  cuts     {len(rows(results, 'scenes')) - 1}")
    print(f"  speech   {len(words)} words; {distinct(turns, 'speaker')} speakers in {len(turns)} turns")
    print(f"  prosody  {len(rows(results, 'prosody'))} measurements of the voice")
    print("\nWhere it is:")
    print(f"  a picture of it all: {results / 'demonstration_preview.png'}")
    print(f"  for ELAN, Praat, R, pandas, the viewer: {results}")


def rows(results: Path, table: str) -> list[dict[str, str]]:
    """The rows of one CSV table."""
    with (results / f"demonstration_{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def distinct(found: list[dict[str, str]], column: str) -> int:
    """How many different values a column has, empty ones aside."""
    return len({row[column] for row in found if row[column]})


def wait(address: str) -> None:
    """Leave the server up until Ctrl-C."""
    print(f"The server goes on at {address} (key in {FOLDER / 'server' / 'token'}). Ctrl-C ends it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("Stopping ...")


if __name__ == "__main__":
    main()
