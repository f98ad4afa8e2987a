import numpy as np
import pytest

from videoannotator.pipelines.audio import clustering
from videoannotator.pipelines.audio.clustering import assign, find_speakers
from videoannotator.pipelines.audio.parameters import DiarizationParameters
from videoannotator.pipelines.audio.voiceprint import VoicePrint


def voice(window: int, place: int, angle_deg: float, clean_s: float = 3.0) -> VoicePrint:
    """A print in the plane: the cosine distance of two is 1 - cos of the angle between them."""
    angle = np.radians(angle_deg)
    return VoicePrint(window, place, np.array([np.cos(angle), np.sin(angle)], np.float32), clean_s)


def angles_deg(speakers) -> list[float]:
    return sorted(np.degrees(np.arctan2(speakers[:, 1], speakers[:, 0])).tolist())


def found(prints, n_views: float = 1.0, **parameters) -> list[float]:
    return angles_deg(find_speakers(prints, n_views, DiarizationParameters(**parameters)))


TWO = [voice(0, 0, 0), voice(0, 1, 90), voice(1, 0, 4), voice(1, 1, 94)]


def test_prints_near_each_other_are_one_speaker_in_their_middle():
    assert found(TWO) == pytest.approx([2, 92], abs=0.01)


def test_clustering_threshold_is_the_cosine_distance_that_parts_speakers():
    pair = [voice(0, 0, 0), voice(1, 0, 60)]  # distance 1 - cos 60 deg = 0.5
    assert len(found(pair, clustering_threshold=0.49)) == 2
    assert len(found(pair, clustering_threshold=0.51)) == 1


@pytest.mark.parametrize("n_speakers", [1, 2, 3, 4])
def test_num_speakers_fixes_their_number(n_speakers):
    assert len(found(TWO, num_speakers=n_speakers)) == n_speakers


def test_min_speakers_and_max_speakers_bound_their_number():
    assert len(found(TWO, min_speakers=3)) == 3
    assert len(found(TWO, max_speakers=1)) == 1
    assert len(found(TWO, min_speakers=2, max_speakers=3)) == 2


def test_min_speaker_s_drops_voices_that_were_hardly_heard():
    prints = [*TWO, voice(2, 0, 200, clean_s=1.5)]
    assert len(found(prints, min_speaker_s=1.0)) == 3
    assert len(found(prints, min_speaker_s=2.0)) == 2
    assert len(found(prints, n_views=2.0, min_speaker_s=1.0)) == 2  # each second was heard in two windows
    assert len(found(prints, min_speaker_s=2.0, min_speakers=3)) == 3
    assert len(found(prints, min_speaker_s=60.0)) == 1  # somebody did speak


def test_a_voice_that_was_hardly_heard_takes_no_speakers_place():
    laugh = voice(2, 0, 200, clean_s=0.9)
    assert found([*TWO, laugh], num_speakers=2) == pytest.approx([2, 92], abs=0.01)
    assert found([*TWO, laugh], max_speakers=2, min_speaker_s=0.5) != pytest.approx([2, 92], abs=0.01)


def test_prints_of_overlapped_speech_do_not_find_speakers_unless_there_is_nothing_else():
    blurred = voice(2, 0, 200, clean_s=0.1)
    assert len(found([*TWO, blurred], min_speaker_s=0.0)) == 2
    assert len(found([blurred])) == 1


def test_of_very_many_prints_those_of_the_longest_clean_speech_are_compared(monkeypatch):
    monkeypatch.setattr(clustering, "MOST_CLUSTERED", 4)
    assert found([voice(5, 0, 200, clean_s=1.0), *TWO]) == pytest.approx([2, 92], abs=0.01)


def test_two_voices_of_a_window_are_two_speakers():
    speakers = np.array([[1, 0], [0, 1]], np.float32)
    assert assign([voice(0, 0, 10), voice(0, 1, 30)], speakers) == [0, 1]  # both are nearer to the first
    assert assign([voice(0, 0, 10), voice(1, 0, 30)], speakers) == [0, 0]


def test_a_voice_too_many_goes_to_whom_it_sounds_like():
    assert assign([voice(0, 0, 10), voice(0, 1, 30)], np.array([[1, 0]], np.float32)) == [0, 0]


def test_bounds_that_cross_are_refused():
    with pytest.raises(ValueError, match="min_speakers is greater"):
        DiarizationParameters(min_speakers=3, max_speakers=2)
    with pytest.raises(ValueError, match="num_speakers lies outside"):
        DiarizationParameters(num_speakers=5, max_speakers=2)
