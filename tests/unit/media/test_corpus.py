"""Every hostile, broken or odd file is a video, a video with a warning, or one clear error; nothing hangs."""

import math
import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.clips import Clip, read_number, write
from tests.synthetic.corpus import CASES, NAMES, Case

from videoannotator.domain.errors import (
    MediaError,
    NotARegularFile,
    ProbeTimeout,
    UnreadableFile,
    VideoNotFound,
)
from videoannotator.domain.media import Video
from videoannotator.media.audio import load_audio
from videoannotator.media.decode import View, decode
from videoannotator.media.probe import ProbeLimits, probe

EVERY = View(math.inf, max_side_px=64)
MakeClip = Callable[..., Path]


def use(video: Video) -> int:
    """Read all that the video promises; the number of pictures."""
    n_frames, last_s = 0, -math.inf
    if video.has_video:
        for chunk in decode(video, [EVERY]):
            times_s = chunk.frames[EVERY].time_s
            assert (np.diff(times_s, prepend=last_s) > 0).all()
            assert times_s[0] >= 0
            n_frames, last_s = n_frames + chunk.n_decoded, times_s[-1]
    if video.has_audio:
        audio = load_audio(video, 16_000)
        assert np.abs(audio.samples).max() <= 1
        assert audio.duration_s <= video.duration_s + 0.2
    return n_frames


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, tmp_path: Path):
    path = tmp_path / case.name
    case.make(path)
    if case.error is not None:
        with pytest.raises(case.error) as caught:
            probe(path)
        assert case.name in str(caught.value)
        assert caught.value.hint
        return
    video = probe(path)
    assert any(case.warning in warning for warning in video.warnings) or not case.warning
    assert 0 < video.duration_s < 24 * 3600
    assert (use(video) > 0) == video.has_video


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_only_a_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path / "plain.mp4", Clip(n_frames=3)).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    video = probe(Path(name))  # relative: the name stands where an address or an option could
    assert video.name == name
    assert use(video) == 3
    assert Video.model_validate_json(video.model_dump_json()) == video


def test_a_name_that_is_not_unicode_is_refused_with_what_to_do(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.mp4")
    write(tmp_path / "plain.mp4", Clip(n_frames=3)).rename(path)
    with pytest.raises(UnreadableFile) as caught:
        probe(path)
    assert "Rename" in caught.value.hint
    str(caught.value).encode()


def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(NotARegularFile, match="FIFO"):
        probe(tmp_path / "pipe.mp4")


def test_a_directory_a_device_and_a_socket_are_no_videos(tmp_path: Path):
    with pytest.raises(NotARegularFile, match="directory"):
        probe(tmp_path)
    with pytest.raises(NotARegularFile, match="device"):
        probe(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        with pytest.raises((NotARegularFile, UnreadableFile)):
            probe(tmp_path / "s")


@pytest.mark.parametrize("name", ["missing.mp4", "file/below.mp4", "a\0b.mp4", "n" * 300, "loop"])
def test_what_is_not_there_is_said_to_be_missing_or_unreadable(tmp_path: Path, name: str):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises((VideoNotFound, UnreadableFile)):
        probe(tmp_path / name)


def test_a_link_to_a_video_is_followed(make_clip: MakeClip, tmp_path: Path):
    (tmp_path / "link.mp4").symlink_to(make_clip("target.mp4", n_frames=3))
    assert probe(tmp_path / "link.mp4").name == "link.mp4"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(make_clip: MakeClip):
    path = make_clip("secret.mp4", n_frames=3)
    path.chmod(0)
    with pytest.raises(UnreadableFile, match="Permission"):
        probe(path)


def test_an_examination_out_of_time_is_ended(make_clip: MakeClip):
    with pytest.raises(ProbeTimeout, match="within"):
        probe(make_clip("slow.mp4", n_frames=3), ProbeLimits(wall_s=0.0))


def test_an_examination_out_of_memory_is_ended(tmp_path: Path):
    path = write(
        tmp_path / "huge.mkv",
        Clip(width_px=4096, height_px=4096, codec="ffv1", pixel_format="bgr0", n_frames=1),
    )
    with pytest.raises(MediaError):
        probe(path, ProbeLimits(memory_bytes=300 << 20))


def test_only_the_head_and_tail_of_a_long_file_are_read(make_clip: MakeClip):
    path = make_clip("long.mp4", n_frames=600)
    video = probe(path, ProbeLimits(max_packets=100))
    assert (video.frame_rate, video.duration_s) == (30.0, pytest.approx(20.0))


def test_damage_inside_the_picture_is_counted_and_the_rest_is_used(tmp_path: Path):
    case = next(case for case in CASES if case.name == "flipped.mp4")
    case.make(tmp_path / case.name)
    chunks = list(decode(probe(tmp_path / case.name), [View(math.inf)]))
    assert sum(chunk.n_errors for chunk in chunks) > 0
    assert sum(chunk.n_decoded for chunk in chunks) > 30


def test_pictures_of_another_size_are_shown_at_the_first_size(tmp_path: Path):
    case = next(case for case in CASES if case.name == "resolution_change.ts")
    case.make(tmp_path / case.name)
    (chunk,) = decode(probe(tmp_path / case.name), [View(math.inf)])
    assert chunk.frames[View(math.inf)].rgb.shape[1:] == (64, 96, 3)
    assert read_number(chunk.frames[View(math.inf)].rgb[2]) == 2
