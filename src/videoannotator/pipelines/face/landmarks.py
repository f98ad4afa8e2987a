"""Landmarks of found faces: mesh, irises, direction of head and eyes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from videoannotator.domain.tables import FACE_LANDMARKS
from videoannotator.pipelines.face.direction import gaze_angles_deg, head_angles_deg, head_axes
from videoannotator.pipelines.face.faces import PerFaceSession, SeenFace
from videoannotator.pipelines.face.mesh import Iris
from videoannotator.pipelines.face.parameters import FaceLandmarksParameters
from videoannotator.plugin.component import Context
from videoannotator.plugin.runtimes import litert


def landmarks_session(parameters: FaceLandmarksParameters, context: Context) -> PerFaceSession:
    """Measure on the mesh that the detection found; the iris model runs only where it is asked for."""
    iris = Iris(litert(context.weights("iris"), context.n_threads)) if parameters.iris else None

    def measure(face: SeenFace) -> Mapping[str, Any] | None:
        axes = head_axes(face.mesh)
        if not np.isfinite(axes).all():  # a mesh without extent has no direction
            return None
        yaw, pitch, roll = head_angles_deg(axes)
        values: dict[str, Any] = {"mesh": face.mesh, "yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}
        if iris is not None:
            values["iris"] = iris(face.rgb, face.mesh)
            gaze = gaze_angles_deg(face.mesh, values["iris"], axes)
            values["gaze_yaw_deg"], values["gaze_pitch_deg"] = gaze
        return values

    return PerFaceSession(FACE_LANDMARKS, measure, parameters.min_presence, context)
