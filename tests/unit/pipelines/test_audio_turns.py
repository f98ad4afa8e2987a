import numpy as np
import pytest

from videoannotator.pipelines.audio.segmentation import FRAME
from videoannotator.pipelines.audio.turns import Turn, to_turns, vote
from videoannotator.pipelines.audio.voiceprint import VoicePrint

FRAME_S = FRAME / 16_000
FIRST_EDGE_S = (495 - 135) / 16_000  # half a frame before the first answer's middle
UNUSED = np.zeros(2, np.float32)


def talks(*rows: str) -> np.ndarray:
    """One row of x and . per speaker."""
    return np.array([[letter == "x" for letter in row] for row in rows]).T


def voice(window: int, place: int) -> VoicePrint:
    return VoicePrint(window, place, UNUSED, 1.0)


def test_windows_that_agree_are_joined():
    # Two windows of 4 frames, 2 frames apart; the speaker talks in frames 1 to 4 of the track.
    speaking = np.array([[[0], [1], [1], [1]], [[1], [1], [1], [0]]], dtype=bool)
    result = vote(speaking, [voice(0, 0), voice(1, 0)], [0, 0], step=2 * FRAME)
    assert result.T.tolist() == talks(".xxxx.").T.tolist()


def test_the_voices_of_windows_are_told_apart_by_their_speakers_not_by_their_place():
    speaking = np.array([[[1, 0]] * 4, [[0, 1]] * 4], dtype=bool)
    result = vote(speaking, [voice(0, 0), voice(1, 1)], [0, 0], step=2 * FRAME)
    assert result.T.tolist() == talks("xxxxxx").T.tolist()


def test_the_majority_of_windows_decides_who_talks():
    speaking = np.ones((3, 1, 1), dtype=bool)
    result = vote(speaking, [voice(0, 0), voice(1, 0), voice(2, 0)], [1, 0, 1], step=0)
    assert result.tolist() == [[False, True]]  # one talks: who two of three windows name


def test_speech_that_most_windows_do_not_hear_is_dropped():
    speaking = np.array([[[1]], [[0]], [[0]]], dtype=bool)
    assert not vote(speaking, [voice(0, 0)], [0], step=0).any()


def test_two_may_talk_at_once():
    speaking = np.ones((1, 3, 2), dtype=bool)
    assert vote(speaking, [voice(0, 0), voice(0, 1)], [0, 1], step=FRAME).all()


def test_turns_begin_and_end_halfway_between_answers():
    turns = to_turns(talks("..xxx.."), 10.0, 0, 0)
    assert turns == [
        Turn(pytest.approx(FIRST_EDGE_S + 2 * FRAME_S), pytest.approx(FIRST_EDGE_S + 5 * FRAME_S), 0)
    ]


def test_turns_end_with_the_track():
    assert to_turns(talks("xxxxxx"), 0.05, 0, 0)[0].end_s == 0.05
    assert to_turns(talks("....xx"), 0.05, 0, 0) == []


def test_speakers_count_up_as_they_appear():
    turns = to_turns(talks("....xx..", "xxx.....", "......xx"), 10.0, 0, 0)
    assert [turn.speaker for turn in turns] == [0, 1, 2]


def test_min_turn_s_drops_shorter_turns_and_their_speaker_is_not_counted():
    rows = talks("x.......", "..xxxxxx")
    assert [turn.speaker for turn in to_turns(rows, 10.0, 0, 0)] == [0, 1]
    long = to_turns(rows, 10.0, 0, min_turn_s=2 * FRAME_S)
    assert [turn.speaker for turn in long] == [0]
    assert long[0].start_s == pytest.approx(FIRST_EDGE_S + 2 * FRAME_S)


def test_min_pause_s_joins_turns_of_one_speaker():
    rows = talks("xx..xx.")
    assert len(to_turns(rows, 10.0, min_pause_s=1.5 * FRAME_S, min_turn_s=0)) == 2
    assert len(to_turns(rows, 10.0, min_pause_s=2.5 * FRAME_S, min_turn_s=0)) == 1


def test_joining_comes_before_dropping():
    rows = talks("xx..xx.")
    assert len(to_turns(rows, 10.0, min_pause_s=2.5 * FRAME_S, min_turn_s=4 * FRAME_S)) == 1
