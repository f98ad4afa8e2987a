from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from praatio import textgrid as praat
from tests.synthetic.annotations import annotations, video

from videoannotator.domain.tables import WORDS
from videoannotator.exporters import elan, textgrid
from videoannotator.exporters.tidy import Tidy
from videoannotator.exporters.timeline import Interval, Tier, presence, tiers

# The order in which EAF 3.0's schema wants the children of its root.
EAF_ORDER = ("HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT")


def made(**what: object) -> dict[str, Tier]:
    return {tier.name: tier for tier in tiers(Tidy(annotations(**what)))}


def test_the_tiers_of_a_full_run() -> None:
    found = made()
    assert list(found) == [
        "shots", "person@1", "person@2", "speech@SPEAKER_00", "speech@SPEAKER_01", "words@SPEAKER_00",
        "words@SPEAKER_01", "turns@SPEAKER_00", "turns@SPEAKER_01",
    ]  # fmt: skip
    assert found["shots"].intervals == (Interval(0, 4000, "shot 1"), Interval(4000, 10_000, "shot 2"))
    assert found["person@2"].intervals == (Interval(0, 3900, "present"), Interval(6000, 9900, "present"))
    assert found["speech@SPEAKER_00"].intervals == (Interval(500, 2000, "Hello, “baby”"),)
    assert [i.text for i in found["words@SPEAKER_01"].intervals] == ['a "quoted"', "wörd 你好"]


def test_without_speakers_there_is_one_tier_of_each_kind() -> None:
    assert list(made(only=("words", "utterances"))) == ["speech", "words"]


def test_intervals_of_a_tier_never_overlap_and_never_vanish() -> None:
    words = WORDS.table(
        word_id=range(4), utterance_id=[0] * 4, start_s=[1.0, 1.2, 1.2, 1.2], end_s=[1.5, 1.3, 1.2, 2.0],
        text=["a", "b", "c", "d"], score=[1.0] * 4,
    )  # fmt: skip
    found = made(rows={"words": words}, only=("words",))["words"].intervals
    assert found == (
        Interval(1000, 1500, "a"), Interval(1500, 1501, "c"), Interval(1501, 1502, "b"),
        Interval(1502, 2000, "d"),
    )  # fmt: skip


def test_a_person_who_is_away_for_more_than_a_second_has_left() -> None:
    assert list(presence(np.array([0.0, 0.9, 1.8, 4.0]))) == [(0.0, 1.8), (4.0, 4.0)]
    assert list(presence(np.zeros(0))) == []


@pytest.fixture
def eaf(tmp_path: Path) -> etree._Element:
    found = tuple(made().values())
    elan.write(tmp_path / "clip.eaf", video("my clip é.mp4"), found)
    return etree.parse(str(tmp_path / "clip.eaf")).getroot()


def test_the_children_are_in_the_schemas_order(eaf: etree._Element) -> None:
    places = [EAF_ORDER.index(child.tag) for child in eaf]
    assert places == sorted(places)
    assert set(places) == set(range(len(EAF_ORDER)))
    assert {"AUTHOR", "DATE", "VERSION", "FORMAT"} <= set(eaf.attrib)


def test_identifiers_are_unique_and_references_point_somewhere(eaf: etree._Element) -> None:
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in eaf.iter("TIME_SLOT")}
    annotated = list(eaf.iter("ALIGNABLE_ANNOTATION"))
    ids = [*slots, *(annotation.get("ANNOTATION_ID") for annotation in annotated)]
    assert len(ids) == len(set(ids))
    assert list(slots.values()) == sorted(slots.values())
    used = [annotation.get(f"TIME_SLOT_REF{n}") for annotation in annotated for n in (1, 2)]
    assert sorted(used) == sorted(slots)  # each slot belongs to one annotation
    types = {kind.get("LINGUISTIC_TYPE_ID") for kind in eaf.iter("LINGUISTIC_TYPE")}
    names = [tier.get("TIER_ID") for tier in eaf.iter("TIER")]
    assert len(names) == len(set(names))
    assert {tier.get("LINGUISTIC_TYPE_REF") for tier in eaf.iter("TIER")} <= types


def test_elan_finds_words_with_their_times(eaf: etree._Element) -> None:
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in eaf.iter("TIME_SLOT")}
    tier = eaf.find("TIER[@TIER_ID='words@SPEAKER_01']")
    assert tier.get("PARTICIPANT") == "SPEAKER_01"
    word = tier.findall("ANNOTATION/ALIGNABLE_ANNOTATION")[-1]
    assert word.findtext("ANNOTATION_VALUE") == "wörd 你好"
    assert (slots[word.get("TIME_SLOT_REF1")], slots[word.get("TIME_SLOT_REF2")]) == (3600, 4200)
    media = eaf.find("HEADER/MEDIA_DESCRIPTOR")
    assert media.get("RELATIVE_MEDIA_URL") == "./my%20clip%20%C3%A9.mp4"


def test_characters_that_xml_forbids_are_left_out(tmp_path: Path) -> None:
    elan.write(tmp_path / "a.eaf", video(), [Tier("words", "", (Interval(0, 1, "a\x00\x1fb\ud800"),))])
    assert etree.parse(str(tmp_path / "a.eaf")).findtext(".//ANNOTATION_VALUE") == "ab"


def test_praat_reads_tiers_words_and_blanks(tmp_path: Path) -> None:
    found = made()
    textgrid.write(tmp_path / "clip.TextGrid", 10.0, tuple(found.values()))
    grid = praat.openTextgrid(str(tmp_path / "clip.TextGrid"), includeEmptyIntervals=True)
    assert grid.tierNames == tuple(found)
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, 10)
    tier = grid.getTier("words@SPEAKER_01")
    assert [(e.start, e.end, e.label) for e in tier.entries] == [
        (0, 3, ""), (3, 3.5, 'a "quoted"'), (3.5, 3.6, ""), (3.6, 4.2, "wörd 你好"), (4.2, 10, ""),
    ]  # fmt: skip
