"""How large faces are: on few pixels there is little to measure, and people should be told."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SMALL_PX = 48  # about the width from which the eyes have more than ten pixels each


class FaceSizes:
    """Counts faces, and those too narrow to be measured well."""

    def __init__(self, n_faces: int = 0, n_small: int = 0) -> None:
        self.n_faces, self.n_small = n_faces, n_small

    def count(self, boxes_xyxy: NDArray[np.float64]) -> None:
        """Take note of boxes (n, 4)."""
        self.n_faces += len(boxes_xyxy)
        self.n_small += int((boxes_xyxy[:, 2] - boxes_xyxy[:, 0] < SMALL_PX).sum())

    def warn(self, warn: Callable[[str], None]) -> None:
        """Say how many are too small, where there are any."""
        if self.n_small:
            percent = max(1, round(100 * self.n_small / self.n_faces))
            warn(
                f"{percent} % of the faces are narrower than {SMALL_PX} px: what is measured on them is not "
                "to be trusted"
            )
