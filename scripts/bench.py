"""Runs every benchmark, or those that are named: ``python scripts/bench.py startup visual``."""

import sys

import environment


def main() -> None:
    """Set up what is missing and print the figures of each benchmark; one drives a browser."""
    python = str(environment.ensure(extras=("dev", "browser"), folder=".venv-browser"))
    environment.run([python, "-m", "videoannotator.cli.main", "weights", "pull", "--quiet"])
    names = sys.argv[1:] or sorted(
        path.stem
        for path in (environment.ROOT / "benchmarks").glob("*.py")
        if path.stem not in ("__init__", "clips", "load", "plain")
    )
    for name in names:
        print(f"== {name}", flush=True)
        environment.run([python, "-m", f"benchmarks.{name}"])


if __name__ == "__main__":
    main()
