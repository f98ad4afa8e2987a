"""What the scene pipeline tells about itself."""

import pytest

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.pipelines.scene import PIPELINE, SCENE_CLASSIFICATION, SceneClassificationParameters


def test_scene_classification_is_listed_with_the_reason_why_it_cannot_run():
    unavailable = SCENE_CLASSIFICATION.unavailable(SceneClassificationParameters())
    assert SCENE_CLASSIFICATION in PIPELINE.components
    assert unavailable.state is ModelState.NOT_INSTALLED
    assert "licence" in unavailable.reason
    assert unavailable.hint


def test_starting_it_all_the_same_is_refused_with_that_reason():
    with pytest.raises(ComponentUnavailable, match="licence"):
        SCENE_CLASSIFICATION.start(SceneClassificationParameters(), None, None)
