from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from videoannotator.domain.media import Audio, Video
from videoannotator.domain.table import Table
from videoannotator.pipelines.audio import PYANNOTE
from videoannotator.pipelines.audio.parameters import DiarizationParameters
from videoannotator.plugin.component import Chunk, Context

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def diarize(library):
    def work(track: Audio, progress=lambda time_s: None, **parameters) -> Table:
        video = Video(id="0", path=Path("a"), name="a", size_bytes=0, duration_s=track.duration_s)
        context = Context(video, weights=library.path, progress=progress)
        session = PYANNOTE.start(DiarizationParameters(**parameters), context, None)
        (said,) = session.feed(Chunk(0, 0.0, track.duration_s, audio=track))
        assert (session.save(), list(session.finish()), said.table) == (b"", [], "turns")
        session.close()
        return said.rows

    return work


@pytest.fixture(scope="module")
def excerpt(talk) -> Audio:
    """Twelve seconds in which both speak."""
    return Audio(talk.samples[6 * 16_000 : 18 * 16_000], 16_000)


@pytest.fixture(scope="module")
def usual(diarize, excerpt) -> Table:
    return diarize(excerpt)


def names(turns: Table) -> list[str]:
    return sorted(set(turns["speaker"].tolist()))


def as_pyannote(turns) -> Annotation:
    annotation = Annotation()
    for index, (start_s, end_s, speaker) in enumerate(turns):
        annotation[Segment(start_s, end_s), index] = speaker
    return annotation


def test_two_people_on_the_telephone_are_told_apart(diarize, talk, talk_rttm):
    told: list[float] = []
    turns = diarize(talk, told.append)
    fields = [line.split() for line in talk_rttm.read_text().splitlines()]
    reference = as_pyannote((float(f[3]), float(f[3]) + float(f[4]), f[7]) for f in fields)
    ours = as_pyannote(zip(turns["start_s"], turns["end_s"], turns["speaker"], strict=True))
    error_rate = DiarizationErrorRate(collar=0, skip_overlap=False)
    assert error_rate(reference, ours, uem=Timeline([Segment(0, talk.duration_s)])) <= 0.08
    assert names(turns) == ["SPEAKER_00", "SPEAKER_01"]
    assert turns["speaker"][0] == "SPEAKER_00"
    assert (np.diff(turns["start_s"]) >= 0).all()
    assert told == sorted(told)
    assert told[-1] == talk.duration_s


def test_times_start_with_the_track(diarize, excerpt, usual):
    late = diarize(Audio(excerpt.samples, 16_000, start_s=100.0))
    np.testing.assert_allclose(late["start_s"], usual["start_s"] + 100)
    np.testing.assert_allclose(late["end_s"], usual["end_s"] + 100)


@pytest.mark.parametrize(
    ("parameters", "n_speakers"),
    [({"num_speakers": 1}, 1), ({"num_speakers": 3}, 3), ({"max_speakers": 1}, 1), ({"min_speakers": 3}, 3)],
    ids=lambda value: str(value),
)
def test_the_number_of_speakers_may_be_fixed_or_bounded(diarize, excerpt, parameters, n_speakers):
    assert len(names(diarize(excerpt, **parameters))) == n_speakers


@pytest.mark.parametrize(
    "parameters",
    [
        {"step_s": 5.0},
        {"clustering_threshold": 0.9},
        {"min_speaker_s": 60.0},
        {"min_turn_s": 1.0},
        {"min_pause_s": 1.0},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_each_parameter_changes_the_turns(diarize, excerpt, usual, parameters):
    changed = diarize(excerpt, **parameters)
    assert [*usual["start_s"], *usual["speaker"]] != [*changed["start_s"], *changed["speaker"]]


@pytest.mark.parametrize("n_samples", [0, 10, 16_000])
def test_nobody_speaks_in_silence(diarize, n_samples):
    assert len(diarize(Audio(np.zeros(n_samples, np.float32), 16_000))) == 0
