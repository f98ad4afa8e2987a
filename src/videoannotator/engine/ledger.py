"""What a run has done so far: checkpoints from which a killed run goes on as if nothing had happened.

Keys of the store::

    header                 which video and plan the ledger belongs to
    visual/state/000007    sessions' states, decoder position, failures and counters after chunk 7
    visual/spans/000007    from which to which second chunk 7 speaks, for whoever looks for a moment
    visual/chunks/000007   the rows that chunk 7 brought; writing it commits the chunk
    visual/end             the rows that were said at the end; the pass is done
    audio/whisper          the rows of one component; it is done
    counters/visual        what a finished pass cost

State and span are written before their chunk, so a committed chunk always finds what belongs to it; older
states are dropped, so that the ledger grows with the rows alone. Chunks, ``visual/end`` and the audio entries
depend on video and plan only: an interrupted run's are byte-identical to those of an undisturbed one.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from pydantic import Field

from videoannotator.domain.annotations import Outcome, StageCounters
from videoannotator.domain.errors import NothingToResume
from videoannotator.domain.media import Record
from videoannotator.domain.plan import Run
from videoannotator.domain.report import Stage
from videoannotator.domain.store import Store
from videoannotator.domain.table import TIME_COLUMNS, Table, concat
from videoannotator.plugin.component import Annotation

FORMAT = 1  # of the ledger; another one cannot be gone on with
_EPOCH = (1980, 1, 1, 0, 0, 0)
_META = "meta.json"
_HEADER, _END, _AUDIO = "header", "visual/end", "audio/"
_CHUNKS, _STATES, _SPANS = "visual/chunks/", "visual/state/", "visual/spans/"


class Entry(Record):
    """What one commit says besides rows: failures so far and warnings so far, in the order they came."""

    failures: tuple[Outcome, ...] = ()
    warnings: tuple[str, ...] = ()


class State(Entry):
    """Where the visual pass stood after a chunk; ``position`` is the decoder's, as JSON."""

    position: str
    time_s: float
    sessions: dict[str, bytes] = Field(default_factory=dict)
    counters: StageCounters


Rows = Mapping[str, Sequence[Annotation]]  # by component
Span = tuple[float, float]


class Ledger:
    """The checkpoints of one run, in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, run: Run) -> None:
        """Make the ledger this run's, or go on with it; NothingToResume for another run's ledger."""
        header = fingerprint(run).encode()
        found = self._store.get(_HEADER)
        if found is None:
            self._store.put(_HEADER, header)
        elif found != header:
            raise NothingToResume("The checkpoints belong to another video or other settings")

    @property
    def empty(self) -> bool:
        """Whether no run has begun here."""
        return self._store.get(_HEADER) is None

    def commit_chunk(self, index: int, rows: Rows, state: bytes) -> None:
        """Keep a chunk's rows and the state (see ``pack_state``) after it, in one step."""
        self._store.put(f"{_STATES}{index:06d}", state)
        self._store.put(f"{_SPANS}{index:06d}", json.dumps(_span(rows)).encode())
        self._store.put(f"{_CHUNKS}{index:06d}", _zip(_packed(rows)))
        for key in list(self._store.keys(_STATES)):
            if key != f"{_STATES}{index:06d}":
                self._store.delete(key)

    def last_chunk(self) -> tuple[int, bytes] | None:
        """Index of the last committed chunk and the state after it; None at the beginning."""
        keys = list(self._store.keys(_CHUNKS))
        if not keys:
            return None
        index = int(keys[-1].rpartition("/")[2])
        state = self._store.get(f"{_STATES}{index:06d}")
        if state is None:
            raise NothingToResume("The checkpoints are damaged: a state is missing")
        return index, state

    def commits(self) -> tuple[str, ...]:
        """The keys of everything that has been said, in order: chunks, the end, audio. None ever changes."""
        visual = (key for key in self._store.keys("visual/") if is_chunk(key) or key == _END)
        return (*visual, *self._store.keys(_AUDIO))

    def span(self, commit: str) -> Span | None:
        """From which to which second a chunk speaks; None for other commits, and where nothing has a time."""
        data = self._store.get(_SPANS + commit.removeprefix(_CHUNKS)) if is_chunk(commit) else None
        found = json.loads(data) if data else None
        return (found[0], found[1]) if found else None

    def tables(self, commit: str, columns: Mapping[str, Collection[str]]) -> dict[str, list[Table]]:
        """What one commit says, of every component: of the tables named, the columns named."""
        found: dict[str, list[Table]] = {}
        for name, data in _members(self._store.get(commit)):
            if name in columns:
                found.setdefault(name, []).append(Table.from_bytes(data(), columns[name]))
        return found

    def commit_end(self, rows: Rows, entry: Entry) -> None:
        """Keep what was said at the end: the visual pass is done."""
        self._store.put(_END, _zip(_packed(rows) | _described(entry)))

    def end(self) -> Entry | None:
        """How the visual pass ended; None while it has not."""
        return self._entry(_END)

    def commit_audio(self, component: str, rows: Sequence[Annotation], entry: Entry) -> None:
        """Keep all that one audio component said: it is done."""
        self._store.put(f"{_AUDIO}{component}", _zip(_packed({component: rows}) | _described(entry)))

    def audio(self, component: str) -> Entry | None:
        """How an audio component ended; None while it has not."""
        return self._entry(f"{_AUDIO}{component}")

    def put_counters(self, stage: Stage, counters: StageCounters) -> None:
        """Keep what a pass has cost so far."""
        self._store.put(f"counters/{stage}", counters.model_dump_json().encode())

    def counters(self, stage: Stage) -> StageCounters | None:
        """What a pass has cost; None before anything was kept."""
        data = self._store.get(f"counters/{stage}")
        return None if data is None else StageCounters.model_validate_json(data)

    def rows(self, component: str, table: str) -> Iterator[Table]:
        """What a component said for one table, commit by commit, in order."""
        for key in (*self._store.keys(_CHUNKS), _END, f"{_AUDIO}{component}"):
            if (data := self._store.get(key)) is not None:
                yield from _tables(data, component, table)

    def _entry(self, key: str) -> Entry | None:
        data = self._store.get(key)
        if data is None:
            return None
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return Entry.model_validate_json(archive.read(_META))


def is_chunk(commit: str) -> bool:
    """Whether a commit is a chunk of the visual pass, and speaks of a stretch of the video only."""
    return commit.startswith(_CHUNKS)


def is_visual(commit: str) -> bool:
    """Whether a commit comes from the visual pass; the others are each an audio component's."""
    return is_chunk(commit) or commit == _END


def fingerprint(run: Run) -> str:
    """SHA-256 over everything that decides what a run says: the video's bytes, the stretch, every step."""
    steps = (step.model_dump_json() for step in run.plan.steps)
    clip = f"{run.video.clip_start_s} {run.video.clip_end_s}"
    return hashlib.sha256("\n".join((str(FORMAT), run.video.id, clip, *steps)).encode()).hexdigest()


def pack_state(state: State) -> bytes:
    """A state as bytes; sessions' states are kept as they are, beside the JSON."""
    members = {f"sessions/{name}": data for name, data in state.sessions.items()}
    return _zip({_META: state.model_dump_json(exclude={"sessions"}).encode(), **members})


def unpack_state(data: bytes) -> State:
    """Inverse of ``pack_state``."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        state = State.model_validate_json(archive.read(_META))
        names = [name for name in archive.namelist() if name.startswith("sessions/")]
        sessions = {name.partition("/")[2]: archive.read(name) for name in names}
    return state.model_copy(update={"sessions": sessions})


def _packed(rows: Rows) -> dict[str, bytes]:
    """The kept rows as members ``component/table``: many small ones would take long to read again."""
    kept: dict[str, list[Table]] = {}
    for component, annotations in rows.items():
        for annotation in annotations:
            if annotation.kept:
                kept.setdefault(f"{component}/{annotation.table}", []).append(annotation.rows)
    return {name: concat(tables).to_bytes() for name, tables in kept.items()}


def _span(rows: Rows) -> Span | None:
    kept = [one.rows for annotations in rows.values() for one in annotations if one.kept]
    times = [table[name] for table in kept for name in TIME_COLUMNS if name in table and len(table)]
    return (min(float(one.min()) for one in times), max(float(one.max()) for one in times)) if times else None


def _described(entry: Entry) -> dict[str, bytes]:
    return {_META: entry.model_dump_json().encode()}


def _tables(data: bytes, component: str, table: str) -> Iterator[Table]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.split("/")[:2] == [component, table]:
                yield Table.from_bytes(archive.read(name))


def _members(data: bytes | None) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Each kept table of a commit: its name, and its bytes for whoever wants them."""
    if data is not None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                if name != _META:
                    yield name.split("/")[1], partial(archive.read, name)


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    # Stored, not deflated: tables are compressed already. A fixed date makes equal members equal bytes.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return buffer.getvalue()
