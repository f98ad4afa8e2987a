"""Nobody is followed across a cut: someone who stands still in a film whose shots change at known frames."""

import numpy as np
import pytest
from tests.synthetic.film import shot, write_film

from videoannotator.domain.media import Frames
from videoannotator.domain.tables import PEOPLE, TRACKS
from videoannotator.media.decode import View, decode
from videoannotator.media.probe import probe
from videoannotator.pipelines.person import TRACKING, TrackingParameters
from videoannotator.pipelines.person.tracking import TrackingSession
from videoannotator.plugin.component import EVERY_FRAME, Chunk

RATE, CUTS = 25, (20, 45)  # frames with which the second and third shot begin
SAMPLED = 4  # people are looked for in every fourth frame: 20 is one of these, 45 is not
EXPECTED = [1] * 5 + [2] * 7 + [3] * 5  # 0 to 16, 20 to 44, 48 to 64


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Every frame of the film as the tracker asks for it, from an encoded file."""
    pictures = shot(1, 20) + shot(2, 25) + shot(3, 20)
    path = write_film(tmp_path_factory.mktemp("film") / "film.mp4", pictures, rate=RATE)
    needs = TRACKING.needs(TrackingParameters())
    view = View(needs.frames_per_s, needs.max_side_px)
    chunks = [chunk.frames[view] for chunk in decode(probe(path), [view])]
    return Frames(
        *(np.concatenate([getattr(c, name) for c in chunks]) for name in ("rgb", "time_s", "frame_index"))
    )


def chunk(frames, start=0, stop=None, seen=lambda frame_index: True):
    """A part of the film, with one person at one place in each sampled frame in which they are seen."""
    part = slice(start, stop)
    own = Frames(frames.rgb[part], frames.time_s[part], frames.frame_index[part])
    sampled = [i for i in own.frame_index if i % SAMPLED == 0 and seen(i)]
    people = PEOPLE.table(
        detection_id=sampled,
        frame_index=sampled,
        time_s=frames.time_s[sampled],
        box_xyxy=np.tile([80, 50, 120, 150], (len(sampled), 1)),
        score=np.full(len(sampled), 0.5),
        keypoints=np.full((len(sampled), 17, 3), np.nan),
    )
    return Chunk(0, 0.0, 1.0, frames=own, annotations={PEOPLE.name: people} if len(people) else {})


def ids(said):
    return [int(i) for annotation in said for i in annotation.rows["track_id"]]


def track(part, **parameters):
    return ids(TrackingSession(TrackingParameters(**parameters), None).feed(part))


def test_whoever_stands_at_the_same_place_in_the_next_shot_is_someone_else(frames):
    assert track(chunk(frames)) == EXPECTED


def test_cut_threshold_is_the_change_that_counts_as_a_cut(frames):
    assert track(chunk(frames), cut_threshold=255) == [1] * len(EXPECTED)
    assert len(set(track(chunk(frames), cut_threshold=1))) > 3  # the camera's slow pan is enough


def test_without_a_cut_threshold_nobody_looks_for_cuts(frames):
    people_only = Chunk(0, 0.0, 1.0, annotations=chunk(frames).annotations)
    assert track(people_only, cut_threshold=None) == [1] * len(EXPECTED)
    assert TRACKING.needs(TrackingParameters(cut_threshold=None)).frames_per_s is None
    assert TRACKING.needs(TrackingParameters()).frames_per_s == EVERY_FRAME


def test_a_cut_while_nobody_is_seen_counts(frames):
    assert track(chunk(frames, stop=44, seen=lambda i: not 16 <= i < 28)) == [1] * 4 + [2] * 4
    session = TrackingSession(TrackingParameters(), None)
    parts = [(0, 18), (18, 22), (22, 30)]  # the cut lies in a chunk without people
    said = [a for part in parts for a in session.feed(chunk(frames, *part, lambda i: i != 20))]
    assert ids(said) == [1] * 5 + [2] * 2


@pytest.mark.parametrize("stop", [1, 19, 20, 21, 44, 45, 46, 64])
def test_a_run_resumed_after_any_chunk_says_the_same(frames, stop):
    through, first = (TrackingSession(TrackingParameters(), None) for _ in range(2))
    assert ids(through.feed(chunk(frames))) == EXPECTED
    said = list(first.feed(chunk(frames, stop=stop)))
    second = TrackingSession(TrackingParameters(), first.save())
    said += second.feed(chunk(frames, start=stop))
    assert [a.table for a in said] == [TRACKS.name] * len(said)
    assert ids(said) == EXPECTED
    assert second.save() == through.save()
