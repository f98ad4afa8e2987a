"""``<video>.eaf``: the time line for ELAN, in its format EAF 3.0, times in milliseconds.

Max Planck Institute for Psycholinguistics, "EAF 3.0" (EAFv3.0.xsd): children in the schema's order, one
identifier space for time slots and annotations. Equal runs give equal bytes, so the date is a constant. The
media is named beside the file: ELAN finds the video when both lie in one folder, and asks otherwise.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from urllib.parse import quote

from videoannotator.domain.media import Video
from videoannotator.exporters.timeline import Tier

_DATE = "1970-01-01T00:00:00+00:00"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_TYPE = "annotation"
_NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTRAINTS = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps allowed",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps allowed",
}


def write(path: Path, video: Video, tiers: Sequence[Tier]) -> None:
    """Write the tiers as independent, time-alignable ones."""
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "VideoAnnotator",
            "DATE": _DATE,
            "FORMAT": "3.0",
            "VERSION": "3.0",
            f"{{{_XSI}}}noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    ET.register_namespace("xsi", _XSI)
    _add_header(root, video, n_annotations=sum(len(tier.intervals) for tier in tiers))
    slots = _add_time_order(root, tiers)
    _add_tiers(root, tiers, slots)
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        {"LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"},
    )
    for stereotype, description in _CONSTRAINTS.items():
        ET.SubElement(root, "CONSTRAINT", {"STEREOTYPE": stereotype, "DESCRIPTION": description})
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")


def _add_header(root: ET.Element, video: Video, n_annotations: int) -> None:
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    url = "./" + quote(video.name, errors="surrogateescape")
    mime_type = "video/mp4" if video.name.lower().endswith((".mp4", ".m4v")) else "unknown"
    ET.SubElement(
        header, "MEDIA_DESCRIPTOR", {"MEDIA_URL": url, "MIME_TYPE": mime_type, "RELATIVE_MEDIA_URL": url}
    )
    ET.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(n_annotations)


def _add_time_order(root: ET.Element, tiers: Sequence[Tier]) -> dict[tuple[int, int], str]:
    """Two slots for each annotation, in order of time: shared ones would move together in ELAN.

    Returns the slot of (annotation counted from 1, 0 for its start or 1 for its end).
    """
    intervals = [interval for tier in tiers for interval in tier.intervals]
    edges = sorted(
        (time_ms, number, edge)
        for number, interval in enumerate(intervals, start=1)
        for edge, time_ms in enumerate((interval.start_ms, interval.end_ms))
    )
    order = ET.SubElement(root, "TIME_ORDER")
    slots = {}
    for place, (time_ms, number, edge) in enumerate(edges, start=1):
        slots[number, edge] = f"ts{place}"
        ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{place}", "TIME_VALUE": str(time_ms)})
    return slots


def _add_tiers(root: ET.Element, tiers: Sequence[Tier], slots: dict[tuple[int, int], str]) -> None:
    numbers = count(1)
    for tier in tiers:
        names = {"LINGUISTIC_TYPE_REF": _TYPE, "TIER_ID": _clean(tier.name)}
        who = {"PARTICIPANT": _clean(tier.who)} if tier.who else {}
        element = ET.SubElement(root, "TIER", {**names, **who})
        for interval in tier.intervals:
            number = next(numbers)
            annotation = ET.SubElement(
                ET.SubElement(element, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                {
                    "ANNOTATION_ID": f"a{number}",
                    "TIME_SLOT_REF1": slots[number, 0],
                    "TIME_SLOT_REF2": slots[number, 1],
                },
            )
            ET.SubElement(annotation, "ANNOTATION_VALUE").text = _clean(interval.text)


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
