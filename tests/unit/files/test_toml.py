"""What is written must be read back by the standard library's reader."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from videoannotator.files import toml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4), max_leaves=8)
TABLES = st.recursive(
    st.dictionaries(TEXT, VALUES, max_size=4), lambda inner: st.dictionaries(TEXT, inner | VALUES, max_size=4)
)


@given(TABLES)
def test_any_document_is_read_back(document: dict[str, object]) -> None:
    assert tomllib.loads(toml.dumps(document)) == document


def test_objects_within_lists_are_inline_tables() -> None:
    assert tomllib.loads(toml.dumps({"a": [{"b": 1}]})) == {"a": [{"b": 1}]}


def test_null_becomes_the_text_that_parameters_read_as_null() -> None:
    assert toml.dumps({"a": {"b": None}}) == '[a]\nb = "null"\n'
