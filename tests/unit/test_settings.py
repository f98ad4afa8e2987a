import os
from pathlib import Path

import pytest

from videoannotator.domain.errors import InvalidConfigFile, InvalidParameter, ManyProblems
from videoannotator.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _clean(tmp_path, monkeypatch):
    """No setting of the machine that runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("VIDEOANNOTATOR_")]:
        monkeypatch.delenv(name)


def test_without_anything_the_defaults_hold():
    settings = read_settings()
    assert settings.licence_mode == "permissive"
    assert settings.n_threads == os.cpu_count()


def test_the_environment_wins_over_the_file_and_a_flag_over_both(tmp_path, monkeypatch):
    Path("videoannotator.toml").write_text('device = "cuda:1"\nn_threads = 3\noffline = true\n')
    monkeypatch.setenv("VIDEOANNOTATOR_DEVICE", "cuda:2")
    monkeypatch.setenv("VIDEOANNOTATOR_N_THREADS", "4")
    settings = read_settings(n_threads=5)
    assert (settings.offline, settings.device, settings.n_threads) == (True, "cuda:2", 5)


def test_another_file_takes_the_place_of_the_default_one(tmp_path):
    Path("videoannotator.toml").write_text("n_threads = 3\n")
    other = tmp_path / "other.toml"
    other.write_text('weights_dir = "/models"\n')
    settings = read_settings(other)
    assert (settings.weights_dir, settings.n_threads) == (Path("/models"), os.cpu_count())


@pytest.mark.parametrize("content", [None, "n_threads = "])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "settings.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidConfigFile, match=r"settings\.toml"):
        read_settings(path)


def test_an_unknown_setting_is_refused_with_the_known_ones(tmp_path):
    Path("videoannotator.toml").write_text("threads = 3\n")
    with pytest.raises(InvalidParameter, match="threads") as refused:
        read_settings()
    assert "n_threads" in refused.value.hint


def test_all_wrong_settings_are_told_at_once(monkeypatch):
    monkeypatch.setenv("VIDEOANNOTATOR_N_THREADS", "0")
    monkeypatch.setenv("VIDEOANNOTATOR_LICENCE_MODE", "free")
    with pytest.raises(ManyProblems) as refused:
        read_settings()
    assert {problem.field for problem in refused.value.problems} == {"n_threads", "licence_mode"}


def test_every_setting_says_what_it_means():
    assert all(field.description for field in Settings.model_fields.values())
