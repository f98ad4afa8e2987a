"""Who speaks when: ``<video>_speaker_diarization.rttm``, and ``<video>.uem`` for the stretch that was heard.

NIST, "Rich Transcription 2009 evaluation plan": ten fields, separated by single blanks, times in seconds.
The UEM has a plain name because the viewer would read a second file of that name as speakers.
"""

from pathlib import Path

import numpy as np

from videoannotator.domain.table import Table
from videoannotator.exporters.names import unbroken


def write(path: Path, stem: str, turns: Table) -> None:
    """Write the turns in order of their start; a turn lasts at least a millisecond."""
    order = np.argsort(turns["start_s"], kind="stable")
    lines = []
    for row in turns.where(order).rows():
        duration_s = max(row["end_s"] - row["start_s"], 0.001)
        lines.append(
            f"SPEAKER {unbroken(stem)} 1 {row['start_s']:.3f} {duration_s:.3f} <NA> <NA> "
            f"{unbroken(str(row['speaker']))} <NA> <NA>\n"
        )
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_uem(path: Path, stem: str, start_s: float, end_s: float) -> None:
    """Write the one region that was listened to: the whole video, or the stretch that was wanted."""
    path.write_text(f"{unbroken(stem)} 1 {start_s:.3f} {end_s:.3f}\n", encoding="utf-8", newline="\n")
