"""File names from video names: what a video is called becomes a stem that every system and format takes.

The stem of ``safe_stem`` keeps letters, marks, digits and symbols (emoji too) of every script, spaces inside,
and ``-_.,()+@#&'!~=``. A run of anything else, which includes line ends, slashes, quotes and invisible
characters, becomes one ``_``. A leading dash (an option to many programs), dot (hidden) or blank becomes
``_`` too, and the stem is cut to ``MAX_STEM_BYTES`` of UTF-8. Two different names may give one stem: results
of different videos belong in different folders.
"""

import re
import unicodedata
from pathlib import PurePath

MAX_STEM_BYTES = 180  # leaves 75 of the usual 255 for "_<table>.parquet" and temporary prefixes
FALLBACK_STEM = "video"
_KEPT_PUNCTUATION = frozenset(" -_.,()+@#&'!~=")
# Reserved device names of Windows, with or without a suffix.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
# The existing viewer takes a file for speech, speakers or OpenFace 3 by these parts of its name alone.
_VIEWER_WORDS = re.compile(
    r"(?i)speech_recognition|speaker_diarization|openface3_analysis|openface3_detailed|complete_results"
)


def safe_stem(video_name: str) -> str:
    """The stem for all files of a video, never empty; ``clip.mp4`` gives ``clip``."""
    name = unicodedata.normalize("NFC", PurePath(video_name).name)
    stem = PurePath(name).stem if PurePath(name).suffix else name
    stem = re.sub("\0+", "_", "".join(character if _is_kept(character) else "\0" for character in stem))
    stem = _VIEWER_WORDS.sub(lambda match: match[0].replace("_", "-"), stem)
    stem = _cut(stem, MAX_STEM_BYTES).rstrip(" .")
    if stem[:1] in ("-", ".", " "):
        stem = f"_{stem[1:]}"
    if _DEVICES.fullmatch(stem):
        stem = f"_{stem}"
    return stem if stem.strip("_ ") else FALLBACK_STEM


def table_part(table_name: str) -> str:
    """What a table's name contributes to a file name; letters, digits, ``_`` and ``-`` only."""
    part = re.sub(r"[^A-Za-z0-9_-]+", "_", table_name)[:50]
    return _VIEWER_WORDS.sub(lambda match: match[0].replace("_", "-"), part)


def unbroken(label: str) -> str:
    """A label for formats that separate fields by blanks (RTTM, UEM); never empty."""
    return re.sub(r"\s+", "_", label.strip()) or "unknown"


def _is_kept(character: str) -> bool:
    return (
        character in _KEPT_PUNCTUATION or unicodedata.category(character)[0] in "LMN" or _is_symbol(character)
    )


def _is_symbol(character: str) -> bool:
    # So: pictures such as emoji, Sk: their skin tones; Sm and Sc hold characters that shells act on.
    return ord(character) > 127 and unicodedata.category(character) in ("So", "Sk")


def _cut(text: str, max_bytes: int) -> str:
    return text.encode()[:max_bytes].decode(errors="ignore")
