import zipfile

import pytest
from tests.synthetic.manifests import file_toml, model_toml

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import LicenceNotAllowed, WeightsCorrupt, WeightsError, WeightsMissing
from videoannotator.weights.bundle import pack, unpack
from videoannotator.weights.library import Library

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def both(make_library, tmp_path):
    """A machine that has a model, and one that has not and never fetches."""
    (tmp_path / "own.bin").write_bytes(CONTENT)
    toml = model_toml(licence="CC-BY-4.0") + file_toml("a.bin", CONTENT, 'path = "own.bin"')
    here = make_library(toml)
    here.pull(["m"])
    (tmp_path / "own.bin").unlink()
    return here, Library([tmp_path / "weights.toml"], tmp_path / "other", offline=True)


def test_a_bundle_brings_models_to_a_machine_without_network(both, tmp_path):
    here, there = both
    pack(here, ["m"], tmp_path / "weights.zip")
    with zipfile.ZipFile(tmp_path / "weights.zip") as archive:
        # sha256 of CONTENT, by coreutils' sha256sum.
        blob = "e96760a87768717bcebcfd25ddc7d46b4dbc95a4b0014def080c08539f7d90d0"
        assert set(archive.namelist()) == {"bundle.json", "LICENCES.md", f"blobs/{blob}"}
        assert "CC-BY-4.0" in archive.read("LICENCES.md").decode()
    assert there.state("m") is ModelState.DOWNLOADABLE
    assert unpack(there, tmp_path / "weights.zip") == ("m",)
    assert there.path("m").read_bytes() == CONTENT
    assert there.record("m").files == here.record("m").files


def test_only_what_is_here_can_be_packed(both, tmp_path):
    with pytest.raises(WeightsMissing):
        pack(both[1], ["m"], tmp_path / "weights.zip")
    assert not (tmp_path / "weights.zip").exists()


def test_a_bundle_with_other_bytes_is_refused(both, tmp_path):
    here, there = both
    pack(here, ["m"], tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            bad.writestr(name, data[::-1] if name.startswith("blobs/") else data)
    with pytest.raises(WeightsCorrupt):
        unpack(there, tmp_path / "bad.zip")
    assert there.state("m") is ModelState.DOWNLOADABLE


def test_a_bundle_does_not_bring_what_the_licence_mode_forbids(both, make_library, tmp_path):
    here, _ = both
    pack(here, ["m"], tmp_path / "weights.zip")
    toml = model_toml(licence="CC-BY-4.0", kind="research")
    strict = make_library(toml + file_toml("a.bin", CONTENT, 'path = "own.bin"'))
    with pytest.raises(LicenceNotAllowed):
        unpack(strict, tmp_path / "weights.zip")


def test_another_kind_of_file_is_no_bundle(both, tmp_path):
    (tmp_path / "a.txt").write_text("no ZIP")
    with pytest.raises(WeightsError, match="no bundle of weights"):
        unpack(both[1], tmp_path / "a.txt")
