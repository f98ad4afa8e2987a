"""What a person may choose for each component of the face analysis."""

from pydantic import Field

from videoannotator.plugin.component import Parameters
from videoannotator.plugin.devices import OnDevice


class FaceDetectionParameters(Parameters):
    """Where faces are looked for, and which candidates are kept."""

    frames_per_s: float = Field(
        10.0,
        ge=0.001,
        le=120,
        description="How many frames are looked at.",
        json_schema_extra={"unit": "1/s"},
    )
    confidence_threshold: float = Field(0.5, ge=0.05, le=1, description="Drop faces scored below this.")
    presence_threshold: float = Field(
        0.5, ge=0, le=1, description="Drop faces that the face mesh is less sure of than this; 0 keeps all."
    )
    tiles: bool = Field(True, description="Look at overlapping tiles too: finds small faces, costs time.")
    tile_fraction: float = Field(
        0.75, ge=0.25, le=1, description="Side of a tile as a part of the picture's shorter side."
    )
    min_face_px: float = Field(
        0.0, ge=0, description="Drop faces whose box is narrower than this.", json_schema_extra={"unit": "px"}
    )
    link_to_people: bool = Field(
        True,
        description="Give each face the track of the person it belongs to (runs the person tracking); "
        "otherwise faces are followed by the overlap of their boxes and get tracks of their own.",
    )


class PerFaceParameters(Parameters):
    """What all measurements of a found face have in common."""

    min_presence: float = Field(
        0.5, ge=0, le=1, description="A face that the mesh is less sure of than this counts as not visible."
    )


class FaceLandmarksParameters(PerFaceParameters):
    """What is measured on the mesh."""

    iris: bool = Field(True, description="Find the irises; without them there is no gaze.")


class AgeParameters(PerFaceParameters, OnDevice):
    """Nothing beyond what all measurements share."""


class GenderParameters(PerFaceParameters, OnDevice):
    """Nothing beyond what all measurements share."""


class ExpressionParameters(PerFaceParameters):
    """How the face is cut out, and how far the scores are smoothed."""

    margin: float = Field(
        0.1, ge=0, le=1, description="Picture added on every side of the face, as a part of its width."
    )
    smoothing_s: float = Field(
        0.5,
        ge=0,
        le=60,
        description="Time constant of the smoothing along a track; 0 leaves the scores as they are.",
        json_schema_extra={"unit": "s"},
    )


class LaionFaceParameters(PerFaceParameters, OnDevice):
    """Which heads score a face, and how often."""

    emotions: tuple[str, ...] = Field(
        (), max_length=100, description="Heads that score, e.g. Elation; empty: all of them."
    )
    interval_s: float = Field(
        1.0,
        ge=0,
        le=3600,
        description="Look at the face of one person at most once in this time; 0: at every face.",
        json_schema_extra={"unit": "s"},
    )
    margin: float = Field(
        0.2, ge=0, le=1, description="Picture added on every side of the face, as a part of its width."
    )
    batch_size: int = Field(8, ge=1, le=512, description="Faces that the model sees together.")


class OpenFace3Parameters(OnDevice):
    """How often OpenFace looks, and which of its faces are measured."""

    frames_per_s: float = Field(
        2.0, ge=0.001, le=120, description="How many frames are looked at.", json_schema_extra={"unit": "1/s"}
    )
    confidence_threshold: float = Field(
        0.5, ge=0.02, le=1, description="Drop faces that its detector scores below this."
    )
    max_faces: int = Field(10, ge=1, le=100, description="Measure at most so many faces of a frame.")
