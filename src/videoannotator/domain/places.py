"""Places on the server's disk that clients may name: below a root that the operator has opened."""

from pathlib import Path

from videoannotator.domain.media import Record


class Place(Record):
    """A folder below a root, as it was when it was accepted; ``path`` is "" for the root itself.

    ``device`` and ``inode`` tell at run time whether it is still the same folder. ``file`` names a database
    in it that several jobs share.
    """

    root: str
    path: str
    device: int
    inode: int
    file: str | None = None


class Places(Record):
    """Where a job's results go besides the server's own data directory."""

    output_directory: Place | None = None
    db_location: Place | None = None


class FileStamp(Record):
    """A file below a root that is used where it lies; it is refused once any of this has changed."""

    root: str
    path: str
    device: int
    inode: int
    size_bytes: int
    mtime_ns: int


Folders = dict[str, Path]  # the roots by name
