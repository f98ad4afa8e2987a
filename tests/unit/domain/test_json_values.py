import math

import pytest
from pydantic import TypeAdapter, ValidationError

from videoannotator.domain.json_values import MAX_BYTES, SmallObject, SmallValue


@pytest.mark.parametrize("value", [0, -0.5, 1.7e308, "\N{GRINNING FACE}", True, [], {"a": [None, {"b": 1}]}])
def test_what_json_can_hold_is_kept_as_it_is(value):
    assert TypeAdapter(SmallValue).validate_python(value) == value


@pytest.mark.parametrize("value", [math.inf, math.nan, 2**64, "\ud800", "x" * MAX_BYTES])
def test_what_could_not_be_read_again_is_refused(value):
    with pytest.raises(ValidationError):
        TypeAdapter(SmallObject).validate_python({"deep": [value]})


def test_a_number_that_is_infinite_as_a_double_is_refused():
    with pytest.raises(ValidationError, match="too large"):
        TypeAdapter(SmallObject).validate_json('{"a": 1e999}')
