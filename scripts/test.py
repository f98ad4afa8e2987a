"""Run every test: make the environment, fetch the default weights once, then pytest.

Extra arguments go to pytest: ``python scripts/test.py tests/unit -k tracking``.
"""

import sys

import environment


def main() -> None:
    """Set up what is missing and run the tests."""
    python = environment.ensure(extras=("dev",))
    environment.run([str(python), "-m", "videoannotator.cli.main", "weights", "pull", "--quiet"])
    environment.run([str(python), "-m", "pytest", *sys.argv[1:]])


if __name__ == "__main__":
    main()
