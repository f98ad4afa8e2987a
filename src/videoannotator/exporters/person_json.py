"""``<video>_person_tracking.json``: people as COCO keypoint annotations, as strict as the viewer wants them.

Lin et al., "Microsoft COCO", ECCV 2014, with the viewer's fields (``timestamp``, ``frame_number``,
``track_id``, ``person_*``). Boxes are [x, y, width, height] in px; a keypoint is x, y, 2 where seen and
0, 0, 0 where not. The viewer draws everything within half a second of the playhead at once, so the file
holds at most ``frames_per_s`` frames per second; the tables keep every sample.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.geometry import xyxy_to_xywh
from videoannotator.domain.media import Video
from videoannotator.domain.table import NO_ID, Table
from videoannotator.domain.tables import COCO_KEYPOINTS, COCO_SKELETON
from videoannotator.exporters import json_file
from videoannotator.exporters.viewer import person_words_to_hide

PERSON_CATEGORY = 1
_SEEN = 2  # COCO: labelled and visible; the viewer draws no other value
_PX_DECIMALS = 2


def write(path: Path, video: Video, stem: str, people: Table, frames_per_s: float) -> None:
    """Write the people; ``people`` has the columns of ``PEOPLE`` and, where tracked, ``track_id``."""
    people = people.where(thinned(people["time_s"], frames_per_s))
    rest = (
        ("categories", [_category()]),
        ("info", {"description": "People with COCO keypoints, by VideoAnnotator"}),
        ("images", _images(video, stem, people)),
    )
    hidden = person_words_to_hide(path.name)
    json_file.write_list(path, "annotations", _annotations(stem, people), rest, hidden)


def thinned(time_s: NDArray[np.float64], frames_per_s: float) -> NDArray[np.bool_]:
    """Which rows to keep, shape (n,): those of one frame in each stretch of ``1 / frames_per_s``.

    That is the frame on which most people were found, the first among equals, so that a person whom one
    sample misses does not vanish from the viewer for the whole stretch.
    """
    frames, n_people = np.unique(time_s, return_counts=True)
    ticks = np.floor(frames * frames_per_s + 1e-6)  # 0.2 s x 5 per s is tick 1 in spite of rounding
    fullest_first = np.lexsort((frames, -n_people, ticks))
    _, first_of_tick = np.unique(ticks[fullest_first], return_index=True)
    return np.isin(time_s, frames[fullest_first[first_of_tick]])


def person_id(stem: str, track_id: int) -> str:
    """The viewer's name of a tracked person, the same in the person and the face file."""
    return f"person_{stem}_{'unknown' if track_id == NO_ID else f'{track_id:03d}'}"


def image_id(stem: str, frame_index: int) -> str:
    """The viewer wants a string."""
    return f"{stem}_frame_{frame_index}"


def box(box_xyxy: NDArray[np.float64]) -> dict[str, Any]:
    """COCO's ``bbox`` and ``area`` of one box."""
    xywh = [json_file.number(value, _PX_DECIMALS) for value in xyxy_to_xywh(box_xyxy)]
    return {"bbox": xywh, "area": json_file.number(max(xywh[2], 0.0) * max(xywh[3], 0.0), _PX_DECIMALS)}


def score(value: float) -> float:
    """A score in [0, 1]; one that was not measured is 0, for the viewer refuses files without."""
    return json_file.number(np.clip(np.nan_to_num(value), 0.0, 1.0))


def _annotations(stem: str, people: Table) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(people.rows(), start=1):
        track_id = int(row.get("track_id", NO_ID))
        keypoints, n_seen = _keypoints(row["keypoints"])
        yield {
            "id": number,
            "image_id": image_id(stem, row["frame_index"]),
            "category_id": PERSON_CATEGORY,
            "keypoints": keypoints,
            "num_keypoints": n_seen,
            **box(row["box_xyxy"]),
            "iscrowd": 0,
            "score": score(row["score"]),
            **({} if track_id == NO_ID else {"track_id": track_id}),
            "timestamp": json_file.number(row["time_s"]),
            "frame_number": int(row["frame_index"]),
            "person_id": person_id(stem, track_id),
            # Nobody names people here; the viewer refuses items without these fields.
            "person_label": "unknown",
            "label_confidence": 0.0,
            "labeling_method": "none",
        }


def _keypoints(points: NDArray[np.float64]) -> tuple[list[float], int]:
    """51 numbers, and how many of the 17 points were seen."""
    seen = [bool(np.isfinite(point[:2]).all()) for point in points]
    numbers: list[float] = []
    for (x, y, _), is_seen in zip(points, seen, strict=True):
        place = (json_file.number(x, _PX_DECIMALS), json_file.number(y, _PX_DECIMALS), _SEEN)
        numbers.extend(place if is_seen else (0, 0, 0))
    return numbers, sum(seen)


def _images(video: Video, stem: str, people: Table) -> list[dict[str, Any]]:
    _, first_rows = np.unique(people["frame_index"], return_index=True)
    return [
        {
            "id": image_id(stem, row["frame_index"]),
            "file_name": video.name,
            "width": video.width_px,
            "height": video.height_px,
            "frame_number": int(row["frame_index"]),
            "timestamp": json_file.number(row["time_s"]),
        }
        for row in people.where(first_rows).rows()
    ]


def _category() -> dict[str, Any]:
    skeleton = [[a + 1, b + 1] for a, b in COCO_SKELETON]  # COCO counts keypoints from 1
    return {
        "id": PERSON_CATEGORY,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(COCO_KEYPOINTS),
        "skeleton": skeleton,
    }
