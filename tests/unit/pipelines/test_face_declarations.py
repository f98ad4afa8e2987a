"""What the pipeline says of itself, without any model."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from videoannotator.domain.catalogue import ModelState
from videoannotator.pipelines.face import PIPELINE

COMPONENTS = {component.name: component for component in PIPELINE.components}


def test_listing_the_components_loads_no_heavy_library():
    code = (
        "import sys, videoannotator.pipelines.face;"
        "assert not {'cv2', 'scipy', 'onnxruntime', 'ai_edge_litert', 'torch', 'av'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_doubtful_components_are_off_by_default():
    on = [name for name, component in COMPONENTS.items() if component.default_enabled]
    assert on == ["face_detection", "face_landmarks", "age_estimation", "emotion_recognition"]


def test_frames_per_s_is_the_rate_at_which_faces_are_looked_for():
    detection = COMPONENTS["face_detection"]
    assert detection.needs(detection.parameters()).frames_per_s == 10
    assert detection.needs(detection.parameters(frames_per_s=3)).frames_per_s == 3


@pytest.mark.parametrize(("link", "needed"), [(True, ("person_detection", "tracking")), (False, ())])
def test_people_are_tracked_only_where_faces_are_linked_to_them(link, needed):
    detection = COMPONENTS["face_detection"]
    assert detection.needs(detection.parameters(link_to_people=link)).annotations == needed


def test_measurements_see_the_frames_on_which_faces_were_found():
    for name in ("face_landmarks", "age_estimation", "gender_estimation", "emotion_recognition"):
        component = COMPONENTS[name]
        needs = component.needs(component.parameters())
        assert (needs.frames_of, needs.annotations) == ("face_detection", ("face_detection",))


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_laion_face_says_how_to_install_it():
    component = COMPONENTS["laion_face"]
    assert component.aliases == ("face_laion_clip",)
    assert "videoannotator[torch]" in component.unavailable(component.parameters()).hint


def test_openface3_says_how_its_environment_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    component = COMPONENTS["openface3"]
    missing = component.unavailable(component.parameters())
    assert component.aliases == ("face_openface3_embedding",)
    assert missing.state is ModelState.NOT_INSTALLED
    assert missing.hint == "Make it with: videoannotator env create openface3"


def test_every_parameter_is_described_and_bounded():
    for component in PIPELINE.components:
        for name, field in component.parameters.model_fields.items():
            assert field.description, f"{component.name}.{name}"
            assert field.annotation is bool or field.metadata, f"{component.name}.{name}"
