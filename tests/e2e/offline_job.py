"""Run in a network namespace without a route: a server of its own, and one whole job against it.

``python offline_job.py VIDEO DATA_DIR``; prints the job's end as JSON.
"""

import fcntl
import json
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import httpx2

PORT = 18011
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h


def raise_loopback() -> None:
    """A new namespace has a loopback that is down."""
    with socket.socket() as one:
        fcntl.ioctl(one, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def has_a_way_out() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 53))  # TEST-NET-1; a datagram needs a route, and no answer
        except OSError:
            return False
    return True


def job(video: Path) -> dict[str, object]:
    address = f"http://127.0.0.1:{PORT}/api/v1/jobs"
    with video.open("rb") as file:
        sent = httpx2.post(address, files={"video": (video.name, file)}, timeout=60)
    sent.raise_for_status()
    while True:
        state: dict[str, object] = httpx2.get(f"{address}/{sent.json()['id']}", timeout=60).json()
        if state["status"] in ("completed", "failed", "cancelled"):
            return {key: state.get(key) for key in ("status", "error_message")}
        time.sleep(0.2)


def refused() -> dict[str, object]:
    """What a job is told that asks for weights which are not here."""
    config = {"audio_processing": {"whisper": {"model": "tiny"}}}
    answer = httpx2.post(
        f"http://127.0.0.1:{PORT}/api/v1/jobs",
        data={"selected_pipelines": "whisper", "config": json.dumps(config)},
        files={"video": ("a.mp4", b"never read")},
        timeout=60,
    )
    return {"status": answer.status_code, **{key: answer.json()[key] for key in ("error_code", "hint")}}


def main() -> None:
    raise_loopback()
    program = [sys.executable, "-m", "videoannotator.cli.main", "serve", "--offline", "--no-auth"]
    server = subprocess.Popen([*program, "--data-dir", sys.argv[2], "--port", str(PORT)], stdout=sys.stderr)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx2.get(f"http://127.0.0.1:{PORT}/health", timeout=60)
                break
            except httpx2.ConnectError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        sys.stdout.write(
            json.dumps({"way_out": has_a_way_out(), "job": job(Path(sys.argv[1])), "refused": refused()})
        )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
