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


class Listed(Record):
    """A folder or video below a root; ``path`` names it in submissions. A folder has no size.

    ``problem`` tells why no submission can name it, e.g. for a name that is not UTF-8; it has to be renamed.
    """

    name: str
    path: str
    size_bytes: int | None = None
    problem: str | None = None


class Listing(Record):
    """What lies in one folder, in the order of people. ``path`` is "" for the roots, which have no parent.

    ``n_folders`` and ``n_videos`` count all of them, also those for which the lists have no room.
    """

    path: str
    parent: str | None
    folders: tuple[Listed, ...]
    videos: tuple[Listed, ...]
    n_folders: int
    n_videos: int


Folders = dict[str, Path]  # the roots by name
