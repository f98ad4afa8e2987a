"""OpenFace 3.0 in an environment of its own: its pins do not go together with ours."""

from videoannotator.plugin.environments import Environment

ENVIRONMENT = Environment(
    name="openface3",
    description="openface-test 0.1.26 with PyTorch",
    installs=(
        # The package pins old releases of all of these; its code runs with the present ones, and headless.
        ("torch==2.13.0", "numpy>=2,<3", "opencv-python-headless>=4.11", "pillow>=11", "scipy>=1.15,<2",
         "timm==1.0.31", "tqdm", "pandas>=2.2", "matplotlib>=3.10", "imageio>=2.34", "scikit-image>=0.25",
         "tensorboardX>=2.6", "huggingface_hub>=0.30"),
        # By itself each would bring its own torch, or OpenCV with a display.
        ("--no-deps", "torchvision==0.28.0"),
        ("--no-deps", "openface-test==0.1.26"),
    ),
)  # fmt: skip
