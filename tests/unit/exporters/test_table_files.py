import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from tests.synthetic.annotations import annotations

from videoannotator.domain.table import NO_ID, Column, TableSchema
from videoannotator.exporters import csv_table, parquet
from videoannotator.exporters.tidy import Tidy

SCHEMA = TableSchema(
    "smiles",
    "A third party's table.",
    (
        Column("time_s", "float", "When.", "s"),
        Column("track_id", "int", "Who."),
        Column("valence", "int", "From -1 to 1."),
        Column("note", "text", "Anything."),
        Column("is_broad", "bool", "Whether."),
        Column("corner", "float", "Where.", "px", (2,), ("corner_x", "corner_y")),
        Column("pair", "float", "Without names.", None, (2,)),
        Column("grid", "float", "Many.", None, (40, 2)),
    ),
)
ROWS = SCHEMA.table(
    time_s=[0.1234567891, 0.0], track_id=[1, NO_ID], valence=[-1, 0], note=['says "a, b"\nand c', ""],
    is_broad=[True, False], corner=[[1.5, np.nan], [0.0, -0.0]], pair=[[1, 2], [3, 4]],
    grid=np.stack([np.arange(80.0).reshape(40, 2), np.full((40, 2), np.nan)]),
)  # fmt: skip


def test_csv_as_rfc_4180_has_it(tmp_path: Path) -> None:
    csv_table.write(tmp_path / "a.csv", SCHEMA, [ROWS])
    assert (tmp_path / "a.csv").read_bytes().decode() == (
        "time_s,track_id,valence,note,is_broad,corner_x,corner_y,pair_0,pair_1\r\n"
        '0.123457,1,-1,"says ""a, b""\nand c",True,1.5,,1.0,2.0\r\n'
        "0.0,,0,,False,0.0,0.0,3.0,4.0\r\n"
    )


def test_pandas_tells_missing_from_measured_zero(tmp_path: Path) -> None:
    csv_table.write(tmp_path / "a.csv", SCHEMA, [ROWS])
    read = pd.read_csv(tmp_path / "a.csv")
    assert read["track_id"].isna().tolist() == [False, True]
    assert read["valence"].tolist() == [-1, 0]  # only ids are missing when they are -1
    assert read["corner_y"].isna().tolist() == [True, False]
    assert read["note"][0] == 'says "a, b"\nand c'
    assert read["is_broad"].tolist() == [True, False]


def test_parquet_keeps_precision_meaning_and_nulls(tmp_path: Path) -> None:
    parquet.write(tmp_path / "a.parquet", SCHEMA, [ROWS.where(np.array([0])), ROWS.where(np.array([1]))])
    read = pq.read_table(tmp_path / "a.parquet")
    assert read["time_s"].to_pylist() == [0.1234567891, 0.0]
    assert read["track_id"].to_pylist() == [1, None]
    assert read["note"].to_pylist() == ['says "a, b"\nand c', None]
    assert read["corner_y"].to_pylist() == [None, 0.0]
    assert read["grid"].to_pylist() == [np.arange(80.0).reshape(40, 2).tolist(), None]
    assert read.schema.field("time_s").metadata == {b"description": b"When.", b"unit": b"s"}


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    parquet.write(tmp_path / "a.parquet", SCHEMA, [])
    csv_table.write(tmp_path / "a.csv", SCHEMA, [SCHEMA.empty()])
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0
    with (tmp_path / "a.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 1


def test_the_mesh_is_in_parquet_as_it_was_measured(tmp_path: Path) -> None:
    mesh = Tidy(annotations()).tables["face_mesh"]
    assert mesh.formats == ("parquet",)
    parquet.write(tmp_path / "a.parquet", mesh.schema, mesh.parts())
    read = pq.read_table(tmp_path / "a.parquet")
    assert np.array(read["mesh"][0].as_py()).shape == (468, 3)
    assert read["mesh"][1].as_py() is None
    assert read["status"][1].as_py() == "failed"
    assert "yaw_deg" not in read.column_names
