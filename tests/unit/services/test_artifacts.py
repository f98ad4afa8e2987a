from datetime import UTC, datetime

import pytest

from videoannotator.domain.jobs import Artifact
from videoannotator.services.artifacts import main_file


def artifact(name: str, written_as: str, pipeline: str = "audio_processing") -> Artifact:
    return Artifact(
        id=name, job_id="1", name=name, kind="annotations", format=written_as, pipeline=pipeline,
        media_type="text/plain", size_bytes=1, sha256="0" * 64, created_at=datetime.now(UTC),
    )  # fmt: skip


UEM = artifact("clip.uem", "uem")
RTTM = artifact("clip_speaker_diarization.rttm", "rttm")
VTT = artifact("clip_speech_recognition.vtt", "webvtt")
LISTED = artifact("clip_openface.csv", "openface_csv"), artifact("clip_openface3_analysis.json", "openface3")


@pytest.mark.parametrize(
    ("files", "main"),
    [((UEM, RTTM, VTT), VTT), ((UEM, RTTM), RTTM), ((UEM,), UEM), (LISTED, LISTED[1]),
     ((artifact("clip_faces.json", "faces", "face_analysis"),), None)],
)  # fmt: skip
def test_one_file_stands_for_a_pipeline(files: tuple[Artifact, ...], main: Artifact | None) -> None:
    assert main_file(files, "audio_processing") == main
