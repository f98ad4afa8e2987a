"""How the existing viewer tells files apart, and how our JSON avoids being taken for something else.

The viewer looks for quoted words in the first 8,000 to 15,000 bytes of every JSON file, whatever they mean
there. A word that must stay for other readers is written with its first letter as a JSON escape: parsers
read the same string, the search does not find it.
"""

from collections.abc import Iterable

# Any of these makes a JSON file of ours that is neither faces nor scenes look like one of them.
FACE_WORDS = ("face_id", "attributes", "emotions")
SCENE_WORDS = ("scene_type", "start_time", "end_time")
PERSON_WORDS = ("bbox",)  # the viewer wants it together with "keypoints"


def hide(json_text: str, words: Iterable[str]) -> str:
    """The same JSON document, in which the quoted words cannot be found by a search of the text."""
    for word in words:
        json_text = json_text.replace(f'"{word}"', f'"\\u{ord(word[0]):04x}{word[1:]}"')
    return json_text


def person_words_to_hide(file_name: str) -> tuple[str, ...]:
    """A file whose name contains "face" (as in still-face) counts as faces when it has a "score"."""
    return ("score",) if "face" in file_name.lower() else ()
