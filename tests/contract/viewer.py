"""The existing viewer's reading of result files, written anew in Python from its documented behaviour.

Types are told by extension, by words in the first bytes, and by name, in this order (viewer 0.6.3). Person
items are checked as strictly as its schema does: one bad item loses the whole file.
"""

import json
from typing import Any

VIDEO, AUDIO = {"mp4", "webm", "avi", "mov"}, {"wav", "mp3", "aac", "ogg"}


def detect(name: str, data: bytes) -> str:
    """The type that the viewer sees in a file of the results' ZIP."""
    extension = name.lower().rpartition(".")[2]
    if extension in VIDEO:
        return "video"
    if extension in AUDIO:
        return "audio"
    if extension == "vtt" or "speech_recognition" in name:
        return "speech_recognition"
    if extension == "rttm" or "speaker_diarization" in name:
        return "speaker_diarization"
    return _detect_json(name, data) if extension == "json" else "unknown"


def _detect_json(name: str, data: bytes) -> str:
    whole = json.loads(data)
    if isinstance(whole, dict) and _is_complete_results(whole):
        return "complete_results"
    if _is_face_analysis(name, data):
        return "face_analysis"
    if _is_openface3(name, data):
        return "openface3_faces"
    if _is_person(data):
        return "person_tracking"
    if _is_scenes(data):
        return "scene_detection"
    return _by_name(name)


def _is_complete_results(whole: dict[str, Any]) -> bool:
    keys = ("video_path", "pipeline_results", "config", "start_time")
    return all(whole.get(key) for key in keys) and "total_duration" in whole


def _sample(data: bytes, size: int) -> tuple[str, Any]:
    """The first bytes as text, and parsed where they are a whole document (None otherwise)."""
    text = data[:size].decode(errors="replace")
    try:
        return text, json.loads(text)
    except json.JSONDecodeError:
        return text, None


def _is_face_analysis(name: str, data: bytes) -> bool:
    text, parsed = _sample(data, 8000)
    if any(word in text for word in ('"face_id"', '"attributes"', '"emotions"')):
        return True
    if "face" in name.lower() and '"bbox"' in text and '"score"' in text:
        return True
    if isinstance(parsed, list):
        return not parsed or {"face_id", "attributes"} <= set(parsed[0])
    return _first_has(parsed, "annotations", "face_id") or _first_has(parsed, "results", "face_id")


def _is_openface3(name: str, data: bytes) -> bool:
    text, parsed = _sample(data, 12000)
    native = ('"metadata"', '"faces"', '"pipeline"', '"model_info"')
    if all(word in text for word in native) and parsed is not None:
        return True
    text, parsed = _sample(data, 15000)
    if all(w in text for w in ('"info"', '"images"', '"annotations"', '"openface3"', "VideoAnnotator")):
        return parsed is not None
    return "openface3_analysis" in name.lower() or "openface3_detailed" in name.lower()


def _is_person(data: bytes) -> bool:
    text, parsed = _sample(data, 10000)
    if '"keypoints"' in text and '"bbox"' in text:
        return True
    if isinstance(parsed, list):
        return not parsed or {"keypoints", "bbox"} <= set(parsed[0])
    if parsed is None:
        return False
    if "COCO" in parsed.get("info", {}).get("description", ""):
        return not any(word in text for word in ('"scene_type"', '"start_time"', '"end_time"'))
    return isinstance(parsed.get("annotations"), list) or isinstance(parsed.get("results"), list)


def _is_scenes(data: bytes) -> bool:
    text, parsed = _sample(data, 5000)
    if any(word in text for word in ('"scene_type"', '"start_time"', '"end_time"')):
        return True
    if not isinstance(parsed, dict):
        return parsed == []
    return isinstance(parsed.get("results"), list) or isinstance(parsed.get("scenes"), list)


def _by_name(name: str) -> str:
    patterns = {
        "complete_results": ("complete_results",),
        "face_analysis": ("face_annotations", "laion_face", "face_analysis"),
        "person_tracking": ("person", "tracking", "pose", "keypoints"),
        "scene_detection": ("scene",),
    }
    found = (kind for kind, words in patterns.items() if any(word in name for word in words))
    return next(found, "unknown")


def _first_has(parsed: Any, name: str, key: str) -> bool:
    items = parsed.get(name) if isinstance(parsed, dict) else None
    return bool(items) and key in items[0]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def person_problems(item: dict[str, Any]) -> list[str]:
    """The fields of a person item that the viewer's schema refuses."""
    box, keypoints = item.get("bbox"), item.get("keypoints")
    checks = {
        "id": _is_number(item.get("id")),
        "image_id": isinstance(item.get("image_id"), str),
        "category_id": _is_number(item.get("category_id")),
        "keypoints": isinstance(keypoints, list) and len(keypoints) == 51 and all(map(_is_number, keypoints)),
        "num_keypoints": _in_range(item.get("num_keypoints"), 0, 17),
        "bbox": isinstance(box, list) and len(box) == 4 and all(map(_is_number, box)),
        "area": _in_range(item.get("area"), 0),
        "iscrowd": item.get("iscrowd") in (0, 1),
        "score": _in_range(item.get("score"), 0, 1),
        "track_id": item.get("track_id") is None or _is_number(item["track_id"]),
        "timestamp": _in_range(item.get("timestamp"), 0),
        "frame_number": _in_range(item.get("frame_number"), 0),
        "person_id": isinstance(item.get("person_id"), str),
        "person_label": isinstance(item.get("person_label"), str),
        "label_confidence": _is_number(item.get("label_confidence")),
        "labeling_method": isinstance(item.get("labeling_method"), str),
    }
    return [field for field, is_good in checks.items() if not is_good]


def scene_problems(item: dict[str, Any]) -> list[str]:
    """The fields of a scene that the viewer's schema refuses; all are optional, none may be null."""
    checks = {
        "start_time": lambda v: _in_range(v, 0),
        "end_time": lambda v: _in_range(v, 0),
        "duration": lambda v: _in_range(v, 0) and v > 0,
        "frame_start": lambda v: _in_range(v, 0),
        "frame_end": lambda v: _in_range(v, 0),
        "score": lambda v: _in_range(v, 0, 1),
        "id": _is_number,
        "video_id": lambda v: isinstance(v, str),
        "scene_type": lambda v: isinstance(v, str),
    }
    return [field for field, check in checks.items() if field in item and not check(item[field])]


def _in_range(value: Any, low: float, high: float = float("inf")) -> bool:
    return _is_number(value) and low <= value <= high
