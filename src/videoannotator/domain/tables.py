"""The tables that the built-in components fill and the file formats read.

One table per kind of statement. ``detection_id`` and ``face_id`` count up from 0 over the whole video and
join the tables; ``track_id`` counts from 1 and is ``NO_ID`` where nobody could be told.
"""

from videoannotator.domain.table import Column, TableSchema

# COCO's order of keypoints; Lin et al., "Microsoft COCO", ECCV 2014.
COCO_KEYPOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
# 0-based pairs into COCO_KEYPOINTS.
COCO_SKELETON = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8),
    (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip
# The order of the package's README; its authors' demonstration on the web had another.
OPENFACE3_EMOTIONS = (
    "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt",
)  # fmt: skip
EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

_BOX = ("x1", "y1", "x2", "y2")


def _named(names: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_{part}" for name in names for part in parts)


_FRAME_INDEX = Column("frame_index", "int", "Place of the frame among all decoded frames, from 0.")
_TIME = Column("time_s", "float", "Presentation time from the container's start.", "s")
_START = Column("start_s", "float", "First instant that belongs to the row.", "s")
_END = Column("end_s", "float", "First instant after the row (half-open interval).", "s")
_BOX_COLUMN = Column("box_xyxy", "float", "Corners in the displayed picture.", "px", (4,), _BOX)
_DETECTION = Column("detection_id", "int", "Identifies one person in one frame.")
_TRACK = Column("track_id", "int", "The same person over time; -1 where nobody could be told.")
_FACE = Column("face_id", "int", "Identifies one face in one frame.")
_STATUS = Column("status", "text", "measured, not_measured, not_visible or failed.")
_SPEAKER = Column("speaker", "text", "Who speaks (SPEAKER_00, ...); empty where nobody could be told.")

PEOPLE = TableSchema(
    "people",
    "One row per person and sampled frame.",
    (
        _DETECTION, _FRAME_INDEX, _TIME, _BOX_COLUMN,
        Column("score", "float", "Confidence of the detector, 0 to 1."),
        Column("keypoints", "float", "x, y in px and score per COCO keypoint; NaN where not seen.", "px",
               (17, 3), _named(COCO_KEYPOINTS, ("x", "y", "score"))),
    ),
    key="detection_id",
)  # fmt: skip
TRACKS = TableSchema(
    "tracks", "Which person a detection is.", (_DETECTION, _TIME, _TRACK), key="detection_id"
)
FACES = TableSchema(
    "faces",
    "One row per face and sampled frame.",
    (
        _FACE, _FRAME_INDEX, _TIME, _BOX_COLUMN,
        Column("score", "float", "Confidence of the detector, 0 to 1."),
        Column("presence", "float", "The face mesh's own confidence that this is a face, 0 to 1."),
        _TRACK,
    ),
    key="face_id",
)  # fmt: skip
FACE_LANDMARKS = TableSchema(
    "face_landmarks",
    "Mesh, iris and direction of each face.",
    (
        _FACE, _TIME, _STATUS,
        Column("mesh", "float", "x, y, z of the 468 MediaPipe mesh points; z grows away from the camera.",
               "px", (468, 3)),
        Column("iris", "float", "Centre and four rim points of the right, then the left iris.", "px",
               (2, 5, 2)),
        Column("yaw_deg", "float", "Head turned to its own left is positive.", "deg"),
        Column("pitch_deg", "float", "Head raised is positive.", "deg"),
        Column("roll_deg", "float", "Head tilted clockwise in the picture is positive.", "deg"),
        Column("gaze_yaw_deg", "float", "Unvalidated: eyes turned to their own left are positive.", "deg"),
        Column("gaze_pitch_deg", "float", "Unvalidated: eyes raised are positive.", "deg"),
    ),
    key="face_id",
)  # fmt: skip
FACE_AGES = TableSchema(
    "face_ages",
    "Apparent age of each face.",
    (
        _FACE, _TIME, _STATUS,
        Column("age_years", "float", "Mean of the model's distribution over ages.", "years"),
        Column("age_sd_years", "float", "Standard deviation of that distribution.", "years"),
    ),
    key="face_id",
)  # fmt: skip
FACE_GENDERS = TableSchema(
    "face_genders",
    "Apparent gender of each face, as the model guesses it.",
    (_FACE, _TIME, _STATUS, Column("female_score", "float", "The model's score for female, 0 to 1.")),
    key="face_id",
)
FACE_EMOTIONS = TableSchema(
    "face_emotions",
    "Facial expression of each face (weak model).",
    (
        _FACE, _TIME, _STATUS,
        Column("raw_scores", "float", "The model's scores for this frame alone.", None,
               (len(EXPRESSIONS),), tuple(f"raw_{name}" for name in EXPRESSIONS)),
        Column("scores", "float", "Scores smoothed along the track.", None, (len(EXPRESSIONS),), EXPRESSIONS),
    ),
    key="face_id",
)  # fmt: skip
SHOTS = TableSchema(
    "shots",
    "Stretches of video between two cuts.",
    (
        Column("shot_id", "int", "Place of the shot, from 0."), _START, _END,
        Column("start_frame", "int", "Index of the first frame."),
        Column("end_frame", "int", "Index of the first frame after the shot."),
        Column("score", "float", "Strength of the cut that opens the shot (detector's own scale); "
               "NaN for the first."),
    ),
    key="shot_id",
)  # fmt: skip
FACE_OPENFACE3 = TableSchema(
    "face_openface3",
    "What OpenFace 3.0 measured on each face that it found itself.",
    (
        _FACE, _FRAME_INDEX, _TIME, _BOX_COLUMN,
        Column("score", "float", "Confidence of its detector, 0 to 1."),
        Column("track_id", "int", "The same face over time, by the overlap of boxes."),
        Column("landmarks", "float", "x, y of 98 points in WFLW's order.", "px", (98, 2),
               _named(tuple(f"p{i}" for i in range(98)), ("x", "y"))),
        Column("emotions", "float", "Softmax of its emotion network.", None, (8,), OPENFACE3_EMOTIONS),
        Column("gaze", "float", "Yaw and pitch as the network gives them; unit and sign are not documented.",
               None, (2,), ("gaze_yaw", "gaze_pitch")),
        Column("action_units", "float", "The network's outputs; which unit each is, is not documented.",
               None, (8,), tuple(f"au_{i}" for i in range(8))),
    ),
    key="face_id",
)  # fmt: skip
SCENE_LABELS = TableSchema(
    "scene_labels",
    "How well each of the user's labels fits a shot; one row per shot and label.",
    (
        Column("shot_id", "int", "The shot."),
        Column("label", "text", "The label."),
        Column("score", "float", "Mean over the frames that were looked at, 0 to 1."),
        Column("n_frames", "int", "Frames that were looked at."),
    ),
)
FACE_LAION = TableSchema(
    "face_laion",
    "Empathic Insight's opinion of each face that was looked at; one row per face and head.",
    (
        _FACE, _TIME, _TRACK,
        Column("name", "text", "What the head scores, e.g. Elation."),
        Column("raw_score", "float", "The head's number as it is, about 0 to 7; heads are not comparable."),
    ),
)  # fmt: skip
VOICE_EMOTIONS = TableSchema(
    "voice_emotions",
    "Empathic Insight's opinion of the voice; one row per stretch of sound and head.",
    (
        Column("stretch_id", "int", "Place of the stretch, from 0."), _START, _END, _SPEAKER,
        Column("name", "text", "What the head scores, e.g. Elation."),
        Column("raw_score", "float", "The head's number as it is; heads are not comparable."),
    ),
)  # fmt: skip
UTTERANCES = TableSchema(
    "utterances",
    "Stretches of speech as the recogniser cuts them.",
    (
        Column("utterance_id", "int", "Place of the utterance, from 0."), _START, _END,
        Column("text", "text", "What was said."),
        Column("language", "text", "ISO 639-1 code."),
        Column("score", "float", "exp of the mean log-probability of its tokens, 0 to 1."),
        Column("no_speech_score", "float", "The recogniser's score that nobody speaks, 0 to 1."),
    ),
    key="utterance_id",
)  # fmt: skip
WORDS = TableSchema(
    "words",
    "Words with their times.",
    (
        Column("word_id", "int", "Place of the word, from 0."),
        Column("utterance_id", "int", "The utterance that holds it."), _START, _END,
        Column("text", "text", "The word, without surrounding blanks."),
        Column("score", "float", "Confidence of the recogniser, 0 to 1."),
    ),
    key="word_id",
)  # fmt: skip
TURNS = TableSchema(
    "turns",
    "Who speaks when; turns of different speakers may overlap.",
    (Column("turn_id", "int", "Place of the turn, from 0."), _START, _END, _SPEAKER),
    key="turn_id",
)
EXCLUSIVE_TURNS = TableSchema(
    "exclusive_turns",
    "Turns of which no two overlap: they tell whose a word is. Only pyannote.audio's own pipeline has them.",
    TURNS.columns,
    key="turn_id",
)
PROSODY = TableSchema(
    "prosody",
    "Pitch, loudness and timbre of the voice over time.",
    (
        _TIME,
        Column("f0_hz", "float", "Fundamental frequency; NaN where the sound is not voiced.", "Hz"),
        Column("loudness_db", "float", "Root mean square level relative to full scale.", "dBFS"),
        Column("voiced_score", "float", "Periodicity, 0 to 1; NaN in silence."),
        Column("centroid_hz", "float", "Spectral centre of mass; NaN in silence.", "Hz"),
        Column("alpha_ratio_db", "float", "Energy of 50-1000 Hz over 1-5 kHz; NaN in silence.", "dB"),
    ),
)

BUILT_IN = (
    PEOPLE, TRACKS, FACES, FACE_LANDMARKS, FACE_AGES, FACE_GENDERS, FACE_EMOTIONS, FACE_LAION,
    FACE_OPENFACE3, SHOTS,
    SCENE_LABELS, UTTERANCES, WORDS, TURNS, EXCLUSIVE_TURNS, PROSODY, VOICE_EMOTIONS,
)  # fmt: skip
