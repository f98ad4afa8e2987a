import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.synthetic.plugins import ABSENT, LEVEL, LIGHT, REGISTRY, SOUND, SUM

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import UnknownComponent, UnknownPipeline
from videoannotator.plugin.component import Needs
from videoannotator.plugin.parameters import check, describe
from videoannotator.plugin.registry import Place, Registry, load_registry
from videoannotator.weights.library import Library

HEAVY = ("torch", "onnxruntime", "cv2", "av", "faster_whisper", "ctranslate2", "ai_edge_litert",
         "scenedetect", "scipy", "pyarrow", "onnx", "transformers", "soundfile")  # fmt: skip


@pytest.fixture
def library(tmp_path) -> Library:
    return Library((), tmp_path)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("light", Place("light")),
        ("lamp", Place("light")),
        ("level", Place("light", "level")),
        ("brightness", Place("light", "level")),
        ("light.sum", Place("light", "sum")),
        ("lamp.brightness", Place("light", "level")),
        (" Lamp ", Place("light")),
    ],
)
def test_names_and_aliases_mean_pipelines_and_components(name, place):
    assert REGISTRY.resolve(name) == place


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(UnknownPipeline) as refused:
        REGISTRY.resolve("levle")
    assert "Did you mean level?" in refused.value.hint
    with pytest.raises(UnknownComponent) as refused:
        REGISTRY.resolve_in("light", "summ")
    assert "Did you mean sum?" in refused.value.hint


def test_a_plugin_may_add_components_to_a_pipeline_that_is_there():
    extra = replace(LIGHT, components=(replace(LEVEL, name="glow", aliases=()),))
    registry = Registry((LIGHT,)).plus(extra)
    assert [component.name for component in registry.pipeline("light").components] == [
        "level",
        "sum",
        "absent",
        "glow",
    ]


@pytest.mark.parametrize(
    "loaded",
    [
        "not a pipeline",
        replace(SOUND, components=(LEVEL,)),
        replace(SOUND, components=("level",)),
        replace(
            SOUND, components=(replace(LEVEL, name="new", needs=lambda p: Needs(frames_per_s=p.nothing)),)
        ),
        replace(SOUND, components=(replace(LEVEL, name="new", needs=lambda p: Needs(annotations=("new",))),)),
        replace(SOUND, weights_manifest=Path("/nowhere/weights.toml")),
    ],
)
def test_what_does_not_keep_the_protocol_is_refused(loaded):
    with pytest.raises(Exception):  # noqa: B017, PT011  (each in its own way; the loader lists them all)
        Registry((LIGHT,)).plus(loaded)


def test_the_catalogue_says_what_cannot_run_and_why(library):
    light = next(pipeline for pipeline in REGISTRY.catalogue(library) if pipeline.name == "light")
    level, total, absent = light.components
    assert light.enabled
    assert (level.enabled, level.state, level.disabled_reason) == (True, ModelState.READY, None)
    assert total.needs == ("level",)
    assert (absent.enabled, absent.state) == (False, ModelState.NOT_INSTALLED)
    assert (absent.disabled_reason, absent.hint) == ("its weights are nowhere", "Make some.")


def test_weights_that_nobody_declares_disable_their_component(library):
    lost = replace(LEVEL, weights=lambda p: ("nowhere",))
    (pipeline,) = Registry((replace(LIGHT, components=(lost,)),)).catalogue(library)
    assert not pipeline.enabled
    assert pipeline.components[0].state is ModelState.FAILED
    assert "nowhere" in (pipeline.components[0].disabled_reason or "")


def test_what_needs_a_component_that_cannot_run_cannot_run_either(library):
    needy = replace(SUM, needs=lambda p: Needs(annotations=("absent",)))
    (pipeline,) = Registry((replace(LIGHT, components=(needy, ABSENT)),)).catalogue(library)
    assert not pipeline.enabled
    shown = pipeline.components[0]
    assert (shown.enabled, shown.state, shown.hint) == (False, ModelState.NOT_INSTALLED, "Make some.")


def test_a_broken_plugin_is_listed_with_the_reason_and_stops_nothing(tmp_path, monkeypatch, library):
    package = tmp_path / "broken-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[test.pipelines]\nbroken = broken_plugin:PIPELINE\nlight = tests.synthetic.plugins:LIGHT\n"
    )
    (tmp_path / "broken_plugin.py").write_text("raise OSError('no driver')\n")
    monkeypatch.syspath_prepend(tmp_path)
    catalogue = load_registry("test.pipelines").catalogue(library)
    assert [(pipeline.name, pipeline.enabled) for pipeline in catalogue] == [
        ("light", True),
        ("broken", False),
    ]
    assert catalogue[1].disabled_reason == "OSError: no driver"
    assert "broken" in (catalogue[1].hint or "")


def test_every_bound_that_is_shown_is_allowed():
    registry = load_registry()
    for name in registry.component_names:
        declaration = registry.component(name).parameters
        for parameter in describe(declaration):
            for bound in {parameter.min, parameter.max} - {None}:
                problems = check(declaration, {parameter.name: bound}, name)[1]
                assert f"{name}.{parameter.name}" not in [problem.field for problem in problems]


def test_listing_the_installed_pipelines_imports_no_heavy_library():
    code = (
        "import sys; from videoannotator import bootstrap; registry = bootstrap.open_registry();"
        "registry.catalogue(bootstrap.open_library(registry));"
        f"print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
