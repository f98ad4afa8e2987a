import numpy as np
import pytest

from videoannotator.domain.speakers import speakers_of, with_speakers
from videoannotator.domain.table import Table
from videoannotator.domain.tables import TURNS, WORDS


def turns(*rows: tuple[float, float, str]) -> Table:
    return TURNS.table(
        turn_id=range(len(rows)),
        start_s=[row[0] for row in rows],
        end_s=[row[1] for row in rows],
        speaker=[row[2] for row in rows],
    )


@pytest.mark.parametrize(
    ("start_s", "end_s", "speaker"),
    [
        (0.2, 0.8, "ANNA"),  # inside one turn
        (0.7, 1.5, "BEN"),  # 0.3 s of Anna's turn against 0.5 s of Ben's
        (2.0, 2.5, ""),  # half-open: Ben's turn ends at the word's first instant
        (5.0, 6.0, ""),  # nobody speaks
        (0.5, 0.5, "ANNA"),  # a word without length
    ],
)
def test_a_word_belongs_to_the_speaker_who_overlaps_it_longest(start_s, end_s, speaker):
    said = turns((0.0, 1.0, "ANNA"), (1.0, 2.0, "BEN"))
    assert speakers_of(np.array([start_s]), np.array([end_s]), said).tolist() == [speaker]


def test_several_turns_of_one_speaker_add_up():
    said = turns((0.0, 0.3, "ANNA"), (0.3, 0.7, "BEN"), (0.7, 1.0, "ANNA"))  # 0.6 s against 0.4 s
    assert speakers_of(np.array([0.0]), np.array([1.0]), said).tolist() == ["ANNA"]


def test_the_order_of_the_turns_does_not_matter():
    said = turns((0.0, 1.0, "BEN"), (0.0, 1.0, "ANNA"))
    words = (np.array([0.1]), np.array([0.9]))
    backwards = said.where(np.array([1, 0]))
    assert speakers_of(*words, said).tolist() == speakers_of(*words, backwards).tolist() == ["ANNA"]


def test_without_turns_nobody_is_named():
    assert speakers_of(np.array([0.0, 1.0]), np.array([1.0, 2.0]), TURNS.empty()).tolist() == ["", ""]


def test_without_words_there_is_nothing_to_name():
    assert len(speakers_of(np.zeros(0), np.zeros(0), turns((0.0, 1.0, "ANNA")))) == 0


def test_a_table_of_words_gains_a_column():
    words = WORDS.table(
        word_id=[0, 1],
        utterance_id=[0, 0],
        start_s=[0.0, 1.2],
        end_s=[0.5, 1.9],
        text=["a", "b"],
        score=[1, 1],
    )
    named = with_speakers(words, turns((0.0, 1.0, "ANNA"), (1.0, 2.0, "BEN")))
    assert named["speaker"].tolist() == ["ANNA", "BEN"]
    assert named["text"].tolist() == ["a", "b"]
