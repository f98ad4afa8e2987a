"""People in the picture: where they are, how they stand, and who is who over time."""

from pathlib import Path

from pydantic import Field

from videoannotator.domain.tables import PEOPLE, TRACKS
from videoannotator.plugin.component import (
    EVERY_FRAME,
    Component,
    Context,
    Needs,
    Parameters,
    Pipeline,
    Session,
)

MODEL = "movenet-multipose"
CUT_SIDE_PX = 256  # as shot_detection sees the video, so that one small copy of each frame serves both


class PersonDetectionParameters(Parameters):
    """How people are looked for in single frames."""

    frames_per_s: float = Field(
        10.0,
        ge=0.001,
        le=240,
        description="Frames looked at per second of video; at least 5 for tracking.",
        json_schema_extra={"unit": "1/s"},
    )
    confidence_threshold: float = Field(
        0.08, ge=0, le=1, description="Drop people scored below this; the model's scores are low by nature."
    )
    max_persons: int = Field(6, ge=1, le=6, description="Keep at most this many people, the surest first.")
    canvas_px: int = Field(
        320,
        ge=128,
        le=1280,
        multiple_of=32,
        description="Longer side of the picture as the model sees it, border included.",
        json_schema_extra={"unit": "px"},
    )
    border_fraction: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Black border on each side, as a part of the longer side; "
        "without one, people at the edge are missed.",
    )
    overlap_threshold: float = Field(
        0.8,
        ge=0.001,
        le=1,
        description="Drop a box when at least this part of it lies in the box of a surer person; "
        "1 drops only boxes that lie entirely inside.",
    )
    refine_keypoints: bool = Field(
        True, description="Look at each person's crop once more for keypoints: more exact, and slower."
    )
    keypoint_threshold: float = Field(
        0.2, ge=0, le=1, description="Keypoints scored below this count as not seen (NaN)."
    )


class TrackingParameters(Parameters):
    """How detections become persons over time."""

    activation_threshold: float = Field(
        0.12, ge=0, le=1, description="Only a detection scored at least this starts a new person."
    )
    match_threshold: float = Field(
        0.15,
        ge=0,
        le=1,
        description="Least overlap (intersection over union) between where a person is expected, or around "
        "where they just were, and a detection that continues it.",
    )
    max_gap_s: float = Field(
        2.0,
        ge=0,
        le=60,
        description="A person unseen for longer than this gets a new id.",
        json_schema_extra={"unit": "s"},
    )
    min_hits: int = Field(
        1,
        ge=1,
        le=100,
        description="Detections it takes until a person gets an id; earlier ones have none. "
        "Raise it where things are taken for people now and then.",
    )
    cut_threshold: float | None = Field(
        27.0,
        ge=0.001,
        le=255,
        description="Nobody is followed across a cut: a frame whose hue, saturation and brightness differ by "
        "at least this much on average from the frame before (0 to 255); empty: cuts are not looked for.",
    )


def _tracking_needs(parameters: TrackingParameters) -> Needs:
    people = ("person_detection",)
    if parameters.cut_threshold is None:
        return Needs(annotations=people)
    return Needs(frames_per_s=EVERY_FRAME, max_side_px=CUT_SIDE_PX, annotations=people)


def _start_detection(parameters: PersonDetectionParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.person.detection import DetectionSession

    return DetectionSession(parameters, context, saved)


def _start_tracking(parameters: TrackingParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.person.tracking import TrackingSession

    return TrackingSession(parameters, saved)


PERSON_DETECTION = Component(
    name="person_detection",
    display_name="Person detection",
    description="A box and 17 COCO keypoints for every person in each sampled frame.",
    parameters=PersonDetectionParameters,
    needs=lambda parameters: Needs(frames_per_s=parameters.frames_per_s),
    produces=(PEOPLE,),
    start=_start_detection,
    weights=lambda parameters: (MODEL,),
    model_name="MoveNet MultiPose Lightning",
)

TRACKING = Component(
    name="tracking",
    display_name="Person tracking",
    description="The same id for the same person from frame to frame, within a shot.",
    parameters=TrackingParameters,
    needs=_tracking_needs,
    produces=(TRACKS,),
    start=_start_tracking,
    model_name="Kalman filter and matching in stages (ByteTrack, C-BIoU)",
)

PIPELINE = Pipeline(
    name="person_tracking",
    display_name="Person tracking",
    description="Boxes and body keypoints of everyone in the picture, followed over time.",
    components=(PERSON_DETECTION, TRACKING),
    family="person",
    output_formats=("coco", "csv", "parquet"),
    aliases=("person",),
    weights_manifest=Path(__file__).with_name("weights.toml"),
)
