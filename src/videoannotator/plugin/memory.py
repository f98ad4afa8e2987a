"""Whether a model fits before it is loaded: a process that dies takes the other components with it."""

from pathlib import Path

from videoannotator.domain.errors import NotEnoughMemory
from videoannotator.plugin.devices import index_of

# Loading holds a tensor twice for a moment, and work needs room besides the weights.
HEADROOM = 1.3
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def admit(path: Path, device: str = "cpu", available_bytes: int | None = None) -> None:
    """Raise NotEnoughMemory where a model's files, a file or folder, cannot fit on the device.

    ``available_bytes`` is looked up where it is not given; unknown counts as enough.
    """
    needed = round(size_of(path) * HEADROOM)
    if available_bytes is None:
        available_bytes = free_on(device)
    if available_bytes is not None and needed > available_bytes:
        raise NotEnoughMemory(
            f"{path.name} needs about {needed / 1e9:.1f} GB, and {available_bytes / 1e9:.1f} GB are free on "
            f"{device}"
        )


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def free_on(device: str) -> int | None:
    """Free bytes of the machine, or of a GPU; None where nobody knows."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info(index_of(device))[0])
    known = [n_bytes for n_bytes in (_free_on_machine(), _free_in_container()) if n_bytes is not None]
    return min(known, default=None)


def _free_on_machine() -> int | None:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None  # not Linux
    values = dict(line.split(":", 1) for line in lines)
    return int(values["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in values else None


def _free_in_container() -> int | None:
    """What a container's limit leaves; what the kernel can drop at once counts as free."""
    try:
        limit = (_CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
        stat = dict(
            line.split() for line in (_CGROUP / "memory.stat").read_text(encoding="ascii").splitlines()
        )
    except (OSError, ValueError):
        return None
    return None if limit == "max" else int(limit) - used + int(stat.get("inactive_file", 0))
