import subprocess
import sys
from importlib.util import find_spec

import pytest

from videoannotator.domain.catalogue import ModelState
from videoannotator.pipelines.audio import LAION_VOICE, PIPELINE

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
    assert component.needs(component.parameters()).audio_rate_hz == 16_000


@pytest.mark.parametrize("component", PIPELINE.components, ids=lambda component: component.name)
def test_every_parameter_is_described(component):
    assert all(field.description for field in component.parameters.model_fields.values())


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_laion_voice_says_how_to_install_it():
    refusal = LAION_VOICE.unavailable(LAION_VOICE.parameters())
    assert refusal.state is ModelState.NOT_INSTALLED
    assert "videoannotator[torch]" in refusal.hint
    assert not LAION_VOICE.default_enabled
