"""Annotate videos of human interaction: who is where, what faces do, who says what, where the cuts are."""

from importlib.metadata import version

__version__ = version("videoannotator")
