import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.synthetic.jobs import ready

from videoannotator.db.database import Database, sqlite_url
from videoannotator.domain.errors import TokenRevoked
from videoannotator.services.memo import Memo
from videoannotator.services.tokens import Tokens


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """One file, opened twice as by two processes."""
    url = sqlite_url(tmp_path / "test.sqlite")
    both = ready(url), Database(url)
    yield both
    for one in both:
        one.close()


def test_what_was_read_is_kept_until_anybody_commits(databases: tuple[Database, Database]) -> None:
    memo, n_reads = Memo[int](databases[0]), 0

    def read() -> int:
        nonlocal n_reads
        n_reads += 1
        return n_reads

    assert [memo.get("one", read), memo.get("one", read), memo.get("other", read)] == [1, 1, 2]
    for number, writer in enumerate(databases):
        Tokens(writer).create(f"key {number}", owner="me")
        assert [memo.get("one", read), asyncio.run(memo.ask("one", read))] == [3 + number] * 2
    assert asyncio.run(memo.ask("new", read)) == 5


def test_a_memo_does_not_grow_for_ever(databases: tuple[Database, Database]) -> None:
    memo, n_reads = Memo[int](databases[0], most=4), 0

    def read() -> int:
        nonlocal n_reads
        n_reads += 1
        return n_reads

    for number in range(9):
        memo.get(number, read)
    assert memo.get(0, read) == 10
    assert memo.get(8, read) == 9


def test_a_key_counts_as_soon_as_it_is_made_and_no_longer_than_it_lasts(
    databases: tuple[Database, Database],
) -> None:
    here, there = (Tokens(one) for one in databases)
    key, text = there.create("key", owner="me")
    assert here.authenticate(text) == asyncio.run(here.recognise(text))
    there.revoke(key.id, None)
    for authenticate in (here.authenticate, lambda text: asyncio.run(here.recognise(text))):
        with pytest.raises(TokenRevoked):
            authenticate(text)
