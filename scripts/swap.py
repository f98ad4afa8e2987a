"""Swaps a folder and a link for each other while results are written: ``python scripts/swap.py 100000``.

Ends with an assertion if one byte gets out of the root.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.unit.files.test_roots import swap_and_write

from videoannotator.files.roots import Roots

if __name__ == "__main__":
    n_swaps = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "study").mkdir()
        (here / "outside").mkdir()
        (here / "outside" / "secret").write_text("secret")
        n_written = swap_and_write(Roots({"study": here / "study"}), here, n_attempts=1000, n_swaps=n_swaps)
        print(f"{n_swaps} swaps or more: {n_written} results were written, none of them outside the root")
