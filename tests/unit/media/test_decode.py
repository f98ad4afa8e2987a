import math
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.clips import Sound, box_left_px, picture, read_number

from videoannotator.domain.errors import MediaError, NoMediaStream
from videoannotator.domain.media import Frames
from videoannotator.media.decode import DecodedChunk, Position, View, decode
from videoannotator.media.probe import probe

MakeClip = Callable[..., Path]
EVERY = View(math.inf)
SMALL_CHUNKS = 5 * 96 * 64 * 3  # room for five pictures
VP9 = {"deadline": "realtime", "cpu-used": "8", "g": "20"}


def everything(path: Path, view: View = EVERY) -> Frames:
    parts = [chunk.frames[view] for chunk in decode(probe(path), [view], max_bytes=SMALL_CHUNKS)]
    return Frames(
        np.concatenate([p.rgb for p in parts]),
        np.concatenate([p.time_s for p in parts]),
        np.concatenate([p.frame_index for p in parts]),
    )


def test_every_frame_comes_once_in_order_with_its_time_and_picture(make_clip: MakeClip):
    frames = everything(make_clip("plain.mp4"))
    assert [read_number(rgb) for rgb in frames.rgb] == list(range(30))
    assert frames.frame_index.tolist() == list(range(30))
    assert frames.time_s == pytest.approx(np.arange(30) / 30, abs=1e-6)
    assert np.abs(frames.rgb[7].astype(int) - picture(7)).mean() < 6  # lossy, yet the same colours


def test_the_moving_box_is_where_it_was_drawn(make_clip: MakeClip):
    frames = everything(make_clip("box.mp4"))
    yellow = (frames.rgb[:, 32, :, 0] > 150) & (frames.rgb[:, 32, :, 2] < 110)  # a row through the box
    left = yellow.argmax(axis=1)
    assert left == pytest.approx([box_left_px(number) for number in range(30)], abs=1)


TRUTH = {
    "varies.mp4": ({"times_s": [0, 0.033, 0.066, 0.2, 0.25, 0.5, 0.51, 0.9]}, 0.0),
    "varies.mkv": ({"times_s": [0, 0.033, 0.066, 0.2, 0.25, 0.5, 0.51, 0.9]}, 0.0),
    "late_picture.mp4": ({"times_s": [0.5 + i / 30 for i in range(30)], "sound": Sound()}, 0.0),
    "late_picture.mkv": ({"times_s": [0.5 + i / 30 for i in range(30)], "sound": Sound()}, 0.0),
    # Nothing is shown before the first picture where there is no sound: that is where the container starts.
    "late_start.mp4": ({"times_s": [2 + i / 30 for i in range(30)]}, 2.0),
    "late_start.mkv": ({"times_s": [2 + i / 30 for i in range(30)]}, 2.0),
    "late_sound.mp4": ({"sound": Sound(start_s=0.5)}, 0.0),
    "late_sound.webm": (
        {"sound": Sound(start_s=0.5, codec="libopus"), "codec": "libvpx-vp9", "options": VP9},
        0.0,
    ),
    "turned.mov": ({"turn_deg": 90}, 0.0),
    "broadcast.ts": ({"sound": Sound(codec="mp2")}, 0.0),
    "old.avi": ({"codec": "mpeg4", "clock": Fraction(1, 30), "options": {"bf": "0"}}, 0.0),
    "flash.flv": ({"codec": "flv", "clock": Fraction(1, 30)}, 0.0),
}


@pytest.mark.parametrize("name", TRUTH)
def test_times_are_those_that_a_player_shows(make_clip: MakeClip, name: str):
    properties, zero_s = TRUTH[name]
    times_s = np.asarray(properties.get("times_s", np.arange(30) / 30))
    frames = everything(make_clip(name, **properties))
    assert [read_number(rgb) for rgb in frames.rgb] == list(range(len(times_s)))
    half_a_frame_s = np.diff(times_s).min() / 2
    assert np.abs(frames.time_s - (times_s - zero_s)).max() < half_a_frame_s


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_pictures_are_turned_upright(make_clip: MakeClip, turn_deg: int):
    frames = everything(make_clip("turned.mp4", turn_deg=turn_deg, n_frames=5))
    assert frames.rgb.shape == (5, 64, 96, 3)
    assert [read_number(rgb) for rgb in frames.rgb] == list(range(5))


def test_pixels_that_are_not_square_are_stretched(make_clip: MakeClip):
    frames = everything(make_clip("anamorphic.mp4", sample_aspect=Fraction(2), n_frames=5))
    assert frames.rgb.shape == (5, 64, 192, 3)
    assert [read_number(rgb) for rgb in frames.rgb] == list(range(5))


def test_a_view_gets_the_first_frame_at_or_after_each_tick(make_clip: MakeClip):
    frames = everything(make_clip("sampled.mp4", n_frames=31), View(5.0))
    assert frames.frame_index.tolist() == [0, 6, 12, 18, 24, 30]  # 30 frames a second: every sixth
    varying = make_clip("varies.mp4", times_s=[0, 0.05, 0.19, 0.21, 0.39, 0.65, 0.7, 0.8])
    assert everything(varying, View(5.0)).frame_index.tolist() == [0, 3, 5, 7]  # ticks 0, .2, .4 and .6, .8


def test_views_share_one_decoding_and_see_their_own_size(make_clip: MakeClip):
    video = probe(make_clip("shared.mp4"))
    small = View(math.inf, max_side_px=48)
    (chunk,) = decode(video, [View(10.0), small, View(10.0)])
    assert set(chunk.frames) == {View(10.0), small}
    assert chunk.frames[small].rgb.shape == (30, 32, 48, 3)
    assert chunk.frames[View(10.0)].rgb.shape == (10, 64, 96, 3)
    assert chunk.n_decoded == 30


def test_chunks_cover_the_video_without_gaps_and_hold_no_more_than_they_may(make_clip: MakeClip):
    video = probe(make_clip("chunks.mp4"))
    chunks = list(decode(video, [EVERY], max_bytes=SMALL_CHUNKS))
    assert [c.index for c in chunks] == list(range(6))
    assert [c.n_decoded for c in chunks] == [5] * 6
    assert [c.start_s for c in chunks] == [0.0, *(c.end_s for c in chunks[:-1])]
    assert chunks[-1].end_s == video.duration_s
    for chunk in chunks:
        assert chunk.frames[EVERY].rgb.nbytes <= SMALL_CHUNKS
        assert chunk.start_s <= chunk.frames[EVERY].time_s.min()
        assert chunk.frames[EVERY].time_s.max() < chunk.end_s


def test_a_picture_larger_than_a_chunk_is_a_chunk_of_its_own(make_clip: MakeClip):
    chunks = list(decode(probe(make_clip("tight.mp4", n_frames=3)), [EVERY], max_bytes=1))
    assert [c.n_decoded for c in chunks] == [1, 1, 1]


def test_a_late_first_frame_leaves_no_time_uncovered(make_clip: MakeClip):
    video = probe(make_clip("late.mp4", times_s=[0.5, 0.6], sound=Sound(duration_s=2)))
    (chunk,) = decode(video, [EVERY])
    assert (chunk.start_s, chunk.end_s) == (0.0, video.duration_s)


RESUMED = {
    "b_frames.mp4": {"options": {"bf": "3", "g": "20"}},
    "open_gop.mp4": {"options": {"bf": "3", "g": "12", "x264-params": "open-gop=1:scenecut=0"}},
    "broadcast.ts": {"options": {"bf": "2", "g": "20"}, "sound": Sound()},
    "browser.webm": {"codec": "libvpx-vp9", "options": VP9},
    "old_browser.webm": {"codec": "libvpx", "options": VP9},
    "cues.mkv": {"options": {"bf": "2", "g": "20"}},
    "varies.mp4": {"times_s": [i / 30 + (i % 3) / 100 for i in range(60)], "options": {"g": "20"}},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "keyint=20:log-level=none"}},
    "raw.h264": {"options": {"g": "20"}},
    "mpeg2.mpg": {"codec": "mpeg2video", "clock": Fraction(1, 30)},
    "old.avi": {"codec": "mpeg4", "clock": Fraction(1, 30)},
    "animation.gif": {"codec": "gif", "clock": Fraction(1, 100), "frame_rate": 25, "pixel_format": "rgb8"},
}


def assert_same(got: list[DecodedChunk], expected: list[DecodedChunk]) -> None:
    assert [c.position for c in got] == [c.position for c in expected]
    for mine, theirs in zip(got, expected, strict=True):
        assert (mine.index, mine.start_s, mine.end_s) == (theirs.index, theirs.start_s, theirs.end_s)
        assert mine.n_decoded == theirs.n_decoded
        for view, frames in theirs.frames.items():
            assert np.array_equal(mine.frames[view].rgb, frames.rgb)
            assert np.array_equal(mine.frames[view].time_s, frames.time_s)
            assert np.array_equal(mine.frames[view].frame_index, frames.frame_index)


@pytest.mark.parametrize("name", RESUMED)
def test_decoding_goes_on_after_any_chunk_as_if_never_interrupted(make_clip: MakeClip, name: str):
    video = probe(make_clip(name, **{"n_frames": 60, **RESUMED[name]}))
    views = [EVERY, View(7.0, max_side_px=40)]
    whole = list(decode(video, views, max_bytes=SMALL_CHUNKS))
    assert sum(chunk.n_decoded for chunk in whole) == 60
    for number, chunk in enumerate(whole):
        position = Position.model_validate_json(chunk.position.model_dump_json())
        assert_same(list(decode(video, views, max_bytes=SMALL_CHUNKS, resume=position)), whole[number + 1 :])


def test_a_position_whose_frame_is_not_found_again_is_reached_from_the_start(make_clip: MakeClip):
    video = probe(make_clip("plain.mp4"))
    whole = list(decode(video, [EVERY], max_bytes=SMALL_CHUNKS))
    misled = whole[1].position.model_copy(update={"crc32": 0})
    assert_same(list(decode(video, [EVERY], max_bytes=SMALL_CHUNKS, resume=misled)), whole[2:])


def test_joined_recordings_go_on_in_time(make_clip: MakeClip, tmp_path: Path):
    part = make_clip("part.ts", times_s=[0, 0.5, 0.6, 0.7, 2.2], options={"bf": "0"}).read_bytes()
    (tmp_path / "joined.ts").write_bytes(part + part)
    video = probe(tmp_path / "joined.ts")
    chunks = list(decode(video, [EVERY], max_bytes=SMALL_CHUNKS))
    times_s = np.concatenate([chunk.frames[EVERY].time_s for chunk in chunks])
    first, second = times_s[:5], times_s[5:]
    assert first == pytest.approx([0, 0.5, 0.6, 0.7, 2.2], abs=1e-3)
    assert second - second[0] == pytest.approx(first, abs=1e-3)
    assert first[-1] < second[0] < first[-1] + 0.2  # a nominal frame of 10 a second
    assert video.duration_s == pytest.approx(chunks[-1].end_s)
    assert_same(list(decode(video, [EVERY], max_bytes=SMALL_CHUNKS, resume=chunks[0].position)), chunks[1:])


def test_closing_the_iterator_ends_its_thread(make_clip: MakeClip):
    before = threading.active_count()
    chunks = decode(probe(make_clip("closed.mp4", n_frames=300)), [EVERY], max_bytes=SMALL_CHUNKS)
    next(chunks)
    assert threading.active_count() == before + 1
    chunks.close()
    assert threading.active_count() == before


def test_a_video_is_called_by_its_name_and_not_by_that_of_its_file(make_clip: MakeClip, tmp_path: Path):
    (tmp_path / "0af3c1").write_bytes(b"no video any more")
    video = probe(make_clip("film.mp4", n_frames=3)).model_copy(update={"path": tmp_path / "0af3c1"})
    with pytest.raises(MediaError, match=r"'film\.mp4' is not a video"):
        list(decode(video, [EVERY]))


def test_sound_without_pictures_cannot_be_decoded_as_pictures(make_clip: MakeClip):
    video = probe(make_clip("song.wav", n_frames=0, sound=Sound(codec="pcm_s16le")))
    with pytest.raises(NoMediaStream, match="picture"):
        list(decode(video, [EVERY]))


@pytest.mark.parametrize(("start_s", "end_s"), [(0.5, 1.2), (None, 0.7), (1.3, None)])
def test_a_stretch_gives_the_same_frames_as_the_whole(make_clip, start_s, end_s):
    whole = probe(make_clip("v.mp4", n_frames=60))
    view = View(10.0)
    everything = [frames for chunk in decode(whole, [view]) for frames in [chunk.frames[view]]]
    clip = whole.model_copy(update={"clip_start_s": start_s, "clip_end_s": end_s})
    chunks = list(decode(clip, [view]))
    found = [chunk.frames[view] for chunk in chunks]
    times = np.concatenate([frames.time_s for frames in everything])
    wanted = (times >= (start_s or 0)) & (times < (end_s or whole.duration_s))
    assert np.concatenate([one.time_s for one in found]).tolist() == times[wanted].tolist()
    pictures = np.concatenate([frames.rgb for frames in everything])[wanted]
    assert np.array_equal(np.concatenate([one.rgb for one in found]), pictures)
    resumed = list(decode(clip, [view], max_bytes=1, resume=None))
    after = list(decode(clip, [view], max_bytes=1, resume=resumed[2].position))
    assert [one.start_s for one in after] == [one.start_s for one in resumed[3:]]
    assert chunks[-1].end_s == pytest.approx(end_s or whole.duration_s)
