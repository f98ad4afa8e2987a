from pathlib import Path

import pytest
from tests.synthetic.manifests import file_toml, model_toml

from videoannotator.domain.errors import WeightsError
from videoannotator.weights.manifest import load_manifests


def _load(tmp_path: Path, toml: str):
    path = tmp_path / "weights.toml"
    path.write_text(toml)
    return load_manifests([path])


def test_a_model_knows_its_size_and_who_delivers_it(tmp_path: Path):
    parts = ['address = "https://example.org/a", size_bytes = 2', 'path = "b", size_bytes = 1']
    model = _load(tmp_path, model_toml() + file_toml("f", b"abc", *parts))["m"]
    assert (model.size_bytes, model.licence) == (3, "MIT")
    assert model.source == f"https://example.org/a, {tmp_path / 'b'}"


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (file_toml("../f", b"abc", 'path = "b"'), "model.0.file.0.name"),
        (file_toml("f", b"abc", 'path = "b"', 'path = "c"'), "each of several parts"),
        (file_toml("f", b"abc", 'path = "b", size_bytes = 1', 'path = "c", size_bytes = 1'), "add up"),
        (file_toml("f", b"abc", 'adress = "https://example.org"'), "adress"),
        (file_toml("f", b"abc", 'address = "file:///etc/passwd"'), "address"),
        (file_toml("f", b"abc", 'path = "b"', convert="nothing_known"), "convert"),
        ("[[model.file", "end of document"),
    ],
)
def test_a_manifest_that_makes_no_sense_names_the_fault(tmp_path: Path, file: str, complaint: str):
    with pytest.raises(WeightsError, match=complaint):
        _load(tmp_path, model_toml() + file)


def test_a_name_may_be_declared_once(tmp_path: Path):
    declaration = model_toml() + file_toml("f", b"abc", 'path = "b"')
    with pytest.raises(WeightsError, match="'m' is declared twice"):
        _load(tmp_path, declaration + declaration)
