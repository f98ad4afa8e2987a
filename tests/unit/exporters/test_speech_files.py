import re
from pathlib import Path

import pytest
from pyannote.core import Segment
from pyannote.database.util import load_rttm, load_uem
from tests.synthetic.annotations import said

from videoannotator.domain.tables import TURNS, UTTERANCES
from videoannotator.exporters import rttm, webvtt


def test_pyannote_reads_the_turns(tmp_path: Path) -> None:
    rttm.write(tmp_path / "a.rttm", "my clip", said()["turns"])
    read = load_rttm(tmp_path / "a.rttm")["my_clip"]
    assert [(s.start, s.end, who) for s, _, who in read.itertracks(yield_label=True)] == [
        (0.4, pytest.approx(2.1), "SPEAKER_00"),
        (2.9, pytest.approx(4.3), "SPEAKER_01"),
    ]


def test_pyannote_reads_the_region(tmp_path: Path) -> None:
    rttm.write_uem(tmp_path / "a.uem", "my clip", 0.0, 10.0)
    assert list(load_uem(tmp_path / "a.uem")["my_clip"]) == [Segment(0, 10)]


def test_turns_are_sorted_last_a_millisecond_and_have_ten_fields(tmp_path: Path) -> None:
    turns = TURNS.table(turn_id=[0, 1], start_s=[2.0, 1.0], end_s=[2.0, 1.5], speaker=["the second", "first"])
    rttm.write(tmp_path / "a.rttm", "clip", turns)
    lines = (tmp_path / "a.rttm").read_text().splitlines()
    assert lines == [
        "SPEAKER clip 1 1.000 0.500 <NA> <NA> first <NA> <NA>",
        "SPEAKER clip 1 2.000 0.001 <NA> <NA> the_second <NA> <NA>",
    ]
    assert all(len(line.split(" ")) == 10 for line in lines)


def utterances(*rows: tuple[float, float, str]):
    start_s, end_s, text = zip(*rows, strict=True)
    n = len(rows)
    return UTTERANCES.table(
        utterance_id=range(n), start_s=start_s, end_s=end_s, text=text, language=["en"] * n,
        score=[0.9] * n, no_speech_score=[0.0] * n,
    )  # fmt: skip


def test_cues_as_the_standard_and_the_viewer_want_them(tmp_path: Path) -> None:
    webvtt.write(tmp_path / "a.vtt", utterances((0.5, 2.5, " Hello baby"), (3661.0014, 3662.0, "two\nlines")))
    assert (tmp_path / "a.vtt").read_bytes().decode() == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.500\nHello baby\n\n01:01:01.001 --> 01:01:02.000\ntwo lines\n"
    )


def test_cues_are_ordered_end_after_they_start_and_are_never_empty(tmp_path: Path) -> None:
    webvtt.write(tmp_path / "a.vtt", utterances((5.0, 5.0, "late"), (1.0, 0.9, "early"), (2.0, 3.0, "  ")))
    times = re.findall(r"(\S+) --> (\S+)", (tmp_path / "a.vtt").read_text())
    assert times == [("00:00:01.000", "00:00:01.001"), ("00:00:05.000", "00:00:05.001")]


def test_markup_of_the_format_is_escaped(tmp_path: Path) -> None:
    webvtt.write(tmp_path / "a.vtt", utterances((0.0, 1.0, "a < b & c --> d")))
    assert (tmp_path / "a.vtt").read_text().splitlines()[-1] == "a &lt; b &amp; c --&gt; d"
