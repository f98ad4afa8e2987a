import subprocess
import sys

import pytest

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import ComponentUnavailable
from videoannotator.pipelines.audio import LAION_VOICE, PIPELINE
from videoannotator.plugin.component import Needs

HEAVY = ("av", "ctranslate2", "faster_whisper", "onnxruntime", "scipy", "torch")


def test_declaring_the_pipeline_loads_no_heavy_library():
    question = f"import sys, videoannotator.pipelines.audio; print([m for m in {HEAVY} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_components_and_their_aliases():
    aliases = {component.name: component.aliases for component in PIPELINE.components}
    assert aliases == {
        "whisper": ("speech_recognition",),
        "pyannote": ("speaker_diarization",),
        "voice_prosody": (),
        "laion_voice": (),
    }
    assert (PIPELINE.name, PIPELINE.aliases) == ("audio_processing", ("audio",))


@pytest.mark.parametrize("component", PIPELINE.components, ids=lambda component: component.name)
def test_every_component_reads_one_16_khz_track(component):
    assert component.needs(component.parameters()) == Needs(audio_rate_hz=16_000)


@pytest.mark.parametrize("component", PIPELINE.components, ids=lambda component: component.name)
def test_every_parameter_is_described(component):
    assert all(field.description for field in component.parameters.model_fields.values())


def test_laion_voice_is_listed_with_the_reason_why_it_cannot_run():
    refusal = LAION_VOICE.unavailable(LAION_VOICE.parameters())
    assert refusal.state is ModelState.NOT_INSTALLED
    assert refusal.reason
    assert refusal.hint
    assert not LAION_VOICE.default_enabled
    with pytest.raises(ComponentUnavailable, match="PyTorch"):
        LAION_VOICE.start(LAION_VOICE.parameters(), None, None)
