"""Drawing on RGB pictures: text of every script, boxes, lines. Colours are (red, green, blue), 0 to 255.

OpenCV 5 brings fonts with it (Latin, Greek, Cyrillic, Hebrew, Chinese, Japanese, Korean); a character that
they lack is shown as a question mark.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]

BLACK: Colour = (24, 24, 27)
GREY: Colour = (120, 120, 128)
LIGHT: Colour = (226, 228, 232)
WHITE: Colour = (255, 255, 255)
# Okabe & Ito, "Color Universal Design" (2008): told apart by colour-blind people too.
_PALETTE: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (213, 94, 0), (204, 121, 167),
    (0, 114, 178),
)  # fmt: skip
_FONT = cv2.FontFace("sans")
_REGULAR, _BOLD = 400, 600  # always said: OpenCV keeps the last one


def blank(width_px: int, height_px: int, colour: Colour = WHITE) -> Picture:
    """A picture of one colour."""
    return np.full((height_px, width_px, 3), colour, dtype=np.uint8)


def colour_of(number: int) -> Colour:
    """The colour of the nth person or speaker, from 0; grey for negative numbers."""
    return _PALETTE[number % len(_PALETTE)] if number >= 0 else GREY


def text_width(text: str, size_px: int, bold: bool = False) -> int:
    """How wide a line of text is."""
    return int(cv2.getTextSize((0, 0), text, (0, 0), _FONT, size_px, _weight(bold))[2])


def text(
    picture: Picture,
    words: str,
    left_top: tuple[int, int],
    size_px: int,
    colour: Colour = BLACK,
    bold: bool = False,
) -> None:
    """Write one line, its upper left corner at ``left_top``."""
    left, top = left_top
    # The baseline lies at about four fifths of the size below the top.
    cv2.putText(picture, words, (left, top + round(size_px * 0.85)), colour, _FONT, size_px, _weight(bold))


def fitted(words: str, width_px: int, size_px: int) -> str:
    """The text cut to a width, with an ellipsis where something is missing; empty where nothing fits."""
    if text_width(words, size_px) <= width_px:
        return words
    low, high = 0, len(words)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        fits = text_width(words[:middle] + "…", size_px) <= width_px
        low, high = (middle, high) if fits else (low, middle - 1)
    return words[:low] + "…" if low else ""


def label(picture: Picture, words: str, left_bottom: tuple[int, int], size_px: int, colour: Colour) -> None:
    """Text on a plate of the colour, which stands on ``left_bottom`` and is kept inside the picture."""
    height, width = size_px + 4, text_width(words, size_px, bold=True) + 6
    left = int(np.clip(left_bottom[0], 0, max(0, picture.shape[1] - width)))
    top = int(np.clip(left_bottom[1] - height, 0, max(0, picture.shape[0] - height)))
    fill(picture, (left, top, left + width, top + height), colour)
    text(picture, words, (left + 3, top + 2), size_px, _readable_on(colour), bold=True)


def fill(picture: Picture, box: tuple[int, int, int, int], colour: Colour) -> None:
    """Fill (left, top, right, bottom), right and bottom not included."""
    left, top, right, bottom = (max(0, edge) for edge in box)
    picture[top:bottom, left:right] = colour


def outline(picture: Picture, box: Sequence[float], colour: Colour, thickness_px: int) -> None:
    """Draw the edges of a box (x1, y1, x2, y2)."""
    x1, y1, x2, y2 = (round(float(edge)) for edge in box)
    cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thickness_px, cv2.LINE_AA)


def line(picture: Picture, start: Any, end: Any, colour: Colour, thickness_px: int) -> None:
    """Draw a line between two points (x, y)."""
    cv2.line(picture, _pixel(start), _pixel(end), colour, thickness_px, cv2.LINE_AA)


def arrow(picture: Picture, start: Any, end: Any, colour: Colour, thickness_px: int) -> None:
    """Draw an arrow from one point to another."""
    cv2.arrowedLine(picture, _pixel(start), _pixel(end), colour, thickness_px, cv2.LINE_AA, tipLength=0.3)


def dots(picture: Picture, points: NDArray[np.float64], colour: Colour, radius_px: int) -> None:
    """Draw points, shape (n, 2); those that are NaN are left out."""
    for point in points[np.isfinite(points).all(axis=1)]:
        cv2.circle(picture, _pixel(point), radius_px, colour, cv2.FILLED, cv2.LINE_AA)


def specks(picture: Picture, points: NDArray[np.float64], colour: Colour) -> None:
    """Draw points as single pixels; those that are NaN or outside are left out."""
    x, y = np.round(points[np.isfinite(points).all(axis=1)]).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < picture.shape[1]) & (y < picture.shape[0])
    picture[y[inside], x[inside]] = colour


def _pixel(point: Any) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _weight(bold: bool) -> int:
    return _BOLD if bold else _REGULAR


def _readable_on(colour: Colour) -> Colour:
    red, green, blue = colour
    return BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else WHITE  # luma of BT.601
