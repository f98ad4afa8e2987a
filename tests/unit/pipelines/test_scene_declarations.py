"""What the scene pipeline tells about itself."""

from importlib.util import find_spec

import pytest
from pydantic import ValidationError

from videoannotator.domain.catalogue import ModelState
from videoannotator.pipelines.scene import PIPELINE, SCENE_CLASSIFICATION, SceneClassificationParameters


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_the_command_that_installs_it_is_told():
    unavailable = SCENE_CLASSIFICATION.unavailable(SceneClassificationParameters())
    assert SCENE_CLASSIFICATION in PIPELINE.components
    assert unavailable.state is ModelState.NOT_INSTALLED
    assert unavailable.hint == "Install them with: pip install 'videoannotator[torch]'"


@pytest.mark.parametrize("prompt", ["no place", "{} and {}", "{label}", "{0}"])
def test_a_prompt_has_one_place_for_the_label(prompt):
    with pytest.raises(ValidationError):
        SceneClassificationParameters(prompt=prompt)
