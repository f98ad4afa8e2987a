"""How long a server takes to accept a batch of paths, and how it answers meanwhile.

``python -m benchmarks.server_batches URL [KEY] [N]``: the server needs a root named ``study``; the paths need
not exist, since videos are examined after the batch is accepted. Prints seconds, and how it answers while
it examines: the list of jobs, one batch, and the first bytes of the event stream (median and worst, ms).
"""

import statistics
import sys
import time
from collections.abc import Callable

import httpx2

N_ASKED = 40


def main(url: str, key: str = "", n_items: int = 10_000) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx2.Client(base_url=f"{url}/api/v1", headers=headers, timeout=120) as http:
        items = [{"video_path": f"study:nowhere/clip{number:05d}.mp4"} for number in range(n_items)]
        began = time.perf_counter()
        answer = http.post("/batches", json={"items": items, "selected_pipelines": ["scene_detection"]})
        print(f"{n_items} items accepted in {time.perf_counter() - began:.2f} s ({answer.status_code})")
        batch = answer.json()
        for name, ask in {
            "jobs": lambda: http.get("/jobs").raise_for_status(),
            "batch": lambda: http.get(f"/batches/{batch['id']}").raise_for_status(),
            "stream": lambda: _first_bytes(http),
        }.items():
            print(f"{name}: {_timed(ask)}")
        http.post(f"/batches/{batch['id']}/cancel").raise_for_status()


def _first_bytes(http: httpx2.Client) -> None:
    with http.stream("GET", "/events/stream") as answer:
        next(answer.iter_bytes())


def _timed(ask: Callable[[], object]) -> str:
    taken_ms = []
    for _ in range(N_ASKED):
        began = time.perf_counter()
        ask()
        taken_ms.append(1000 * (time.perf_counter() - began))
    return f"median {statistics.median(taken_ms):.0f} ms, worst {max(taken_ms):.0f} ms"


if __name__ == "__main__":
    main(sys.argv[1], *sys.argv[2:3], *map(int, sys.argv[3:4]))
