"""Where clients may have results put, and which files of this machine they may use."""

from pathlib import PurePosixPath

from videoannotator.domain.errors import (
    InvalidPlace,
    NotARegularFile,
    PlaceNotAllowed,
    VideoAnnotatorError,
    VideoNotFound,
)
from videoannotator.domain.names import VIDEO_SUFFIXES, as_people_count
from videoannotator.domain.places import FileStamp, Listed, Listing, Place
from videoannotator.domain.places import Places as Resolved
from videoannotator.files.place_names import shown
from videoannotator.files.result_database import SUFFIXES
from videoannotator.files.roots import Roots, Spot

MAX_LISTED = 1000  # folders, and videos, of one listing


class Places:
    """Resolves the fields ``output_directory``, ``db_location`` and ``video_path`` below the roots."""

    def __init__(self, roots: Roots) -> None:
        self.roots = roots

    def check(self, output_directory: str | None, db_location: str | None) -> None:
        """Raise what is wrong with two places, and make nothing: InvalidPlace or PlaceNotAllowed."""
        if output_directory is not None:
            self.roots.check(self.roots.locate(output_directory, "output_directory", new=True))
        if db_location is not None:
            self._check_database(self._database(db_location))

    def problems(
        self, output_directory: str | None, db_location: str | None
    ) -> tuple[VideoAnnotatorError, ...]:
        """Everything that is wrong with two places."""
        found = []
        for places in ((output_directory, None), (None, db_location)):
            try:
                self.check(*places)
            except VideoAnnotatorError as error:
                found.append(error)
        return tuple(found)

    def make(self, output_directory: str | None, db_location: str | None) -> Resolved:
        """Make the folders where they are missing, and remember which they are; raises like ``check``."""
        self.check(output_directory, db_location)  # both, before one of them is made
        results = database = None
        if output_directory is not None:
            results = self.roots.make(self.roots.locate(output_directory, "output_directory", new=True))
        if db_location is not None:
            database = self._made(self._database(db_location))
        return Resolved(output_directory=results, db_location=database)

    def video(self, path: str) -> FileStamp:
        """The file that ``video_path`` names; raises InvalidPlace, PlaceNotAllowed, VideoNotFound."""
        return self.roots.stamp(self.roots.locate(path, "video_path", new=False))

    def listing(self, text: str | None) -> Listing:
        """What lies in a folder, or the roots themselves; hidden files, links and no videos are left out.

        Raises InvalidPlace, PlaceNotAllowed, VideoNotFound, StorageError.
        """
        if not text:
            roots = tuple(Listed(name=name, path=f"{name}:") for name in sorted(self.roots.folders))
            return Listing(path="", parent=None, folders=roots, videos=(), n_folders=len(roots), n_videos=0)
        spot = self.roots.locate(text, "path", new=False)
        folders, sizes = self.roots.entries(spot)
        videos = [name for name in sizes if name.lower().endswith(VIDEO_SUFFIXES)]
        return Listing(
            path=spot.text,
            parent=spot.parent.text if spot.parts else "",
            folders=tuple(self._listed(spot, name) for name in as_people_count(folders)[:MAX_LISTED]),
            videos=tuple(
                self._listed(spot, name, sizes[name]) for name in as_people_count(videos)[:MAX_LISTED]
            ),
            n_folders=len(folders),
            n_videos=len(videos),
        )

    def _listed(self, folder: Spot, name: str, size_bytes: int | None = None) -> Listed:
        path = folder.below(name).text
        problem = None
        try:
            self.roots.locate(path, "path", new=False)
        except InvalidPlace as error:
            problem = str(error).removeprefix("path: ")
        return Listed(name=shown(name), path=shown(path), size_bytes=size_bytes, problem=problem)

    def _check_database(self, spot: Spot) -> None:
        self.roots.check(spot.parent if _is_file(spot) else spot)
        if not _is_file(spot):
            return
        try:
            self.roots.stamp(spot)
        except VideoNotFound:
            return  # it will be made
        except NotARegularFile as error:
            raise PlaceNotAllowed(
                f"db_location: {spot.root}:{spot.path} is there and is no regular file",
                hint="Name another file, or a folder, where each job makes a file of its own.",
                field="db_location",
            ) from error

    def _database(self, text: str) -> Spot:
        if "://" in text:
            raise InvalidPlace(
                "db_location is a place for a SQLite file, not the address of a database",
                hint="Write root:folder, or root:folder/name.sqlite to collect several jobs in one file.",
                field="db_location",
            )
        return self.roots.locate(text, "db_location", new=True)

    def _made(self, spot: Spot) -> Place:
        return self.roots.make(spot.parent, spot.parts[-1]) if _is_file(spot) else self.roots.make(spot)


def _is_file(spot: Spot) -> bool:
    return bool(spot.parts) and PurePosixPath(spot.parts[-1]).suffix in SUFFIXES
