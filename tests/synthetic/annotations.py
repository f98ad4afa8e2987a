"""A finished run made by arithmetic: what components would have said about a clip of ten seconds.

Two people stand 300 px apart for the whole clip, sampled 10 times a second; the second has no face and is
away from 4 s to 6 s. Their first keypoint moves 3 px a sample. Two speakers say four words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from videoannotator.domain import tables
from videoannotator.domain.annotations import Outcome, StageCounters
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Plan, Run, Step
from videoannotator.domain.report import ComponentStatus, Stage
from videoannotator.domain.table import Table, TableSchema, concat

DURATION_S = 10.0
RATE = 10.0


@dataclass(frozen=True)
class MemoryAnnotations:
    """``domain.annotations.Annotations`` over rows in memory; each table comes in ``pieces`` parts."""

    rows: Mapping[str, Table]
    schemas: Mapping[str, TableSchema]
    outcomes: tuple[Outcome, ...] = ()
    counters: Mapping[Stage, StageCounters] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    pieces: int = 3

    def table(self, name: str) -> Table:
        parts = list(self.parts(name))
        return concat(parts) if parts else self.schemas[name].empty()

    def parts(self, name: str) -> Iterator[Table]:
        schema = self.schemas[name]
        rows = self.rows.get(name, schema.empty())
        for indices in np.array_split(np.arange(len(rows)), self.pieces):
            if len(indices):
                yield rows.where(indices)


def video(name: str = "clip.mp4", path: Path = Path("/videos/clip.mp4")) -> Video:
    return Video(
        id="ab" * 32, path=path, name=name, size_bytes=1000, duration_s=DURATION_S, frame_rate=30.0,
        width_px=640, height_px=480, has_audio=True,
    )  # fmt: skip


def run(of: Video | None = None) -> Run:
    step = Step(
        pipeline="person_tracking", component="person_detection", version="1.0.0", passes="visual",
        parameters={"frames_per_s": RATE, "start_time": 0.5},
    )  # fmt: skip
    return Run(video=of or video(), plan=Plan(steps=(step,)))


def said() -> dict[str, Table]:
    """Rows for every built-in table."""
    people, tracks = _people()
    faces = _faces(people, tracks)
    return {"people": people, "tracks": tracks, **faces, **_scenes_and_sound()}


def annotations(rows: Mapping[str, Table] | None = None, *, only: tuple[str, ...] = ()) -> MemoryAnnotations:
    """All built-in tables, or ``only`` some of them, with the given rows (everything by default)."""
    schemas = {s.name: s for s in tables.BUILT_IN if not only or s.name in only}
    outcome = Outcome(
        pipeline="person_tracking", component="person_detection", stage=Stage.VISUAL,
        status=ComponentStatus.COMPLETED,
    )  # fmt: skip
    counters = StageCounters(
        started_at="2026-01-02T03:04:05Z", ended_at="2026-01-02T03:05:05Z", n_frames_decoded=300
    )
    return MemoryAnnotations(
        said() if rows is None else rows, schemas, (outcome,), {Stage.VISUAL: counters}, ("a warning",)
    )


def _people() -> tuple[Table, Table]:
    first = np.arange(round(DURATION_S * RATE))
    second = first[(first < 40) | (first >= 60)]
    sample = np.concatenate([first, second])
    person = np.concatenate([np.zeros(len(first), int), np.ones(len(second), int)])
    order = np.lexsort((person, sample))
    sample, person = sample[order], person[order]
    keypoints = np.full((len(sample), 17, 3), 100.0)
    keypoints[:, :, 0] += 300 * person[:, None]
    keypoints[:, 0, 0] += 3 * sample
    keypoints[:, :, 2] = 0.9
    keypoints[:, 16] = np.nan  # the right ankle is never seen
    left = 50.0 + 300 * person
    box = np.stack([left, np.full(len(left), 40.0), left + 120, np.full(len(left), 440.0)], axis=1)
    time_s = sample / RATE
    people = tables.PEOPLE.table(
        detection_id=np.arange(len(sample)), frame_index=sample * 3, time_s=time_s, box_xyxy=box,
        score=np.full(len(sample), 0.8), keypoints=keypoints,
    )  # fmt: skip
    tracks = tables.TRACKS.table(detection_id=np.arange(len(sample)), time_s=time_s, track_id=person + 1)
    return people, tracks


def _faces(people: Table, tracks: Table) -> dict[str, Table]:
    owner = people.where(tracks["track_id"] == 1)
    n = len(owner)
    face_id, time_s = np.arange(n), owner["time_s"]
    faces = tables.FACES.table(
        face_id=face_id, frame_index=owner["frame_index"], time_s=time_s,
        box_xyxy=owner["box_xyxy"] * [1, 1, 1, 0.25], score=np.full(n, 0.95), presence=np.full(n, 0.99),
        track_id=np.ones(n, int),
    )  # fmt: skip
    nan, mesh = np.full(n, np.nan), np.full((n, 468, 3), 200.0)
    status = np.where(face_id == 1, "failed", "measured")
    mesh[1] = np.nan
    yaw = np.where(face_id == 1, np.nan, np.where(face_id == 0, 0.0, 12.3456789))
    landmarks = tables.FACE_LANDMARKS.table(
        face_id=face_id, time_s=time_s, status=status, mesh=mesh, iris=np.full((n, 2, 5, 2), 150.0),
        yaw_deg=yaw, pitch_deg=yaw, roll_deg=yaw, gaze_yaw_deg=nan, gaze_pitch_deg=nan,
    )  # fmt: skip
    aged = face_id[face_id % 2 == 0]  # every other face only
    ages = tables.FACE_AGES.table(
        face_id=aged, time_s=time_s[aged], status=np.full(len(aged), "measured"),
        age_years=np.full(len(aged), 1.5), age_sd_years=np.full(len(aged), 0.5),
    )  # fmt: skip
    scores = np.tile([0.05, 0.0, 0.1, 0.6, 0.05, 0.1, 0.1], (n, 1))
    emotions = tables.FACE_EMOTIONS.table(
        face_id=face_id, time_s=time_s, status=np.full(n, "measured"), raw_scores=scores, scores=scores
    )
    genders = tables.FACE_GENDERS.empty()
    return {
        "faces": faces, "face_landmarks": landmarks, "face_ages": ages, "face_genders": genders,
        "face_emotions": emotions,
    }  # fmt: skip


def _scenes_and_sound() -> dict[str, Table]:
    shots = tables.SHOTS.table(
        shot_id=[0, 1], start_s=[0.0, 4.0], end_s=[4.0, 10.0], start_frame=[0, 120], end_frame=[120, 300],
        score=[np.nan, 31.5],
    )  # fmt: skip
    utterances = tables.UTTERANCES.table(
        utterance_id=[0, 1], start_s=[0.5, 3.0], end_s=[2.0, 4.2], text=["Hello, “baby”", "A < B & C --> D"],
        language=["en", "en"], score=[0.9, 0.8], no_speech_score=[0.0, 0.1],
    )  # fmt: skip
    words = tables.WORDS.table(
        word_id=[0, 1, 2, 3], utterance_id=[0, 0, 1, 1], start_s=[0.5, 1.0, 3.0, 3.6],
        end_s=[0.9, 2.0, 3.5, 4.2], text=["Hello,", "“baby”", 'a "quoted"', "wörd 你好"],
        score=[0.9, 0.8, 0.0, 0.7],
    )  # fmt: skip
    turns = tables.TURNS.table(
        turn_id=[0, 1], start_s=[0.4, 2.9], end_s=[2.1, 4.3], speaker=["SPEAKER_00", "SPEAKER_01"]
    )
    time_s = np.arange(0, DURATION_S, 0.1)
    prosody = tables.PROSODY.table(
        time_s=time_s, f0_hz=np.where(time_s < 5, 220.0, np.nan), loudness_db=np.full(len(time_s), -20.0),
        voiced_score=np.where(time_s < 5, 1.0, 0.0), centroid_hz=np.full(len(time_s), 1000.0),
        alpha_ratio_db=np.zeros(len(time_s)),
    )  # fmt: skip
    return {"shots": shots, "utterances": utterances, "words": words, "turns": turns, "prosody": prosody}
