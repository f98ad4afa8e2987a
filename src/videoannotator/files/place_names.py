"""What clients may write as a place, judged by its letters alone, before any disk is touched.

A place is ``root:relative/path``, or an absolute path below a root. Names that are to be made keep to letters
and digits of every script, spaces inside, and ``-_.,()+@#=``; names of files that are there may hold
more, as long as no program takes them for something else than plain parts of a path.
"""

import re
import unicodedata

from videoannotator.domain.errors import InvalidPlace

MAX_PART_BYTES, MAX_BYTES = 255, 1024
_PUNCTUATION = frozenset(" -_.,()+@#=")
# Reserved device names of Windows, with or without a suffix.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d|conin|conout)(\..*)?")
# Windows' separators, what shells expand, and what decoders of addresses turn into dots and slashes.
_TRAPS = re.compile(r"[\\:$`]|%[0-9a-fA-F]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc
_HINT = "Write root:folder/folder with letters, digits, spaces inside and - _ . , ( ) + @ # =."


def parts_of(path: str, *, new: bool, field: str) -> tuple[str, ...]:
    """The parts of a relative path that ``check_text`` has passed, () for ""; raises InvalidPlace.

    ``new`` is for places that may have to be made.
    """
    if path == "":
        return ()
    parts = tuple(path.removesuffix("/").split("/"))
    for part in parts:
        problem = _problem(part) or (_problem_of_new(part) if new else None)
        if problem:
            raise InvalidPlace(f"{field}: {part[:80]!a} {problem}", hint=_HINT, field=field)
    return tuple(unicodedata.normalize("NFC", part) for part in parts) if new else parts


def shown(name: str) -> str:
    """A name as it can be written down: what is no UTF-8 in it (lone surrogates) stands as U+FFFD."""
    return name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def check_text(text: str, field: str) -> None:
    """Raise InvalidPlace for what can be no path here at all."""
    try:
        n_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        hint = "Rename it: names have to be UTF-8."
        raise InvalidPlace(f"{field}: {shown(text)[:80]!r} is not UTF-8", hint=hint, field=field) from error
    if n_bytes > MAX_BYTES:
        raise InvalidPlace(f"{field} is longer than {MAX_BYTES} bytes", hint=_HINT, field=field)
    if _CONTROL.search(text):
        raise InvalidPlace(f"{field} holds a control character", hint=_HINT, field=field)


def _problem(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "is no name"
    if len(part.encode()) > MAX_PART_BYTES:
        return f"is longer than {MAX_PART_BYTES} bytes"
    if unicodedata.normalize("NFKC", part)[0] in ".~" or part[-1] in ". ":
        return "begins with a dot or a tilde, or ends with a dot or a blank"
    if _DEVICES.fullmatch(part):
        return "is a reserved name of Windows"
    return "holds what other programs take for something else" if _TRAPS.search(part) else None


def _problem_of_new(part: str) -> str | None:
    for character in part:
        if unicodedata.category(character)[0] not in "LMN" and character not in _PUNCTUATION:
            return f"holds {character!a}, which names of places may not"
    return "begins with a dash or a blank" if part[0] in " -" else None
