"""The video as a film: where one shot ends and the next begins, and what kind of place it shows."""

from pydantic import Field

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.domain.tables import SHOTS
from videoannotator.plugin.component import (
    EVERY_FRAME,
    Component,
    Context,
    Needs,
    Parameters,
    Pipeline,
    Session,
    Unavailable,
)

DETECTION_SIDE_PX = 256  # PySceneDetect's own size for comparing pictures


class ShotDetectionParameters(Parameters):
    """How cuts are told from motion."""

    threshold: float = Field(
        27.0,
        gt=0,
        le=255,
        description="A cut is where hue, saturation and brightness change by at least this much on average "
        "from one frame to the next (0 to 255).",
    )
    min_shot_s: float | None = Field(
        None,
        ge=0,
        le=3600,
        description="Cuts closer together than this count as one; empty: 15 frames, as in PySceneDetect.",
        json_schema_extra={"unit": "s"},
    )
    luma_only: bool = Field(
        False, description="Compare brightness alone, e.g. for black-and-white or infrared pictures."
    )


class SceneClassificationParameters(Parameters):
    """How shots would be labelled."""


def _start_shots(parameters: ShotDetectionParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.scene.shots import ShotSession

    return ShotSession(parameters, context, saved)


_NO_SCENE_MODEL = Unavailable(
    ModelState.NOT_INSTALLED,
    "No scene model with a permissive licence can be had without a model hub.",
    "Install a package that brings a scene_classification component of its own.",
)


def _start_classification(parameters: Parameters, context: Context, saved: bytes | None) -> Session:
    raise ComponentUnavailable(_NO_SCENE_MODEL.reason, hint=_NO_SCENE_MODEL.hint)


SHOT_DETECTION = Component(
    name="shot_detection",
    display_name="Shot detection",
    description="Cuts, from every frame's change in hue, saturation and brightness.",
    parameters=ShotDetectionParameters,
    needs=lambda parameters: Needs(frames_per_s=EVERY_FRAME, max_side_px=DETECTION_SIDE_PX),
    produces=(SHOTS,),
    start=_start_shots,
    model_name="PySceneDetect ContentDetector",
)

SCENE_CLASSIFICATION = Component(
    name="scene_classification",
    display_name="Scene classification",
    description="What kind of place each shot shows.",
    parameters=SceneClassificationParameters,
    needs=lambda parameters: Needs(frames_per_s=1.0, annotations=("shot_detection",)),
    produces=(),
    start=_start_classification,
    unavailable=lambda parameters: _NO_SCENE_MODEL,
    default_enabled=False,
)

PIPELINE = Pipeline(
    name="scene_detection",
    display_name="Scene detection",
    description="Where the film was cut.",
    components=(SHOT_DETECTION, SCENE_CLASSIFICATION),
    family="scene",
    output_formats=("json", "csv", "parquet"),
    aliases=("scene",),
)
