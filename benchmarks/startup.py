"""How long a person waits for help, against an empty Python."""

import statistics
import subprocess
import sys
import time

ROUNDS = 9


def main() -> None:
    """Print medians."""
    empty_ms = _median_ms([sys.executable, "-c", "pass"])
    help_ms = _median_ms([sys.executable, "-m", "videoannotator.cli.main", "--help"])
    print(f"videoannotator --help: {help_ms:.0f} ms (an empty Python {empty_ms:.0f} ms; goal <= 250 ms)")


def _median_ms(command: list[str]) -> float:
    return statistics.median(_milliseconds(command) for _ in range(ROUNDS))


def _milliseconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
