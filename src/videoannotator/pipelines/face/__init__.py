"""Faces: where they are, whose they are, where they look, how old and how moved they appear."""

from pathlib import Path
from typing import Any

from videoannotator.domain import tables
from videoannotator.pipelines.face import openface3
from videoannotator.pipelines.face.parameters import (
    AgeParameters,
    ExpressionParameters,
    FaceDetectionParameters,
    FaceLandmarksParameters,
    GenderParameters,
    LaionFaceParameters,
    OpenFace3Parameters,
)
from videoannotator.plugin import torch_runtime
from videoannotator.plugin.component import Component, Context, Needs, Pipeline, Session


def _detection_needs(parameters: FaceDetectionParameters) -> Needs:
    people = ("person_detection", "tracking") if parameters.link_to_people else ()
    return Needs(frames_per_s=parameters.frames_per_s, annotations=people)


def _face_needs(parameters: Any) -> Needs:
    """The frames on which faces were looked for, and the faces."""
    return Needs(frames_of="face_detection", annotations=("face_detection",))


def _start_detection(parameters: FaceDetectionParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.detection import FaceDetectionSession

    return FaceDetectionSession(parameters, context, saved)


def _start_landmarks(parameters: FaceLandmarksParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.landmarks import landmarks_session

    return landmarks_session(parameters, context)


def _start_ages(parameters: AgeParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.attributes import age_session

    return age_session(parameters, context)


def _start_genders(parameters: GenderParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.attributes import gender_session

    return gender_session(parameters, context)


def _start_expressions(parameters: ExpressionParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.expression import expression_session

    return expression_session(parameters, context, saved)


def _start_laion_face(parameters: LaionFaceParameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.laion_face import LaionFaceSession

    return LaionFaceSession(parameters, context, saved)


def _start_openface3(parameters: OpenFace3Parameters, context: Context, saved: bytes | None) -> Session:
    from videoannotator.pipelines.face.openface3.session import OpenFace3Session

    return OpenFace3Session(parameters, context, saved)


FACE_DETECTION = Component(
    name="face_detection",
    display_name="Face detection",
    description="Finds faces, checks each with a face mesh, and says whose they are.",
    parameters=FaceDetectionParameters,
    needs=_detection_needs,
    produces=(tables.FACES,),
    start=_start_detection,
    weights=lambda parameters: ("blazeface-short", "face-mesh"),
    model_name="BlazeFace short range",
)
FACE_LANDMARKS = Component(
    name="face_landmarks",
    display_name="Face landmarks",
    description="468 mesh points, irises, direction of the head and of the eyes.",
    parameters=FaceLandmarksParameters,
    needs=_face_needs,
    produces=(tables.FACE_LANDMARKS,),
    start=_start_landmarks,
    weights=lambda parameters: ("iris",) if parameters.iris else (),
    model_name="MediaPipe Face Mesh and Iris",
    caveat="gaze is unvalidated",
)
AGE_ESTIMATION = Component(
    name="age_estimation",
    display_name="Age estimation",
    description="Apparent age of each face, with the spread of the model's opinion.",
    parameters=AgeParameters,
    needs=_face_needs,
    produces=(tables.FACE_AGES,),
    start=_start_ages,
    weights=lambda parameters: ("age-v1",),
    model_name="dlib age predictor v1",
    caveat="apparent age; take the median over a track",
)
GENDER_ESTIMATION = Component(
    name="gender_estimation",
    display_name="Gender estimation",
    description="Apparent gender of each face, as the model guesses it.",
    parameters=GenderParameters,
    needs=_face_needs,
    produces=(tables.FACE_GENDERS,),
    start=_start_genders,
    weights=lambda parameters: ("gender-v1",),
    default_enabled=False,
    model_name="dlib gender classifier v1",
    caveat="often wrong, and meaningless for infants",
)
EMOTION_RECOGNITION = Component(
    name="emotion_recognition",
    display_name="Emotion recognition",
    description="Facial expression of each face, for the frame alone and smoothed along its track.",
    parameters=ExpressionParameters,
    needs=_face_needs,
    produces=(tables.FACE_EMOTIONS,),
    start=_start_expressions,
    weights=lambda parameters: ("fer-mini-xception",),
    model_name="mini-XCEPTION",
    caveat="weak",
)
OPENFACE3 = Component(
    name="openface3",
    display_name="OpenFace 3.0",
    description="Faces, 98 landmarks, eight outputs for action units, gaze and emotion by OpenFace 3.0.",
    parameters=OpenFace3Parameters,
    needs=lambda parameters: Needs(frames_per_s=parameters.frames_per_s),
    produces=(tables.FACE_OPENFACE3,),
    start=_start_openface3,
    weights=lambda parameters: ("openface3",),
    unavailable=lambda parameters: openface3.ENVIRONMENT.missing,
    default_enabled=False,
    model_name="OpenFace 3.0",
    caveat="its authors name no action unit and no unit of gaze; head pose is not measured",
    aliases=("face_openface3_embedding",),
    environment=openface3.ENVIRONMENT,
)
LAION_FACE = Component(
    name="laion_face",
    display_name="Face emotions (LAION)",
    description="Raw scores of some forty emotions for each person's face, by Empathic Insight.",
    parameters=LaionFaceParameters,
    needs=_face_needs,
    produces=(tables.FACE_LAION,),
    start=_start_laion_face,
    weights=lambda parameters: ("siglip2-so400m", "laion-face-heads"),
    unavailable=lambda parameters: torch_runtime.missing(),
    default_enabled=False,
    model_name="Empathic Insight Face, small",
    caveat="trained on synthetic adult faces; scores of different emotions are not comparable",
    aliases=("face_laion_clip",),
)

PIPELINE = Pipeline(
    name="face_analysis",
    display_name="Face analysis",
    description="Faces with landmarks, head pose, apparent age and expression.",
    components=(
        FACE_DETECTION, FACE_LANDMARKS, AGE_ESTIMATION, GENDER_ESTIMATION, EMOTION_RECOGNITION,
        OPENFACE3, LAION_FACE,
    ),
    family="face",
    output_formats=("coco", "csv", "parquet"),
    aliases=("face",),
    weights_manifest=Path(__file__).with_name("weights.toml"),
)  # fmt: skip
