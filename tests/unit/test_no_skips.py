"""What counts as a failure where skips are forbidden."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = """
import pytest

nothing = pytest.importorskip("no_such_module")
"""
SINGLE = """
import pytest

@pytest.mark.browser
@pytest.mark.skip(reason="no time")
def test_it(): ...
"""


def test_skipped_modules_and_skipped_tests_are_failures_where_skips_are_forbidden(tmp_path):
    (tmp_path / "test_module.py").write_text(MODULE)
    (tmp_path / "test_single.py").write_text(SINGLE)
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    command = [sys.executable, "-m", "pytest", *options, "-m", "browser", "--no-skips", str(tmp_path)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "no_such_module" in found.stdout
    assert "Skipped: no time" in found.stdout
    assert "2 errors" in found.stdout
