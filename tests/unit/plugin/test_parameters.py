import pytest
from tests.synthetic.plugins import LevelParameters

from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.plugin.parameters import check, describe
from videoannotator.plugin.registry import load_registry


def problems(**values: object) -> list[VideoAnnotatorError]:
    return list(check(LevelParameters, values, "config.light.level")[1])


def test_a_declaration_gives_one_record_per_field():
    known = {parameter.name: parameter for parameter in describe(LevelParameters)}
    assert {name: one.type for name, one in known.items()} == {
        "frames_per_s": "float",
        "region": "enum",
        "delay_s": "float",
        "fail_at": "integer",
        "names": "list",
        "strict": "boolean",
        "shout": "boolean",
        "crash": "boolean",
    }
    assert (known["frames_per_s"].min, known["frames_per_s"].max, known["frames_per_s"].default) == (
        0,
        60,
        5.0,
    )
    assert known["region"].enum == ("all", "left", "right")
    assert known["delay_s"].unit == "s"
    assert known["fail_at"].nullable
    assert not known["strict"].nullable


def test_values_of_the_right_kind_are_taken_and_defaults_filled_in():
    model, found = check(LevelParameters, {"frames_per_s": 2}, "config.light.level")
    assert found == []
    assert model is not None
    assert model.model_dump() == LevelParameters(frames_per_s=2).model_dump()


def test_texts_are_read_as_the_type_of_their_parameter():
    texts = {"frames_per_s": "2.5", "strict": "true", "fail_at": "none", "names": "a, b", "region": "left"}
    model, found = check(LevelParameters, texts, "config.light.level")
    assert found == []
    assert model == LevelParameters(frames_per_s=2.5, strict=True, names=["a", "b"], region="left")


@pytest.mark.parametrize(
    ("values", "code", "hint"),
    [
        ({"frames_per_s": 61}, "VALUE_OUT_OF_RANGE", "from 0 to 60"),
        ({"frames_per_s": 0}, "VALUE_OUT_OF_RANGE", "from 0 to 60"),
        ({"frames_per_s": float("nan")}, "VALUE_OUT_OF_RANGE", "float"),
        ({"frames_per_s": "fast"}, "INVALID_FIELD_TYPE", "float"),
        ({"frames_per_s": True}, "INVALID_FIELD_TYPE", "float"),
        ({"frames_per_s": None}, "INVALID_FIELD_TYPE", "float"),
        ({"fail_at": 1.5}, "INVALID_FIELD_TYPE", "integer"),
        ({"fail_at": -1}, "VALUE_OUT_OF_RANGE", "at least 0"),
        ({"region": "lef"}, "VALUE_OUT_OF_RANGE", "Did you mean left?"),
        ({"names": 3}, "INVALID_FIELD_TYPE", "list"),
        ({"frame_per_s": 3}, "PARAMETER_NOT_FOUND", "Did you mean frames_per_s?"),
    ],
)
def test_a_wrong_value_is_refused_with_place_code_and_hint(values, code, hint):
    (problem,) = problems(**values)
    assert (problem.code, problem.field) == (code, f"config.light.level.{next(iter(values))}")
    assert hint in problem.hint


def test_all_problems_are_told_at_once():
    assert {problem.field.rpartition(".")[2] for problem in problems(frames_per_s=-1, region="up", x=1)} == {
        "frames_per_s",
        "region",
        "x",
    }


REGISTRY = load_registry()


@pytest.mark.parametrize("name", REGISTRY.component_names)
def test_the_bounds_that_are_told_are_themselves_allowed(name: str):
    declaration = REGISTRY.component(name).parameters
    for parameter in describe(declaration):
        for bound in (parameter.min, parameter.max):
            if bound is not None:
                found = check(declaration, {parameter.name: bound}, "config")[1]
                assert f"config.{parameter.name}" not in [problem.field for problem in found]
