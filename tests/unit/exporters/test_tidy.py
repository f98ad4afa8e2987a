import numpy as np
from tests.synthetic.annotations import MemoryAnnotations, annotations, said

from videoannotator.domain.table import NO_ID, Column, TableSchema
from videoannotator.exporters.tidy import Tidy, left_join


def rows(name: str, **what: object):
    found = Tidy(annotations(**what)).rows(name)
    assert found is not None
    return found


def test_the_tables_of_a_full_run() -> None:
    assert list(Tidy(annotations()).tables) == [
        "people", "faces", "face_laion", "face_openface3", "scenes", "scene_labels",
        "utterances", "words", "turns", "prosody", "voice_emotions", "face_mesh",
    ]  # fmt: skip


def test_people_carry_their_track() -> None:
    people = rows("people")
    assert set(people["track_id"]) == {1, 2}
    assert (people["track_id"] == np.where(people["box_xyxy"][:, 0] > 200, 2, 1)).all()
    assert "track_id" not in rows("people", only=("people",))


def test_faces_tell_why_a_value_is_missing() -> None:
    faces = rows("faces")
    assert faces["landmarks_status"][:3].tolist() == ["measured", "failed", "measured"]
    assert faces["age_status"][:3].tolist() == ["measured", "not_measured", "measured"]
    assert faces["gender_status"].tolist() == ["not_measured"] * len(faces)
    assert faces["yaw_deg"][0] == 0  # measured as zero
    assert np.isnan(faces["yaw_deg"][1])
    assert np.isnan(faces["age_years"][1])
    assert "mesh" not in faces
    assert "iris" not in faces


def test_what_was_not_asked_for_has_no_column() -> None:
    faces = rows("faces", only=("faces", "face_ages"))
    assert "age_status" in faces
    assert "emotion_status" not in faces


def test_words_and_utterances_carry_their_speaker() -> None:
    assert rows("words")["speaker"].tolist() == ["SPEAKER_00", "SPEAKER_00", "SPEAKER_01", "SPEAKER_01"]
    assert rows("utterances")["speaker"].tolist() == ["SPEAKER_00", "SPEAKER_01"]
    assert "speaker" not in rows("words", only=("words",))


def test_other_components_tables_do_not_take_the_place_of_ours() -> None:
    schema = TableSchema("scenes", "Places.", (Column("time_s", "float", "When.", "s"),))
    both = MemoryAnnotations(said(), {**annotations(only=("shots",)).schemas, "scenes": schema})
    assert list(Tidy(both).tables) == ["scenes", "scenes_table"]


def test_a_join_keeps_every_left_row_in_its_order() -> None:
    left = TableSchema("left", "", (Column("face_id", "int", ""),), key="face_id")
    columns = (Column("face_id", "int", ""), Column("word", "text", ""), Column("other_id", "int", ""))
    right = TableSchema("right", "", columns, key="face_id")
    schema, joined = left_join(
        (left, left.table(face_id=[3, 1, 2])),
        (right, right.table(face_id=[2, 3], word=["two", "three"], other_id=[20, 30])),
    )
    assert joined["word"].tolist() == ["three", "", "two"]
    assert joined["other_id"].tolist() == [30, NO_ID, 20]
    assert [column.name for column in schema.columns] == ["face_id", "word", "other_id"]
