"""Annotations as SQLite files at a client's place, read with pandas."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas
import pytest
from tests.synthetic.annotations import annotations, run

from videoannotator.domain.errors import StorageError
from videoannotator.domain.places import Places
from videoannotator.exporters import sqlite_file
from videoannotator.files.placed_results import DATABASE, PlacedResults
from videoannotator.files.roots import Roots


class Lab:
    """A root, and jobs whose exports lie ready."""

    def __init__(self, folder: Path) -> None:
        self.study, self.data_dir = folder / "study", folder / "data"
        self.study.mkdir()
        self.roots = Roots({"study": self.study})
        self.placed = PlacedResults(self.roots, self.data_dir)

    def places(self, file: str | None) -> Places:
        spot = self.roots.locate("study:results", "db_location", new=True)
        return Places(db_location=self.roots.make(spot, file))

    def publish(self, job_id: str, file: str | None = None) -> Path:
        job_dir = self.data_dir / "jobs" / job_id
        job_dir.mkdir(parents=True, exist_ok=True)
        sqlite_file.write(job_dir / DATABASE, job_id, run(), annotations())
        self.placed.publish(job_id, self.places(file), ())
        return self.study / "results" / (file or f"{job_id}.sqlite")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def words(path: Path) -> pandas.DataFrame:
    with closing(sqlite3.connect(path)) as connection:
        return pandas.read_sql("SELECT * FROM words", connection)


def test_each_job_gets_a_file_of_its_own_that_pandas_reads(lab: Lab) -> None:
    path = lab.publish("job1")
    assert words(path)["text"].tolist() == annotations().table("words")["text"].tolist()
    with closing(sqlite3.connect(path)) as connection:
        described = pandas.read_sql("SELECT * FROM videoannotator_columns", connection)
        runs = pandas.read_sql("SELECT * FROM videoannotator_runs", connection)
    assert runs["job_id"].tolist() == ["job1"]
    start = described[(described.table_name == "words") & (described.column_name == "start_s")]
    assert start["unit"].tolist() == ["s"]


def test_several_jobs_share_the_file_that_they_name_and_deleting_one_leaves_the_others(lab: Lab) -> None:
    for job_id in ("job1", "job2", "job2"):  # the second again, as after a crash
        path = lab.publish(job_id, "all.sqlite")
    n_words = len(words(path)) // 2
    assert words(path)["job_id"].value_counts().to_dict() == {"job1": n_words, "job2": n_words}
    lab.placed.withdraw("job1")
    assert words(path)["job_id"].unique().tolist() == ["job2"]
    assert [one.name for one in path.parent.iterdir()] == ["all.sqlite"]


def test_deleting_a_job_removes_its_own_file_unless_somebody_changed_it(lab: Lab) -> None:
    first, second = lab.publish("job1"), lab.publish("job2")
    os.utime(second)
    lab.placed.withdraw("job1")
    lab.placed.withdraw("job2")
    assert (first.exists(), second.exists()) == (False, True)


def test_a_database_of_somebody_else_is_never_touched(lab: Lab) -> None:
    lab.places(None)
    path = lab.study / "results" / "all.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="no database of VideoAnnotator"):
        lab.publish("job1", "all.sqlite")
    assert path.read_bytes() == before


@pytest.mark.parametrize("trace", ["-journal", "-wal"])
def test_a_database_that_another_program_writes_to_is_left_alone(lab: Lab, trace: str) -> None:
    path = lab.publish("job1", "all.sqlite")
    path.with_name(path.name + trace).write_bytes(b"x")
    with pytest.raises(StorageError, match="Another program"):
        lab.publish("job2", "all.sqlite")


def test_a_link_in_the_place_of_a_database_is_not_followed(lab: Lab, tmp_path: Path) -> None:
    path = lab.publish("job1", "all.sqlite").rename(tmp_path / "outside.sqlite")
    before = path.read_bytes()
    (lab.study / "results" / "all.sqlite").symlink_to(path)
    with pytest.raises(StorageError):
        lab.publish("job2", "all.sqlite")
    assert path.read_bytes() == before


def test_tables_that_somebody_has_added_stay_as_they_are(lab: Lab) -> None:
    path = lab.publish("job1", "all.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE colours (name)")
        connection.execute("CREATE TABLE notes (job_id, text)")
        connection.execute("INSERT INTO notes VALUES ('job1', 'look again')")
    lab.publish("job2", "all.sqlite")
    lab.placed.withdraw("job1")
    assert words(path)["job_id"].unique().tolist() == ["job2"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM notes").fetchall() == [("job1", "look again")]
