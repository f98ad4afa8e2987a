"""Everything a change must pass: format, lint, types, layers, tests, docs. ``--fix`` mends what can be."""

import sys

import environment


def main() -> None:
    """Run the checks in order and stop at the first that fails."""
    python = str(environment.ensure(extras=("dev",)))
    if "--fix" in sys.argv:
        environment.run([python, "-m", "ruff", "check", "--fix", "."])
        environment.run([python, "-m", "ruff", "format", "."])
        return
    environment.run([python, "-m", "ruff", "format", "--check", "."])
    environment.run([python, "-m", "ruff", "check", "."])
    environment.run([python, "-m", "mypy"])
    environment.run([python, "-c", "from importlinter.cli import lint_imports_command as main; main()"])
    if "--no-tests" not in sys.argv:
        environment.run([python, "-m", "pytest"])


if __name__ == "__main__":
    main()
