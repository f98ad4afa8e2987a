"""What a job leaves at places outside the data directory: put there when complete, and taken away again."""

from collections.abc import Iterable
from pathlib import Path

from videoannotator.domain.places import Places
from videoannotator.files import publishing, result_database
from videoannotator.files.roots import Roots

DATABASE = "annotations.sqlite"  # in the job's folder, made by its export
_FOLDER_MANIFEST, _DATABASE_MANIFEST = "published.json", "published_database.json"
MANIFESTS = (_FOLDER_MANIFEST, _DATABASE_MANIFEST)  # in the job's folder: what was put where


class PlacedResults:
    """Publishes and withdraws the results of jobs, whose own folders lie at ``data_dir/jobs/<id>``."""

    def __init__(self, roots: Roots, data_dir: Path) -> None:
        self._roots = roots
        self._jobs_dir = data_dir / "jobs"
        self._lock = data_dir / "locks" / "databases.lock"

    def check(self, places: Places) -> None:
        """Raise PlaceChanged unless the places are still those that were accepted."""
        for place in (places.output_directory, places.db_location):
            if place is not None:
                with self._roots.entered(place):
                    pass

    def publish(self, job_id: str, places: Places, names: Iterable[str]) -> None:
        """Put a job's files where its submission said; again after a crash without harm.

        Raises PlaceChanged, OutputExists, StorageError or StorageFull.
        """
        folder = self._jobs_dir / job_id
        if places.output_directory is not None:
            sources = publishing.outputs(folder / "out", names)
            manifest = folder / _FOLDER_MANIFEST
            publishing.publish(self._roots, places.output_directory, job_id, sources, manifest)
        if places.db_location is not None:
            source, manifest = folder / DATABASE, folder / _DATABASE_MANIFEST
            result_database.publish(self._roots, places.db_location, job_id, source, manifest, self._lock)

    def withdraw(self, job_id: str) -> None:
        """Remove what the job has put anywhere and nobody has changed since."""
        folder = self._jobs_dir / job_id
        publishing.withdraw(self._roots, folder / _FOLDER_MANIFEST)
        result_database.withdraw(self._roots, folder / _DATABASE_MANIFEST, self._lock)
