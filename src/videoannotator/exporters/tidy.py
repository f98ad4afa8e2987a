"""The tables that a researcher opens: what was said about one thing joined into one row.

``people`` carries the tracks, ``faces`` what was measured on each face, ``words`` and ``utterances`` their
speaker; ``scenes`` are the shots, ``face_mesh`` the points of the faces, for Parquet only. Every other table
stays as its component declared it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.speakers import with_speakers
from videoannotator.domain.table import NO_ID, Column, Status, Table, TableSchema, concat
from videoannotator.domain.tables import TURNS

# Built-in table -> what its columns are called after, in the faces table.
_FACE_DETAILS = {
    "face_landmarks": "landmarks",
    "face_ages": "age",
    "face_genders": "gender",
    "face_emotions": "emotion",
}
_ABSORBED = {"tracks": "people", "exclusive_turns": "turns", **dict.fromkeys(_FACE_DETAILS, "faces")}
_RENAMED = {"shots": "scenes"}
Rows = Callable[[], Table]


@dataclass(frozen=True, slots=True)
class TidyTable:
    """A table on its way into files; ``parts`` gives its rows anew at each call, piece by piece."""

    schema: TableSchema
    parts: Callable[[], Iterable[Table]]
    formats: tuple[str, ...] = ("csv", "parquet")

    def rows(self) -> Table:
        """All rows at once."""
        parts = list(self.parts())
        return concat(parts) if parts else self.schema.empty()


class Tidy:
    """The joined tables of one run; each is made when it is first asked for and kept, without its meshes."""

    def __init__(self, annotations: Annotations) -> None:
        self._annotations = annotations
        self.schemas = annotations.schemas

    @cached_property
    def tables(self) -> Mapping[str, TidyTable]:
        """Every table by the name that its files carry, in the plan's order."""
        tables = {
            self._file_name(name): self._tidy(name) for name in self.schemas if not self._absorbed(name)
        }
        has_mesh = {"faces", "face_landmarks"} <= set(self.schemas)
        return {**tables, "face_mesh": self._mesh()} if has_mesh else tables

    def rows(self, name: str) -> Table | None:
        """All rows of a joined table (``people``, ``faces``, ...); None where no component makes it."""
        return self.tables[name].rows() if name in self.tables else None

    def _absorbed(self, name: str) -> bool:
        return _ABSORBED.get(name) in self.schemas

    def _file_name(self, name: str) -> str:
        # Another component's table must not take the place of a joined one.
        taken = name in (*_RENAMED.values(), "face_mesh")
        return f"{name}_table" if taken else _RENAMED.get(name, name)

    def _tidy(self, name: str) -> TidyTable:
        joins = {
            "people": self._people,
            "faces": self._faces,
            "words": self._spoken,
            "utterances": self._spoken,
        }
        if name not in joins:
            return TidyTable(self.schemas[name], lambda: self._annotations.parts(name))
        schema, rows = joins[name](name)
        once = cache(rows)
        return TidyTable(schema, lambda: (once(),))

    def _people(self, name: str) -> tuple[TableSchema, Rows]:
        return self._joined(name, {"tracks": ""} if "tracks" in self.schemas else {})

    def _faces(self, name: str) -> tuple[TableSchema, Rows]:
        return self._joined(name, {d: prefix for d, prefix in _FACE_DETAILS.items() if d in self.schemas})

    def _joined(self, name: str, details: Mapping[str, str]) -> tuple[TableSchema, Rows]:
        """A table with the columns of others, whose prefixes are given, in its rows."""
        schema = self.schemas[name]
        for detail, prefix in details.items():
            schema = joined_schema(schema, _without_points(self.schemas[detail]), prefix)

        def rows() -> Table:
            joined = self.schemas[name], self._annotations.table(name)
            for detail, prefix in details.items():
                joined = left_join(joined, self._narrow(detail), prefix)
            return joined[1]

        return schema, rows

    def _spoken(self, name: str) -> tuple[TableSchema, Rows]:
        schema = self.schemas[name]
        if "turns" not in self.schemas:
            return schema, lambda: self._annotations.table(name)
        columns = (*schema.columns, TURNS.column("speaker"))
        return (
            replace(schema, columns=columns),
            lambda: with_speakers(self._annotations.table(name), self._who_speaks),
        )

    @property
    def _who_speaks(self) -> Table:
        """The turns that tell whose a word is: those without overlaps, where the diarization has such."""
        if "exclusive_turns" in self.schemas and len(found := self._annotations.table("exclusive_turns")):
            return found
        return self._annotations.table("turns")

    def _narrow(self, name: str) -> tuple[TableSchema, Table]:
        """A table without its unnamed points, so that an hour of faces fits in memory."""
        kept = _without_points(self.schemas[name])
        names = [column.name for column in kept.columns]
        parts = [Table({n: part[n] for n in names}) for part in self._annotations.parts(name)]
        return kept, concat(parts) if parts else kept.empty()

    def _mesh(self) -> TidyTable:
        landmarks = self.schemas["face_landmarks"]
        columns = tuple(
            c for c in landmarks.columns if _is_points(c) or c.name in (landmarks.key, "time_s", "status")
        )
        schema = replace(landmarks, name="face_mesh", columns=columns)
        return TidyTable(schema, lambda: self._annotations.parts("face_landmarks"), formats=("parquet",))


def _is_points(column: Column) -> bool:
    return bool(column.shape) and not column.labels


def _without_points(schema: TableSchema) -> TableSchema:
    return replace(schema, columns=tuple(c for c in schema.columns if not _is_points(c)))


def joined_schema(left: TableSchema, right: TableSchema, prefix: str = "") -> TableSchema:
    """The schema of ``left_join``'s rows."""
    added = [replace(column, name=name) for column, name in _added(left, right, prefix)]
    return replace(left, columns=(*left.columns, *added))


def _added(left: TableSchema, right: TableSchema, prefix: str) -> Iterator[tuple[Column, str]]:
    """The right columns that the left lacks, and what they are called there."""
    taken = {column.name for column in left.columns}
    for column in right.columns:
        name = f"{prefix}_status" if column.name == "status" else column.name
        if name not in taken:
            yield column, name


def left_join(
    left: tuple[TableSchema, Table], right: tuple[TableSchema, Table], prefix: str = ""
) -> tuple[TableSchema, Table]:
    """Add to each left row the columns of the right row with the same key that the left lacks.

    A left row without a partner gets missing values, and "not_measured" as status. The right table's
    ``status`` is renamed to ``<prefix>_status``. The key is the left schema's; right keys are unique.
    """
    (left_schema, left_rows), (right_schema, right_rows) = left, right
    key = left_schema.key or ""
    order = np.argsort(right_rows[key], kind="stable")
    keys = right_rows[key][order]
    at = np.searchsorted(keys, left_rows[key])
    found = at < len(keys)
    found[found] = keys[at[found]] == left_rows[key][found]
    partner = np.where(found, at, len(keys))  # the row after the last one is the missing one
    arrays = {}
    for column, name in _added(left_schema, right_schema, prefix):
        missing = np.full((1, *column.shape), _missing(column))
        arrays[name] = np.concatenate([right_rows[column.name][order], missing])[partner]
    return joined_schema(left_schema, right_schema, prefix), left_rows.with_columns(**arrays)


def _missing(column: Column) -> float | int | str | bool:
    if column.name == "status":
        return Status.NOT_MEASURED.value
    missing: dict[str, float | int | str | bool] = {"float": np.nan, "int": NO_ID, "text": "", "bool": False}
    return missing[column.kind]
