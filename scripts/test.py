"""Run every test: make the environment, fetch the default weights once, then pytest.

``--extra torch`` runs the tests of that extra in an environment of its own, and there a skip is a failure.
Other arguments go to pytest: ``python scripts/test.py tests/unit -k tracking``.
"""

import argparse

import environment

PARALLEL = ("-n", "auto", "--dist", "loadfile")  # a file's tests share what they have set up


def main() -> None:
    """Set up what is missing and run the tests."""
    parser = argparse.ArgumentParser(description="Run the tests.", allow_abbrev=False)
    parser.add_argument("--extra", choices=["torch"], help="run the tests marked so, none of them skipped")
    chosen, rest = parser.parse_known_args()
    if chosen.extra:
        python = environment.ensure(extras=("dev", chosen.extra), folder=f".venv-{chosen.extra}")
        rest = ["-m", chosen.extra, "--no-skips", *rest]
    else:
        python = environment.ensure(extras=("dev",))
    environment.run([str(python), "-m", "videoannotator.cli.main", "weights", "pull", "--quiet"])
    parallel = () if {"-n", "-x"} & set(rest) else PARALLEL
    environment.run([str(python), "-m", "pytest", *parallel, *rest])


if __name__ == "__main__":
    main()
