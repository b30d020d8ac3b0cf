"""Layers: pinned requirements, what is wrong with others, and a zip from wheels without an index."""

import base64
import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from small_projects import graph

from compiler import layer, layer_zip
from compiler.errors import Refused
from compiler.layer import Requirement

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def test_requirements_are_read_as_pip_and_uv_write_them() -> None:
    text = f"""# made by uv pip compile --generate-hashes
Some_Package[extra]==1.2.3 \\
    --hash={B} \\
    --hash={A}
    # via -r in.txt
other.package == 2!1.0+local ; python_version >= "3.9" --hash={A}  # why

third===1.0rc1 --hash {A}
"""
    assert layer.requirements("x", text) == (
        Requirement("other-package", "2!1.0+local", (A,), 'python_version >= "3.9"'),
        Requirement("some-package", "1.2.3", (A, B)),
        Requirement("third", "1.0rc1", (A,)),
    )


def test_a_file_is_read_below_the_root_and_what_it_holds_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "layer.txt").write_text(f"b==2 --hash={B}\na==1 --hash={B} --hash={A}\n")
    found = layer.read(graph(layers=(("third", "requirements/layer.txt"),)), tmp_path)
    assert found.layers == (("third", f"a==1 --hash={A} --hash={B}\nb==2 --hash={B}\n"),)
    assert layer.read(found, tmp_path) == found


def test_everything_that_is_wrong_in_any_layer_is_said_at_once(tmp_path: Path) -> None:
    one = f"numpy\npandas>=2 --hash={A}\npyarrow==17.*\nrich==1.0\nattrs==1.0 --hash=md5:{'0' * 32}\n-r more.txt\n"
    one += f"git+https://example.com/x.git\nfine==1 --hash={A}\nFine==2 --hash={A}\n"
    declared = (("one", one), ("two", "gone.txt"), ("three", "# nothing\n"))
    with pytest.raises(Refused) as refused:
        layer.read(graph(layers=declared), tmp_path)
    assert [f"{problem.where}: {problem.message}" for problem in refused.value.problems] == [
        "layer one:1: numpy has no exact version",
        "layer one:2: pandas has no exact version",
        "layer one:3: pyarrow has no exact version",
        "layer one:4: rich==1.0 has no hash",
        f"layer one:5: attrs==1.0: expected --hash=sha256: and 64 hexadecimal digits, found md5:{'0' * 32}",
        "layer one:6: expected a package, found -r",
        "layer one:7: expected a package, found git+https://example.com/x.git",
        "layer one:9: fine is required twice, differently",
        "layer three: names no package",
        "layer two: requirements 'gone.txt' cannot be read (No such file or directory)",
    ]


def wheel(folder: Path, name: str, files: Mapping[str, str], tag: str = "py3-none-any", needs: str = "") -> str:
    """Writes a wheel; answers its requirement line."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {needs}\n" if needs else "")
    held = dict(files)
    held[f"{info}/METADATA"] = metadata
    held[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    held[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in held)
    path = folder / f"{name}-1.0-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in held.items():
            archive.writestr(member, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def options(folder: Path) -> list[str]:
    return ["--no-index", f"--find-links={folder}", "--isolated"]


def test_a_layer_is_made_from_wheels_for_lambda_and_is_the_same_every_time(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    pins = wheel(wheels, "tiny", {"tiny/__init__.py": "from native import two\n", "tiny-1.0.data/scripts/tiny": "#!"})
    pins += wheel(
        wheels,
        "native",
        {"native-1.0.data/purelib/native.py": "two = 2\n", "native_more.so": "elf"},
        "cp311-cp311-manylinux2014_x86_64",
    )
    found = layer_zip.layer_zip("third", layer.requirements("third", pins), options(wheels))
    again = layer_zip.layer_zip("third", reversed(layer.requirements("third", pins)), options(wheels))
    assert found == again
    assert found.file == "layer-third.zip"
    assert found.members == (
        "python/native-1.0.dist-info/METADATA",
        "python/native-1.0.dist-info/RECORD",
        "python/native-1.0.dist-info/WHEEL",
        "python/native.py",
        "python/native_more.so",
        "python/tiny-1.0.dist-info/METADATA",
        "python/tiny-1.0.dist-info/RECORD",
        "python/tiny-1.0.dist-info/WHEEL",
        "python/tiny/__init__.py",
    )
    with zipfile.ZipFile(BytesIO(found.data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        archive.extractall(tmp_path / "opt")
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'opt' / 'python')!r}); import tiny; print(tiny.two)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2\n"
    assert base64.b64decode(found.source_code_hash).hex() == found.sha256


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("hash", "THESE PACKAGES DO NOT MATCH THE HASHES"),
        ("gone", "No matching distribution found for gone==1.0"),
        ("windows", "No matching distribution found for windows==1.0"),
        ("needs", "In --require-hashes mode, all requirements must have their versions pinned with =="),
    ],
)
def test_what_cannot_be_had_under_its_hash_for_lambda_is_refused(tmp_path: Path, change: str, said: str) -> None:
    wheels = tmp_path / "wheels"
    pins = wheel(wheels, "tiny", {"tiny.py": ""}, needs="other" if change == "needs" else "")
    wheel(wheels, "other", {"other.py": ""})
    if change == "hash":
        pins = f"tiny==1.0 --hash={A}"
    if change == "gone":
        pins += f"gone==1.0 --hash={A}"
    if change == "windows":
        pins += wheel(wheels, "windows", {"windows.py": ""}, "cp311-cp311-win_amd64")
    with pytest.raises(Refused) as refused:
        layer_zip.layer_zip("third", layer.requirements("third", pins), options(wheels))
    [problem] = refused.value.problems
    assert problem.where == "layer third"
    assert problem.message.startswith("pip cannot fetch it for Python 3.11 on manylinux2014_x86_64: ")
    assert said in problem.message


def test_two_packages_that_bring_different_files_of_one_name_are_refused(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    pins = wheel(wheels, "one", {"shared.py": "1", "same.py": ""}) + wheel(
        wheels, "two", {"shared.py": "2", "same.py": ""}
    )
    with pytest.raises(
        Refused, match=r"^layer third: two-1.0-py3-none-any.whl brings another shared.py than a package"
    ):
        layer_zip.layer_zip("third", layer.requirements("third", pins), options(wheels))
