"""The bytes of zips are equal on any machine: other clocks, umasks, locales, folders, file orders and Pythons."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = """
import sys
from pathlib import Path
from compiler import bundle, imports
from compiler.graph import Asset, Function, Graph, LambdaStep, Machine, Unit
from compiler.project import Project
from compiler.selection_graph import selection_graph, text

names = sys.argv[2:]
made = [Function(f"x-{name.rpartition('.')[2]}", f"{name}:run", data=("a", "b.txt")) for name in names]
units = [Unit(each.name, (each.name,), (LambdaStep(each),)) for each in made]
graph = Graph(Machine("x", "x-"), tuple(Asset(unit.name, unit=unit.name) for unit in units), tuple(units))
for zipped in bundle.bundles(graph, Project((Path(sys.argv[1]),)), text(selection_graph(graph)).encode()):
    print(zipped.name, zipped.sha256, zipped.size)
print("stdlib", *sorted(imports.STDLIB))
"""
ZIPS = ("x-check_quality", "x-export", "x-normalize", "x-plan")
STEPS = ("dpc_assets.steps.check_quality", "dpc_assets.steps.export", "dpc_assets.steps.normalize")


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two copies of the pipeline: files made in opposite order, at other times, with other modes, with junk beside."""
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second") / "データ"
    second.mkdir()
    steps = ROOT / "dpc_assets"
    files = sorted(
        path
        for folder in ("steps", "formats")
        for path in (steps / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    for tree, ordered in ((first, files), (second, files[::-1])):
        for path in [steps / "__init__.py", *ordered]:
            target = tree / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        for text, name in (("1", "a/2.txt"), ("2", "a/1.txt"), ("é", "b.txt")):
            target = tree / "dpc_assets" / "steps" / name
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
    for path in second.rglob("*"):
        os.utime(path, (86400, 86400))
        path.chmod(0o700 if path.is_dir() else 0o600)
    (second / "dpc_assets" / "steps" / "rules" / ".DS_Store").write_bytes(b"junk")
    (second / "dpc_assets" / "steps" / "rules" / "A01.sql~").write_bytes(b"junk")
    (second / "dpc_assets" / "steps" / "__pycache__").mkdir()
    (second / "dpc_assets" / "steps" / "__pycache__" / "export.pyc").write_bytes(b"junk")
    return first, second


def zips(python: str, tree: Path, cwd: Path, umask: int = 0o022, reverse: bool = False, **environment: str) -> str:
    done = subprocess.run(
        [python, "-B", "-c", CODE, str(tree), *(STEPS[::-1] if reverse else STEPS)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        umask=umask,
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "PATH": os.environ["PATH"], **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def usual(trees: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    found = zips(sys.executable, trees[0], tmp_path_factory.mktemp("here"))
    assert [line.split()[0] for line in found.splitlines()] == [*ZIPS, "stdlib"]
    return found


@pytest.mark.parametrize(
    ("umask", "environment"),
    [
        (0o077, {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}),
        (0o000, {"PYTHONHASHSEED": "4294967295", "TZ": "America/St_Johns", "LC_ALL": "ja_JP.UTF-8"}),
        (0o002, {"PYTHONHASHSEED": "random", "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "1", "LANG": "tr_TR.UTF-8"}),
    ],
)
def test_another_machine_makes_the_same_bytes(
    trees: tuple[Path, Path], usual: str, tmp_path: Path, umask: int, environment: dict[str, str]
) -> None:
    assert zips(sys.executable, trees[1], tmp_path, umask, True, **environment) == usual


def interpreter(version: str) -> str | None:
    """A Python of that version on the PATH or among those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for python in (f"python{version}", *map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))):
        if shutil.which(python):
            command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            if subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() == version:
                return python
    return None


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_another_python_makes_the_same_bytes(
    trees: tuple[Path, Path], usual: str, tmp_path: Path, version: str
) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    assert zips(python, trees[1], tmp_path) == usual
