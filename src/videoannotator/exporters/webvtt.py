"""``<video>_speech_recognition.vtt``: one plain cue per utterance. W3C, "WebVTT".

No header text, identifiers, settings, notes or voice tags: the viewer shows a cue's text as it stands. The
three characters that have a meaning in WebVTT are escaped as the standard asks, which the viewer alone shows
literally; other players would drop the text after a bare ``<``.
"""

from pathlib import Path

import numpy as np

from videoannotator.domain.table import Table

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def write(path: Path, utterances: Table) -> None:
    """Write the utterances in order of their start; those without text are no cues."""
    order = np.argsort(utterances["start_s"], kind="stable")
    blocks = ["WEBVTT\n"]
    for row in utterances.where(order).rows():
        text = " ".join(str(row["text"]).split())
        if text:
            start_ms = round(row["start_s"] * 1000)
            end_ms = max(round(row["end_s"] * 1000), start_ms + 1)  # a cue must end after it starts
            blocks.append(f"{_clock(start_ms)} --> {_clock(end_ms)}\n{text.translate(_ESCAPES)}\n")
    path.write_text("\n".join(blocks), encoding="utf-8", newline="\n")


def _clock(time_ms: int) -> str:
    seconds, milliseconds = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"
