"""What came out of a job: single files, and the one ZIP that the viewer opens."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from videoannotator.domain.errors import NotHere
from videoannotator.domain.jobs import Artifact, Job, JobStatus
from videoannotator.services.jobs import Jobs
from videoannotator.services.videos import Videos

# What the viewer reads; pictures and overlay videos are fetched one by one.
ZIPPED_KINDS = frozenset({"annotations", "table", "run"})
VIEWABLE = (".mp4", ".mov", ".avi", ".mkv", ".webm")
WEB_COPY_KIND = "web_copy"
_RANKS = {name: rank for rank, name in enumerate(("coco", "faces", "openface3", "scenes", "webvtt", "rttm"))}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a ZIP, at its root."""

    name: str
    path: Path
    size_bytes: int
    sha256: str


class Artifacts:
    """The finished files of completed jobs."""

    def __init__(self, jobs: Jobs, videos: Videos) -> None:
        self._jobs = jobs
        self._videos = videos

    def list(self, job_id: str, owner: str | None) -> tuple[Artifact, ...]:
        """Every file of a job; raises JobNotFound or JobNotFinished."""
        return self._jobs.artifacts(job_id, owner)

    def one(self, job_id: str, artifact_id: str, owner: str | None) -> tuple[Artifact, Path]:
        """A file by its id or name; raises NotHere, JobNotFound or JobNotFinished."""
        for artifact in self.list(job_id, owner):
            if artifact_id in (artifact.id, artifact.name):
                return artifact, self._path(artifact)
        raise NotHere(
            f"Job {job_id} has no artifact {artifact_id}",
            hint=f"List them with GET /api/v1/jobs/{job_id}/artifacts?format=json.",
        )

    def of_pipeline(self, job_id: str, pipeline: str, owner: str | None) -> tuple[Artifact, Path]:
        """The main annotation file of a pipeline; raises NotHere, JobNotFound or JobNotFinished."""
        artifact = main_file(self.list(job_id, owner), pipeline)
        if artifact is None:
            raise NotHere(f"Job {job_id} has no results of {pipeline}")
        return artifact, self._path(artifact)

    def zip_entries(self, job: Job, owner: str | None) -> tuple[Entry, ...]:
        """The playable video first, then the files that the viewer reads, all at the root."""
        found = self.list(job.id, owner)
        files = [one for one in found if one.kind in ZIPPED_KINDS]
        return (self._video(job, found), *(self._entry(one) for one in files))

    def playable(self, job: Job) -> Entry:
        """The video that a browser can play, also while the job runs."""
        done = job.status is JobStatus.COMPLETED
        return self._video(job, self.list(job.id, None) if done else ())

    def _video(self, job: Job, found: tuple[Artifact, ...]) -> Entry:
        """The copy made for browsers where there is one, else the video as it was sent."""
        for artifact in found:
            if artifact.kind == WEB_COPY_KIND:
                return self._entry(artifact)
        stored = self._videos.get(job.video_id, None)
        media = stored.media
        name = viewable_name(job.video_filename, media.container)
        return Entry(name, self._videos.path(stored), media.size_bytes, media.id)

    def _entry(self, artifact: Artifact) -> Entry:
        return Entry(artifact.name, self._path(artifact), artifact.size_bytes, artifact.sha256)

    def _path(self, artifact: Artifact) -> Path:
        return self._jobs.folder(artifact.job_id) / "out" / artifact.name


def main_file(files: Iterable[Artifact], pipeline: str) -> Artifact | None:
    """The annotation file that stands for a pipeline: the words, for one, rather than the speakers."""
    own = [one for one in files if one.pipeline == pipeline and one.kind == "annotations"]
    return min(own, key=lambda one: _RANKS.get(one.format, len(_RANKS)), default=None)


def viewable_name(filename: str, container: str) -> str:
    """The name with an ending by which the viewer knows a video."""
    if filename.endswith(VIEWABLE):
        return filename
    kind = next((kind for kind in VIEWABLE if kind[1:] in container), ".mp4")
    return str(PurePath(filename).with_suffix(kind))


def tag_of(entries: tuple[Entry, ...]) -> str:
    """An ETag of a ZIP: equal entries give equal bytes."""
    names = "\n".join(f"{entry.name} {entry.sha256}" for entry in entries)
    return hashlib.sha256(names.encode()).hexdigest()[:32]
