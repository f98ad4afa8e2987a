"""pyannote.audio's own pipeline in an environment of its own: it needs PyTorch and torchaudio."""

from videoannotator.plugin.environments import Environment

ENVIRONMENT = Environment(
    name="pyannote",
    description="pyannote.audio 4.0.7 with PyTorch",
    installs=(
        # onnxruntime: for pipelines whose voice prints are an ONNX file.
        ("torch==2.13.0", "torchaudio==2.11.0", "pyannote.audio==4.0.7", "onnxruntime>=1.24,<2"),
    ),
)
