"""Wheels that are made up, and a folder of them as the only place where pip looks for packages."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path


def only(folder: Path) -> dict[str, str]:
    """The environment in which pip finds the wheels of a folder and nothing else."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull}


def write_wheel(
    folder: Path,
    members: Mapping[str, bytes],
    name: str = "tiny_weights",
    version: str = "1.0",
    tag: str = "py3-none-any",
) -> Path:
    """Put a wheel into the folder; the default name is that of ``tiny-weights`` 1.0."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path
