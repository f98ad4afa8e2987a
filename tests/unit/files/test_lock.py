"""Who is alone at a path."""

import subprocess
import sys
from pathlib import Path

from videoannotator.files.lock import alone

HOLD = """
import sys, time, pathlib
from videoannotator.files.lock import alone
with alone(pathlib.Path(sys.argv[1])) as held:
    print(held, flush=True)
    time.sleep(60)
"""


def test_one_at_a_time_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with alone(path) as first, alone(path) as second:
        assert (first, second) == (True, False)
    assert not path.exists()
    with alone(path) as again:
        assert again


def test_the_lock_of_a_process_that_is_killed_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline().strip() == "True"
        with alone(path) as held:
            assert not held
        holder.kill()
    with alone(path) as held:
        assert held
