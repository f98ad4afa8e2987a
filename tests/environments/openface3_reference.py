"""Run in the environment openface3: random weights of the real architecture, and what the package's own code
says with them of a picture file. ``python openface3_reference.py WEIGHTS [PICTURE OUTPUT]``

Three things are mended that do not touch the models; ``pipelines/face/openface3/worker.py`` says which.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import scipy.integrate
import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    for name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[name]
    LIBRARY = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        LIBRARY.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
scipy.integrate.simps = scipy.integrate.simpson
from openface.STAR.conf.base import Base  # noqa: E402

Base.init_instance = lambda self: None


def make(folder: Path) -> None:
    from openface.model.MTL import MTL
    from openface.Pytorch_Retinaface.data import cfg_mnet
    from openface.Pytorch_Retinaface.models.net import MobileNetV1
    from openface.Pytorch_Retinaface.models.retinaface import RetinaFace
    from openface.STAR.lib import utility

    folder.mkdir(parents=True)
    torch.manual_seed(0)
    detector = RetinaFace({**cfg_mnet, "pretrain": False}, "test")
    torch.save(detector.state_dict(), folder / "Alignment_RetinaFace.pth")
    backbone = {f"module.{name}": value for name, value in MobileNetV1().state_dict().items()}
    torch.save({"state_dict": backbone}, folder / "mobilenetV1X0.25_pretrain.tar")
    torch.save(MTL().state_dict(), folder / "MTL_backbone.pth")
    config = utility.get_config(argparse.Namespace(config_name="alignment", device_id="cpu"))
    config.device_id = -1
    utility.set_environment(config)
    torch.save({"net": utility.get_net(config).state_dict()}, folder / "Landmark_98.pkl")


def look(folder: Path, picture: Path, output: Path) -> None:
    """The best three faces of a picture file, as the package's classes are meant to be used."""
    from openface.face_detection import FaceDetector
    from openface.landmark_detection import LandmarkDetector
    from openface.multitask_model import MultitaskPredictor

    os.chdir(folder.parent)
    detections, bgr = FaceDetector(str(folder / "Alignment_RetinaFace.pth")).detect_faces(str(picture))
    landmarks = LandmarkDetector(str(folder / "Landmark_98.pkl"))
    multitask = MultitaskPredictor(str(folder / "MTL_backbone.pth"))
    rows = []
    for face in detections[:3]:
        x1, y1, x2, y2 = np.clip(face[:4].astype(int), 0, [bgr.shape[1], bgr.shape[0]] * 2)
        box = np.array([x1, y1, x2, y2, 1.0])
        (points,) = landmarks.detect_landmarks(bgr, box[None])
        outputs = [value[0].numpy() for value in multitask.predict(bgr[y1:y2, x1:x2])]
        rows.append((box[:4], face[4], points, *outputs))
    names = ("boxes", "scores", "landmarks", "emotion", "gaze", "units")
    np.savez(
        output,
        **{name: np.stack(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)},
    )


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    if len(arguments) == 1:
        make(arguments[0])
    else:
        look(*arguments)
