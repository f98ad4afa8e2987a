"""A job in its real child, brought to a phase and cancelled there: what its log says tells where it is.

A component logs ``running`` before it loads its model and ``ready`` after it; its progress tells what it has
done; the stage of the job says when files are written.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.e2e.bench import until
from tests.e2e.served import Server
from tests.synthetic.clips import Clip, Sound, write

from videoannotator.client import Client, Refused
from videoannotator.domain.jobs import JobStatus

LARGE = Clip(width_px=1280, height_px=720, n_frames=600, codec="mpeg4", clock=Fraction(1, 30))
SMALL = Clip(width_px=640, height_px=360, n_frames=900)
TALK = Clip(n_frames=3, sound=Sound(duration_s=900.0, rate_hz=16_000))


class Sight:
    """A job at a moment."""

    def __init__(self, client: Client, job_id: str) -> None:
        self._client = client
        self.job = client.job(job_id)

    @cached_property
    def _log(self) -> list[dict[str, Any]]:
        return self._client.logs(self.job.id)

    def said(self, words: str) -> set[str]:
        """The components whose log has a line that begins so; "" for the stage itself."""
        return {line.get("component") or "" for line in self._log if line["message"].startswith(words)}

    @property
    def loading(self) -> bool:
        """Some model is being loaded, and no component is at work yet."""
        return bool(self.said("running") - self.said("ready")) and self.job.progress == 0

    @property
    def working(self) -> bool:
        """Every model is loaded, and some of the work is done."""
        return self.said("ready") >= self.said("running") and any(c.progress for c in self.job.components)


@dataclass(frozen=True)
class Phase:
    """Where to cancel: a clip and components that stay there long enough, and how to see that they do."""

    name: str
    stage: str
    suffix: str
    clip: Clip
    components: tuple[str, ...]
    reached: Callable[[Sight], bool]

    def video(self, folder: Path) -> Path:
        """The clip, in a new file."""
        return write(folder / f"{self.name.replace(' ', '_')}{self.suffix}", self.clip)


# Cuts are found by arithmetic on small pictures: ``shot_detection`` spends nearly all its time on decoding.
# A browser does not play MPEG-4 in AVI: most of the export is a copy that it does.
PHASES = (
    Phase("model load", "visual", ".mp4", SMALL, ("person_tracking", "face_analysis"), lambda at: at.loading),
    Phase("decoding", "visual", ".avi", LARGE, ("shot_detection",), lambda at: at.working),
    Phase("inference on pictures", "visual", ".mp4", SMALL, ("person_detection",), lambda at: at.working),
    Phase("inference on sound", "audio", ".mkv", TALK, ("pyannote",), lambda at: bool(at.said("ready"))),
    Phase("export", "export", ".avi", LARGE, ("shot_detection",), lambda at: at.job.stage == "export"),
)


@dataclass(frozen=True)
class Cancelled:
    """What a cancelled job left. ``seconds`` is from the request to the state ``cancelled``.

    ``in_phase`` says that it was in the phase when it was asked to end, and loading still at its end where
    that is the phase.
    """

    seconds: float
    in_phase: bool
    n_children: int
    n_artifacts: int
    has_folder: bool


OVER = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}
N_TRIES = 8  # a fast machine may be through with a phase between the look and the request


def cancel(server: Server, video: Path, phase: Phase) -> Cancelled:
    """Submit, wait for the phase, cancel, and look at what is left; again where the job was faster."""
    with server.client() as client:
        for _ in range(N_TRIES):
            left = _cancel_once(server, client, video, phase)
            if left and left.in_phase:
                return left
    raise AssertionError(f"{phase.name}: over before it could be cancelled, {N_TRIES} times")


def _cancel_once(server: Server, client: Client, video: Path, phase: Phase) -> Cancelled | None:
    """None where the job ended before it was asked to."""
    job_id = client.submit(video, pipelines=phase.components).id

    def reached() -> bool:
        at = Sight(client, job_id)
        return at.job.status in OVER or phase.reached(at)

    until(reached, 120, lambda: client.logs(job_id))
    began_s = time.monotonic()
    try:
        asked = client.cancel(job_id)
    except Refused:  # it is completed
        return None
    until(lambda: client.job(job_id).status in OVER, 60)
    seconds = time.monotonic() - began_s
    at = Sight(client, job_id)
    in_stage = at.job.status == JobStatus.CANCELLED and asked.stage == phase.stage
    return Cancelled(
        seconds,
        in_stage and (phase.name != "model load" or at.loading),
        len(server.children()),
        _n_artifacts(client, job_id),
        (server.data_dir / "jobs" / job_id).exists(),
    )


def _n_artifacts(client: Client, job_id: str) -> int:
    try:
        return len(client.artifacts(job_id))
    except Refused:  # what is not completed has none
        return 0
