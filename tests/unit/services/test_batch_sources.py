"""Tables of settings, as spreadsheets and people write them."""

import os
from pathlib import Path

import pytest

from videoannotator.domain.errors import InvalidRequest
from videoannotator.files.roots import Roots
from videoannotator.services import batch_sources


@pytest.mark.parametrize("source", ["in_folder", "matching"])
def test_a_file_with_a_name_that_is_not_utf8_is_refused_alone(tmp_path: Path, source: str) -> None:
    for name in (b"a.mp4", b"caf\xe9.mp4"):
        Path(tmp_path, os.fsdecode(name)).touch()
    text = {"in_folder": "study:", "matching": "study:*.mp4"}[source]
    good, bad = getattr(batch_sources, source)(Roots({"study": tmp_path}), text)
    assert (good.video_path, good.problem) == ("study:a.mp4", None)
    assert (bad.video, bad.video_path, bad.problem.code) == ("caf\ufffd.mp4", None, "PATH_INVALID")
    assert "Rename" in bad.problem.hint


@pytest.mark.parametrize("source", ["in_folder", "matching"])
def test_videos_come_in_the_order_in_which_people_count(tmp_path: Path, source: str) -> None:
    names = ["session 2.mp4", "session 10.mp4", "family 9/a.mp4", "family 11/a.mp4"]
    for name in reversed(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    text = {"in_folder": "study:", "matching": "study:**/*.mp4"}[source]
    found = getattr(batch_sources, source)(Roots({"study": tmp_path}), text)
    assert [one.video for one in found] == names


def test_a_table_names_videos_and_what_is_wished_for_each() -> None:
    table = "video,whisper.language,start_s,,\r\na.mp4,en,3,,\r\nb.mp4,,\r\nc.mp4,da,,,,,\r\n"
    first, second, third = batch_sources.in_table(table, "study:in")
    assert (first.video, first.video_path) == ("a.mp4", "study:in/a.mp4")
    assert first.wish == {"config": {"whisper": {"language": "en"}}, "start_s": "3"}
    assert second.wish == {}
    assert third.wish == {"config": {"whisper": {"language": "da"}}}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("name\na.mp4\n", "no column 'video'"),
        ("video,colour\na.mp4,red\n", "Row 2 .* nobody knows the column 'colour'"),
        ("video,tags\na.mp4,x\nb.mp4,x,y\n", "Row 3 .* more cells"),
        ("video,whisper.model,whisper.model.size\na.mp4,base,3\n", "Row 2 .* 'whisper.model.size'"),
        ("video\n" + "x" * 200_000, "no CSV"),
        ("video\ra.mp4\r", "no CSV"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused_with_the_place(table: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as refused:
        batch_sources.in_table(table, None)
    assert refused.value.field == "csv"


def test_a_cell_that_only_looks_like_json_is_its_text() -> None:
    (item,) = batch_sources.in_table(f"video,whisper.language\na.mp4,{'[' * 100_000}\n", None)
    assert item.wish["config"]["whisper"]["language"] == "[" * 100_000
