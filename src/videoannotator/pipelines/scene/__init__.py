"""The video as a film: where one shot ends and the next begins, and what kind of place it shows."""

from pathlib import Path

from pydantic import Field

from videoannotator.domain.tables import SCENE_LABELS, SHOTS
from videoannotator.plugin import torch_runtime
from videoannotator.plugin.component import (
    EVERY_FRAME,
    Component,
    Context,
    Needs,
    Parameters,
    Pipeline,
    Session,
)
from videoannotator.plugin.devices import OnDevice

CLIP = "clip-vit-base-patch32"
DETECTION_SIDE_PX = 256  # PySceneDetect's own size for comparing pictures


class ShotDetectionParameters(Parameters):
    """How cuts are told from motion."""

    threshold: float = Field(
        27.0,
        ge=0.001,
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


class SceneClassificationParameters(OnDevice):
    """Which labels are tried, and on how many frames."""

    labels: tuple[str, ...] = Field(
        ("living room", "kitchen", "bedroom", "playroom", "classroom", "office", "laboratory", "street",
         "playground", "garden"),
        min_length=2,
        max_length=200,
        description="The labels among which each shot is given one; the model knows no others.",
    )  # fmt: skip
    prompt: str = Field(
        "a photo of a {}",
        pattern=r"^[^{}]*\{\}[^{}]*$",
        description="The sentence in which a label is shown to the model, with {} in its place.",
    )
    frames_per_s: float = Field(
        2.0, ge=0.001, le=60, description="How many frames are looked at.", json_schema_extra={"unit": "1/s"}
    )
    batch_size: int = Field(16, ge=1, le=512, description="Frames that the model sees together.")


def _start_shots(parameters: ShotDetectionParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.scene.shots import ShotSession

    return ShotSession(parameters, context, saved)


def _start_classification(
    parameters: SceneClassificationParameters, context: Context, saved: bytes | None
) -> Session:
    from videoannotator.pipelines.scene.classification import ClassificationSession

    return ClassificationSession(parameters, context, saved)


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
    display_name="Scene classification (CLIP)",
    description="Which of your labels fits each shot best.",
    parameters=SceneClassificationParameters,
    needs=lambda parameters: Needs(frames_per_s=parameters.frames_per_s, annotations=("shot_detection",)),
    produces=(SCENE_LABELS,),
    start=_start_classification,
    weights=lambda parameters: (CLIP,),
    unavailable=lambda parameters: torch_runtime.missing(),
    default_enabled=False,
    model_name="CLIP ViT-B/32",
    caveat="always one of the given labels, even where none fits",
)

PIPELINE = Pipeline(
    name="scene_detection",
    display_name="Scene detection",
    description="Where the film was cut, and what kind of place each shot shows.",
    components=(SHOT_DETECTION, SCENE_CLASSIFICATION),
    family="scene",
    output_formats=("json", "csv", "parquet"),
    aliases=("scene",),
    weights_manifest=Path(__file__).with_name("weights.toml"),
)
