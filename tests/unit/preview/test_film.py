"""Copies that browsers play; what is drawn on them is tested with the overlay."""

from pathlib import Path

import av
import pytest
from tests.synthetic.clips import Clip, Sound, write

from videoannotator.media.probe import probe
from videoannotator.preview.film import write_film
from videoannotator.preview.web_copy import is_web_playable


@pytest.mark.parametrize(("suffix", "codec"), [(".wav", "pcm_s16le"), (".mp3", "libmp3lame")])
def test_sound_alone_becomes_a_black_film_that_browsers_play(tmp_path: Path, suffix: str, codec: str) -> None:
    sound = Sound(duration_s=2.5, burst_s=1.0, codec=codec)
    source = probe(write(tmp_path / f"talk{suffix}", Clip(n_frames=0, sound=sound)))
    assert not is_web_playable(source)
    write_film(source, tmp_path / "talk.mp4")
    made = probe(tmp_path / "talk.mp4")
    assert is_web_playable(made)
    assert made.duration_s == pytest.approx(source.duration_s, abs=0.6)  # the last picture lasts a second
    with av.open(str(tmp_path / "talk.mp4")) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 3  # one each second
    assert max(picture.max() for picture in pictures) < 20
