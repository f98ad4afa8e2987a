"""OpenFace 3.0's own code at work, in its environment: a picture comes in, what it measured goes out.

Run as ``python worker.py PIPES WEIGHTS DEVICE``; PIPES is the path of ``videoannotator/plugin/pipes.py``.
Three things are mended before the package is imported, none of which touches its models: see ``_mend``.
"""

import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_VISIBLE = 0.5  # what the package itself takes for a face, where the request says nothing


def main() -> None:
    """Answer requests until the input ends."""
    pipes_path, weights, device = sys.argv[1:]
    pipes = _load("pipes", pipes_path)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the package prints a line per face
    faces: Faces | None = None
    with tempfile.TemporaryDirectory() as folder:
        # The package reads one file from ./weights, wherever it is told the others are.
        Path(folder, "weights").symlink_to(weights)
        os.chdir(folder)
        while True:
            try:
                request, arrays = pipes.receive(sys.stdin.buffer)
            except EOFError:
                return
            try:
                faces = faces or load(Path(weights), device)
                answer, results = faces.look(arrays[0], **request) if arrays else ({}, [])
            except (RuntimeError, ValueError, TypeError, OSError, KeyError, AssertionError) as error:
                answer, results = {"error": f"{type(error).__name__}: {error}"}, []
            pipes.send(answers, answer, results)


def load(weights: Path, device: str) -> "Faces":
    """The models on ``cpu``, ``cuda:N``, or for ``auto`` on a GPU where there is one."""
    _mend()
    import torch

    if device == "auto":
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
    return Faces(weights, "cuda:0" if device == "cuda" else device)


class Faces:
    """The package's detector, landmark model and multitask model."""

    def __init__(self, weights: Path, device: str) -> None:
        from openface.face_detection import FaceDetector
        from openface.landmark_detection import LandmarkDetector
        from openface.multitask_model import MultitaskPredictor

        class PictureDetector(FaceDetector):  # type: ignore[misc]  # not installed where types are checked
            """Looks at a picture in memory where the package reads a file."""

            def preprocess_image(self, image_path: Any, resize: float = 1.0) -> Any:
                import torch

                picture = np.array(image_path, dtype=np.float32)
                picture -= np.array((104, 117, 123), dtype=np.float32)  # the package's own means, BGR
                tensor = torch.from_numpy(picture.transpose(2, 0, 1)).unsqueeze(0)
                return tensor.to(self.device), image_path

        kind, _, index = device.partition(":")
        self._detector = PictureDetector(str(weights / "Alignment_RetinaFace.pth"), device)
        self._landmarks = LandmarkDetector(
            str(weights / "Landmark_98.pkl"), kind, device_ids=[int(index or 0) if kind == "cuda" else -1]
        )
        self._multitask = MultitaskPredictor(str(weights / "MTL_backbone.pth"), device)

    def look(
        self, rgb: Array, min_score: float = _VISIBLE, max_faces: int = 100
    ) -> tuple[dict[str, Any], list[Array]]:
        """Faces of a picture (height, width, 3), best first.

        Returns boxes (n, 4), scores (n,), landmarks (n, 98, 2), emotion logits (n, 8), gaze (n, 2) and
        action units (n, 8), all float64.
        """
        bgr = np.ascontiguousarray(rgb[..., ::-1])
        detections, _ = self._detector.detect_faces(bgr)
        found = [face for face in detections if face[4] >= min_score][:max_faces]
        rows = [row for face in found if (row := self._measure(bgr, face)) is not None]
        shapes = ((4,), (), (98, 2), (8,), (2,), (8,))
        columns = zip(*rows, strict=True) if rows else ([] for _ in shapes)
        return {}, [
            np.asarray(column, dtype=np.float64).reshape(-1, *shape)
            for column, shape in zip(columns, shapes, strict=True)
        ]

    def _measure(self, bgr: Array, face: Array) -> tuple[Any, ...] | None:
        height, width = bgr.shape[:2]
        limits = (width, height, width, height)
        x1, y1, x2, y2 = (int(np.clip(edge, 0, most)) for edge, most in zip(face[:4], limits, strict=True))
        if x2 - x1 < 2 or y2 - y1 < 2:
            return None
        box = np.array([x1, y1, x2, y2, face[4]], dtype=np.float64)
        (points,) = self._landmarks.detect_landmarks(bgr, box[None], confidence_threshold=0)
        # The package's demonstration gives every face the first one's crop; here each has its own.
        emotion, gaze, units = self._multitask.predict(bgr[y1:y2, x1:x2])
        outputs = (value[0].double().cpu().numpy() for value in (emotion, gaze, units))
        return (box[:4], face[4], points, *outputs)


def _mend() -> None:
    """Make the package importable and keep it to itself."""
    import scipy.integrate
    import torch

    # 1. PyPI's torchvision is built for CUDA: beside a torch for processors its operators are missing. The
    #    package uses none of them, but importing torchvision describes one.
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        sys.modules[__name__].__dict__["_library"] = library  # its definitions live as long as it does
    # 2. A name that scipy has dropped, used for curves of its evaluation only.
    if not hasattr(scipy.integrate, "simps"):
        scipy.integrate.simps = scipy.integrate.simpson
    # 3. Loading the landmark model opens a log below a folder of its authors' machine.
    from openface.STAR.conf.base import Base

    Base.init_instance = lambda self: None


def _load(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
