from dataclasses import replace
from pathlib import Path

import pytest
from tests.synthetic.plugins import LIGHT, REGISTRY, LevelParameters

from videoannotator.domain.errors import (
    AmbiguousParameter,
    ComponentUnavailable,
    ManyProblems,
    NothingToAnnotate,
    UnknownComponent,
    VideoAnnotatorError,
)
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Plan, Selection
from videoannotator.engine.plan import make_plan
from videoannotator.plugin.registry import Registry
from videoannotator.weights.library import Library

VIDEO = Video(
    id="0" * 64, path=Path("clip.mp4"), name="clip.mp4", size_bytes=1, duration_s=4.0,
    width_px=64, height_px=48, has_audio=True,
)  # fmt: skip
SILENT = VIDEO.model_copy(update={"has_audio": False})
BLIND = VIDEO.model_copy(update={"has_video": False})


@pytest.fixture
def plan(tmp_path):
    def make(video: Video = VIDEO, registry: Registry = REGISTRY, **selection: object) -> Plan:
        return make_plan(video, registry, Selection.model_validate(selection), Library((), tmp_path))

    return make


def names(plan: Plan) -> list[str]:
    return [step.component for step in plan.steps]


def test_without_a_choice_every_default_that_can_run_here_runs(plan):
    made = plan()
    assert names(made) == ["loudness", "level", "sum"]
    assert [step.passes for step in made.steps] == ["audio", "visual", "visual"]
    assert all(step.requested for step in made.steps)
    assert made.warnings == ("absent is left out: its weights are nowhere",)


def test_every_parameter_value_stands_in_the_plan(plan):
    (step,) = plan(components=["level"], config={"light": {"level": {"frames_per_s": 2}}}).steps
    assert step.parameters == LevelParameters(frames_per_s=2).model_dump()


def test_naming_a_component_runs_exactly_it_and_what_it_needs(plan):
    made = plan(components=["sum"])
    assert [(step.component, step.requested) for step in made.steps] == [("level", False), ("sum", True)]
    assert made.steps[1].after == ("level",)


def test_needed_components_come_first_whatever_the_order_of_declaration(plan):
    turned = Registry((replace(LIGHT, components=LIGHT.components[::-1]),))
    assert names(plan(registry=turned, components=["sum"])) == ["level", "sum"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"pipelines": []}, ["loudness", "level", "sum"]),
        ({"pipelines": ["lamp"]}, ["level", "sum"]),
        ({"pipelines": ["brightness"]}, ["level"]),
        ({"pipelines": ["noise", "brightness"]}, ["loudness", "level"]),
        ({"pipelines": ["light"], "components": ["level"]}, ["level"]),
        ({"config": {"light": {"components": ["level"]}}}, ["loudness", "level"]),
        ({"config": {"light": {"sum": False}}}, ["loudness", "level"]),
        ({"config": {"light": {"sum": {"enabled": False}}}}, ["loudness", "level"]),
        ({"config": {"light": {"level": {"enabled": False}}}}, ["loudness", "level", "sum"]),
        ({"overrides": ["sum.enabled=false"]}, ["loudness", "level"]),
        ({"overrides": ["sum=false"]}, ["loudness", "level"]),
    ],
)
def test_choices(plan, selection, expected):
    assert names(plan(**selection)) == expected


@pytest.mark.parametrize(
    "config",
    [
        {"light": {"level": {"region": "left"}}},
        {"lamp": {"brightness": {"region": "left"}}},
        {"level": {"region": "left"}},
        {"level.region": "left"},
        {"light.level.region": "left"},
        {"light": {"region": "left"}},
        {"region": "left"},
    ],
)
def test_every_way_to_write_a_parameter_means_the_same(plan, config):
    assert plan(components=["level"], config=config).steps[0].parameters["region"] == "left"


def test_dotted_keys_of_one_component_are_taken_together(plan):
    config = {
        "light.level.region": "left",
        "light.level.frames_per_s": 3,
        "light": {"level": {"strict": True}},
    }
    parameters = plan(components=["level"], config=config).steps[0].parameters
    assert (parameters["region"], parameters["frames_per_s"], parameters["strict"]) == ("left", 3.0, True)


def test_overrides_win_over_the_configuration(plan):
    made = plan(components=["level"], config={"level": {"region": "left"}}, overrides=["level.region=right"])
    assert made.steps[0].parameters["region"] == "right"


def test_a_bare_parameter_that_several_components_have_is_refused_with_the_candidates(plan):
    with pytest.raises(AmbiguousParameter) as refused:
        plan(config={"gain": 2})
    assert refused.value.field == "config.gain"
    assert "loudness.gain" in refused.value.hint
    assert "sum.gain" in refused.value.hint


def test_a_bare_parameter_inside_a_pipeline_needs_to_be_unique_there_only(plan):
    assert plan(components=["sum"], config={"light": {"gain": 2}}).steps[1].parameters["gain"] == 2.0


def test_all_problems_are_told_with_their_places(plan):
    with pytest.raises(ManyProblems) as refused:
        plan(
            pipelines=["lihgt"],
            config={
                "light": {"level": {"frames_per_s": 0, "regoin": "left"}, "sums": {}},
                "sound": 3,
                "nix": 1,
            },
            overrides=["level"],
        )
    found = {problem.field: problem.code for problem in refused.value.problems}
    assert found == {
        "selected_pipelines": "PIPELINE_NOT_FOUND",
        "config.light.level.frames_per_s": "VALUE_OUT_OF_RANGE",
        "config.light.level.regoin": "PARAMETER_NOT_FOUND",
        "config.light.sums": "COMPONENT_NOT_FOUND",
        "config.sound": "INVALID_FIELD_TYPE",
        "config.nix": "PARAMETER_NOT_FOUND",
        "level": "INVALID_REQUEST",
    }


def test_a_component_list_names_its_unknown_member(plan):
    with pytest.raises(UnknownComponent) as refused:
        plan(config={"light": {"components": ["level", "smu"]}})
    assert (refused.value.field, "Did you mean sum?" in refused.value.hint) == (
        "config.light.components.1",
        True,
    )


@pytest.mark.parametrize(
    ("selection", "field"),
    [
        ({"components": ["absent"]}, "components"),
        ({"pipelines": ["light.absent"]}, "selected_pipelines"),
        ({"config": {"light": {"absent": True}}}, "config.light.absent"),
        ({"config": {"light": {"components": ["absent"]}}}, "config.light.components"),
    ],
)
def test_a_named_component_that_cannot_run_here_is_refused_with_the_reason(plan, selection, field):
    with pytest.raises(ComponentUnavailable, match="its weights are nowhere") as refused:
        plan(**selection)
    assert (refused.value.field, refused.value.hint) == (field, "Make some.")


def test_what_the_video_cannot_serve_is_left_out_with_a_warning(plan):
    silent = plan(SILENT)
    assert names(silent) == ["level", "sum"]
    assert "loudness is left out: the video has no sound" in silent.warnings
    blind = plan(BLIND)
    assert names(blind) == ["loudness"]
    assert "level is left out: the file has no pictures" in blind.warnings


def test_a_video_that_serves_nothing_chosen_is_refused(plan):
    with pytest.raises(NothingToAnnotate, match="no sound"):
        plan(SILENT, pipelines=["sound"])


def test_the_same_choice_gives_the_same_plan(plan):
    assert plan() == plan()


def test_problems_say_what_to_do(plan):
    with pytest.raises(VideoAnnotatorError) as refused:
        plan(overrides=["levle.region=left"])
    assert "Did you mean level?" in refused.value.hint
