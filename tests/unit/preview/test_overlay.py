from pathlib import Path

import av
import numpy as np
import pytest
from tests.synthetic.annotations import annotations, run, video
from tests.synthetic.clips import Clip, Sound, read_number, write

from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Video
from videoannotator.preview.overlay import overlay_video

UNEVEN_S = (0.0, 0.1, 0.15, 0.4, 0.45, 0.9, 1.0, 1.7, 1.75)


def described(path: Path, clip: Clip) -> Video:
    turned = clip.turn_deg % 180
    size = {"width_px": clip.width_px, "height_px": clip.height_px}
    return video(name=path.name, path=path).model_copy(update={**size, "rotation_deg": turned})


def overlaid(folder: Path, clip: Clip, suffix: str = ".mp4", **what: object) -> Path:
    source = write(folder / f"clip{suffix}", clip)
    overlay_video(run(described(source, clip)), annotations(**what), folder / "drawn.mp4")
    return folder / "drawn.mp4"


def shown(path: Path) -> tuple[list[float], list[np.ndarray]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.time for frame in frames], [frame.to_ndarray(format="rgb24") for frame in frames]


def burst_s(path: Path) -> float:
    """When the sound begins to be loud."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.2)
            if len(loud):
                return frame.time + loud[0] / frame.sample_rate
    raise AssertionError("no burst")


def test_every_picture_keeps_its_time(tmp_path: Path) -> None:
    times_s, pictures = shown(overlaid(tmp_path, Clip(times_s=UNEVEN_S), rows={}))
    assert times_s == pytest.approx(UNEVEN_S, abs=0.001)
    assert [read_number(picture) for picture in pictures] == list(range(len(UNEVEN_S)))


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".mkv", "libopus"), (".mov", "pcm_s16le")])
def test_the_sound_stays_where_it_was(tmp_path: Path, suffix: str, codec: str) -> None:
    clip = Clip(n_frames=60, sound=Sound(duration_s=2.0, burst_s=0.7, codec=codec))
    drawn = overlaid(tmp_path, clip, suffix, rows={})
    with av.open(str(drawn)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
    assert burst_s(drawn) == pytest.approx(0.7, abs=0.03)  # an AAC frame is 21 ms


def test_a_late_picture_stays_late(tmp_path: Path) -> None:
    clip = Clip(times_s=tuple(0.5 + k / 30 for k in range(30)), sound=Sound(duration_s=1.5))
    times_s, _ = shown(overlaid(tmp_path, clip, rows={}))
    assert times_s[0] == pytest.approx(0.5, abs=0.001)


def test_people_are_drawn(tmp_path: Path) -> None:
    clip = Clip(n_frames=20, frame_rate=10, width_px=640, height_px=480)
    _, plain = shown(overlaid(tmp_path, clip, rows={}))
    _, drawn = shown(overlaid(tmp_path, clip))
    changed = np.abs(plain[5].astype(int) - drawn[5]).max(axis=2) > 60
    # The first person's box is 120 px wide, from x = 50 and y = 40, whose edge is drawn.
    assert changed[438:443, 60:160].any(axis=0).all()
    assert not changed[250:400, 200:330].any()
    assert changed[450:, :100].any()  # what is being said


def test_odd_sizes_grow_to_even_ones(tmp_path: Path) -> None:
    source = write(tmp_path / "clip.mkv", Clip(n_frames=3, width_px=95, height_px=63, pixel_format="yuv444p"))
    of = video(path=source).model_copy(update={"width_px": 95, "height_px": 63})
    overlay_video(run(of), annotations(rows={}), tmp_path / "drawn.mp4")
    _, pictures = shown(tmp_path / "drawn.mp4")
    assert pictures[0].shape == (64, 96, 3)


def test_progress_ends_at_one_and_never_goes_back(tmp_path: Path) -> None:
    source = write(tmp_path / "clip.mp4")
    told: list[float] = []
    overlay_video(run(described(source, Clip())), annotations(rows={}), tmp_path / "drawn.mp4", told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    of = video().model_copy(update={"has_video": False})
    with pytest.raises(NoMediaStream):
        overlay_video(run(of), annotations(rows={}), tmp_path / "drawn.mp4")
    assert not list(tmp_path.iterdir())
