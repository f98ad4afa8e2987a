import pytest

from videoannotator.domain.names import normalise, suggest


@pytest.mark.parametrize("written", ["face_analysis", "Face-Analysis", " face analysis "])
def test_spellings_of_one_name_are_one(written):
    assert normalise(written) == "face_analysis"


def test_the_nearest_name_is_suggested_and_all_are_listed():
    hint = suggest("wisper", ["pyannote", "whisper"])
    assert hint == "Did you mean whisper? Valid: pyannote, whisper."


def test_nothing_is_suggested_for_a_name_that_resembles_none():
    assert suggest("zzz", ["pyannote", "whisper"]) == "Valid: pyannote, whisper."
