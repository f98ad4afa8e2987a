import pytest

from videoannotator.exporters.names import MAX_STEM_BYTES, safe_stem, table_part, unbroken


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("clip.mp4", "clip"),
        ("My clip (2).final.mov", "My clip (2).final"),
        ("clip", "clip"),
        ("a\nb\tc.mp4", "a_b_c"),
        ("-rf.mp4", "_rf"),
        (".hidden.mp4", "_hidden"),
        ('a"b:c*?.mp4', "a_b_c_"),
        ("..", "video"),
        ("\n.mp4", "video"),
        ("CON.mp4", "_CON"),
        ("e\u0301te\u0301.mp4", "\u00e9t\u00e9"),  # decomposed, as macOS writes it
        ("📹.mp4", "📹"),
        ("a\u202egpj.mp4", "a_gpj"),  # the right-to-left override makes names look like others
        ("bad\udcff.mp4", "bad_"),  # bytes that are not UTF-8
        ("still_face__01.mp4", "still_face__01"),
        ("x_speech_recognition.mp4", "x_speech-recognition"),
        ("Speaker_Diarization.mp4", "Speaker-Diarization"),
    ],
)
def test_stems(name: str, stem: str) -> None:
    assert safe_stem(name) == stem


@pytest.mark.parametrize("name", ["x" * 251 + ".mp4", "你" * 84 + ".mp4", "😀" * 60 + ".mp4"])
def test_long_names_are_cut_between_characters(name: str) -> None:
    stem = safe_stem(name)
    assert MAX_STEM_BYTES - 4 < len(stem.encode()) <= MAX_STEM_BYTES
    assert name.startswith(stem)


def test_a_stem_is_its_own_stem() -> None:
    for name in ("-rf.mp4", "a\nb", "con.mp4", "x_speech_recognition"):
        assert safe_stem(safe_stem(name) + ".mp4") == safe_stem(name)


def test_names_of_other_tables_are_plain() -> None:
    assert table_part("../my table") == "_my_table"
    assert table_part("speaker_diarization") == "speaker-diarization"


def test_labels_hold_no_blanks() -> None:
    assert unbroken(" the\tfirst  speaker ") == "the_first_speaker"
    assert unbroken("") == "unknown"
