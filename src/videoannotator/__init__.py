"""Annotate videos of human interaction: who is where, what faces do, who says what, where the cuts are."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    # Read when asked for: it takes longer than all the rest that a command needs to show its help.
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
