import pytest

from videoannotator.domain.names import as_people_count, normalise, suggest


@pytest.mark.parametrize("written", ["face_analysis", "Face-Analysis", " face analysis "])
def test_spellings_of_one_name_are_one(written):
    assert normalise(written) == "face_analysis"


def test_the_nearest_name_is_suggested_and_all_are_listed():
    hint = suggest("wisper", ["pyannote", "whisper"])
    assert hint == "Did you mean whisper? Valid: pyannote, whisper."


def test_nothing_is_suggested_for_a_name_that_resembles_none():
    assert suggest("zzz", ["pyannote", "whisper"]) == "Valid: pyannote, whisper."


def test_numbers_in_names_are_counted_and_the_order_is_always_the_same():
    in_order = ["clip", "Session 2", "session 02", "session 2", "session 2b", "session 10", "zoo"]
    assert as_people_count(reversed(in_order)) == as_people_count(in_order) == in_order
