"""Make the project's own virtual environment; needs only Python's standard library.

Used by ``demo.py``, ``test.py`` and ``check.py``, which work with or without make.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ((3, 11), (3, 12), (3, 13))


def ensure(extras: tuple[str, ...] = (), folder: str = ".venv") -> Path:
    """Return the Python of an environment that holds the project and the extras, making it if needed.

    A stamp of the lock and the project file tells whether the environment is up to date; one that is not is
    added to, so that the tests need only what the demonstration did not.
    """
    _require_supported_python()
    home = ROOT / folder
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / "installed"
    wanted = _fingerprint(extras)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    if python.exists() and stamp.exists():
        print(f"Updating {home.name} ...", flush=True)
        stamp.unlink()  # until all is installed: what is interrupted half-way is made anew
    else:
        print(f"Making {home.name} (once; a few hundred MB of packages) ...", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        _make(home)
    project = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*command, "--constraint", str(ROOT / "requirements.lock"), "--editable", project])
    stamp.write_text(wanted)
    return python


def run(command: list[str], **options: object) -> None:
    """Run a command in the project's folder; end this script with its exit code when it fails."""
    code = subprocess.run(command, cwd=ROOT, check=False, **options).returncode  # type: ignore[call-overload]
    if code:
        print(f"failed ({code}): {' '.join(command)}", file=sys.stderr)
        raise SystemExit(code)


def _fingerprint(extras: tuple[str, ...]) -> str:
    files = (ROOT / "pyproject.toml", ROOT / "requirements.lock")
    content = b"".join(path.read_bytes() for path in files) + repr((extras, str(ROOT))).encode()
    return hashlib.sha256(content).hexdigest()


def _require_supported_python() -> None:
    if sys.version_info[:2] in SUPPORTED:
        return
    for major, minor in reversed(SUPPORTED):
        other = shutil.which(f"python{major}.{minor}")
        if other:
            raise SystemExit(subprocess.run([other, *sys.argv], check=False).returncode)
    raise SystemExit(
        f"Python 3.11, 3.12 or 3.13 is needed; this is {sys.version.split()[0]}. "
        "Install one and run this again with it, e.g. make demo PYTHON=python3.12"
    )


def _make(home: Path) -> None:
    try:
        venv.create(home, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            "This Python cannot make virtual environments (ensurepip is missing). On Debian and Ubuntu: "
            "apt install python3-venv"
        ) from error
