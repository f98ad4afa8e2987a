"""Which rows the time line of the preview has."""

from tests.synthetic.annotations import annotations

from videoannotator.exporters.tidy import Tidy
from videoannotator.exporters.timeline import Interval
from videoannotator.preview import canvas
from videoannotator.preview.tracks import MAX_ROWS, Row, _longest, rows_of


def lasting(name: str, length_ms: int) -> Row:
    return Row(name, [Interval(0, length_ms, "")], canvas.GREY, False)


def test_people_come_after_the_shots_and_their_faces_after_them() -> None:
    kinds = [row.name.split()[0] for row in rows_of(Tidy(annotations()))]
    assert kinds[: kinds.index("face") + 1] == ["shots", *["person"] * kinds.count("person"), "face"]


def test_few_rows_stay_as_they_are() -> None:
    rows = [lasting(str(number), 1) for number in range(MAX_ROWS)]
    assert _longest(rows, "others") == rows


def test_of_many_the_longest_stay_in_their_order_and_the_others_share_a_row() -> None:
    rows = [lasting(str(number), 100 if number % 40 == 7 else 1) for number in range(400)]
    shown = _longest(rows, "others")
    assert len(shown) == MAX_ROWS
    assert [row.name for row in shown[:-1] if len(row.name) < 4 and int(row.name) % 40 == 7] == [
        str(number) for number in range(7, 400, 40)
    ]
    assert (shown[-1].name, len(shown[-1].intervals)) == (f"{400 - MAX_ROWS + 1} others", 400 - MAX_ROWS + 1)
