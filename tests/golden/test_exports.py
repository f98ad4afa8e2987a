"""The bytes of the text formats for the arithmetic run, as they were looked at and found right.

After a wanted change write them anew with ``python -m tests.golden.test_exports`` and read the difference.
"""

from pathlib import Path

import pytest
from tests.synthetic.annotations import annotations, run

from videoannotator.domain.plan import ExportOptions
from videoannotator.exporters.export import export_all

FOLDER = Path(__file__).parent / "clip"
KEPT = (
    "clip.TextGrid", "clip.eaf", "clip.uem", "clip_scenes.csv", "clip_scenes.json",
    "clip_speaker_diarization.rttm", "clip_speech_recognition.vtt", "clip_turns.csv", "clip_utterances.csv",
    "clip_words.csv",
)  # fmt: skip
OPTIONS = ExportOptions(formats=("scenes", "webvtt", "rttm", "uem", "elan", "textgrid", "csv"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export_all(run(), annotations(), folder, OPTIONS)
    return folder


@pytest.mark.parametrize("name", KEPT)
def test_bytes_are_those_of_the_golden_file(exported: Path, name: str) -> None:
    assert (exported / name).read_bytes() == (FOLDER / name).read_bytes()


if __name__ == "__main__":
    export_all(run(), annotations(), FOLDER, OPTIONS)
    for path in FOLDER.iterdir():
        if path.name not in KEPT:
            path.unlink()
