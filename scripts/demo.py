"""The demonstration: sets everything up, annotates a real video through the server and shows the results.

``python scripts/demo.py --keep`` leaves the server running.
"""

import sys

import environment


def main() -> None:
    """Set up what is missing, then let the project's own Python do the rest."""
    python = str(environment.ensure())
    environment.run([python, "-m", "videoannotator.cli.main", "weights", "pull", "--quiet"])
    environment.run([python, "scripts/demonstrate.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
