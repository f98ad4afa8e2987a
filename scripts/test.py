"""Run every test: make the environment, fetch the default weights once, then pytest.

``--extra torch --extra browser`` runs the tests of those extras in an environment of their own,
``--environment NAME`` makes the environment of a component and runs its tests; in both a skip is a failure.
Other arguments go to pytest: ``python scripts/test.py tests/unit -k tracking``. What is tested on SQLite and
on PostgreSQL alike is run on the latter with ``python scripts/test.py -m postgres``.
"""

import argparse
import os

import environment

# A file's tests share what they have set up. Files go in their order, in which the long ones come before the
# many short ones that fill the end.
PARALLEL = ("--dist", "loadfile", "--no-loadscope-reorder")
MOST_AT_ONCE = 8  # each takes up to 0.8 GB, and more are not faster: the longest file is as long as it is
USUAL = ("-m", "not postgres")  # a later -m replaces it


def main() -> None:
    """Set up what is missing and run the tests."""
    parser = argparse.ArgumentParser(description="Run the tests.", allow_abbrev=False)
    about = "run the tests marked so, none of them skipped; may be given twice"
    parser.add_argument("--extra", choices=["torch", "browser"], action="append", help=about)
    about = "make the environment of a component, and run the tests marked so"
    parser.add_argument("--environment", choices=["openface3", "pyannote"], help=about)
    chosen, rest = parser.parse_known_args()
    if chosen.extra:
        extras = sorted(set(chosen.extra))
        python = environment.ensure(extras=("dev", *extras), folder=f".venv-{'-'.join(extras)}")
        rest = ["-m", " or ".join(extras), "--no-skips", *rest]
    else:
        python = environment.ensure(extras=("dev",))
    program = [str(python), "-m", "videoannotator.cli.main"]
    environment.run([*program, "weights", "pull", "--quiet"])
    if chosen.environment:
        environment.run([*program, "env", "create", chosen.environment])
        rest = ["-n", "0", "-m", chosen.environment, "--no-skips", *rest]
    parallel = () if {"-n", "-x"} & set(rest) else (*PARALLEL, "-n", str(_n_at_once(chosen.extra)))
    environment.run([str(python), "-m", "pytest", *parallel, *USUAL, *rest])


def _n_at_once(extras: list[str] | None) -> int:
    """One more than there are processors, for many tests wait for a process; those of a browser do not."""
    n_processors = os.cpu_count() or 1
    return min(MOST_AT_ONCE, n_processors if extras else n_processors + 1)


if __name__ == "__main__":
    main()
