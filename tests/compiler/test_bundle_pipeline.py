"""The zips of this project's own pipeline: each imports alone, little, and without boto3."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest

from compiler import build
from compiler.cli.settings import settings
from compiler.pack import Zip

ROOT = Path(__file__).parents[2]
MOST_MODULES = 150
"""Of the standard library, that a cold start imports. What it takes in seconds is in `make bench`."""

CODE = """
import sys
sys.path[:0] = {path!r}
before = set(sys.modules)
import index
after = set(sys.modules) - before
import json
loaded = sorted({{name.partition(".")[0] for name in sys.modules}} - sys.stdlib_module_names)
print(json.dumps([len(after), callable(index.handler), loaded]))
"""


@pytest.fixture(scope="module")
def zips() -> Mapping[str, Zip]:
    from argparse import Namespace

    chosen = settings(Namespace(), ROOT)
    draft = build.read(chosen.definitions, ROOT, chosen.prepare)
    return {each.name: each for each in build.run(build.PASSES, draft).zips}


def imported(*path: Path) -> tuple[int, list[str]]:
    """How many modules importing `index` adds, and those that are then loaded beside the standard library's."""
    command = [sys.executable, "-I", "-S", "-B", "-c", CODE.format(path=[str(each) for each in path])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    added, callable_, loaded = json.loads(done.stdout)
    assert callable_
    return added, loaded


def test_every_zip_imports_alone_from_the_zip_and_with_boto3_beside_it(zips: Mapping[str, Zip], tmp_path: Path) -> None:
    libraries = Path(boto3.__file__).parents[1]
    for name, packed in zips.items():
        place = tmp_path / packed.file
        place.write_bytes(packed.data)
        alone = imported(place)[1]
        assert {"__main__", "compiler", "index"} <= set(alone) <= {"__main__", "compiler", "dpc_assets", "index"}, name
        assert imported(place, libraries)[1] == alone, name


def test_no_zip_holds_what_runs_only_beside_dagster(zips: Mapping[str, Zip]) -> None:
    for packed in zips.values():
        folders = {"/".join(member.split("/")[:2]) for member in packed.members if "/" in member}
        assert folders <= {
            "compiler/__init__.py",
            "compiler/runtime",
            "dpc_assets/__init__.py",
            "dpc_assets/formats",
            "dpc_assets/steps",
        }


def test_a_cold_start_imports_little(zips: Mapping[str, Zip], tmp_path: Path) -> None:
    added = {}
    for name, packed in zips.items():
        place = tmp_path / packed.file
        place.write_bytes(packed.data)
        added[name] = imported(place)[0]
    assert {name: count for name, count in added.items() if count > MOST_MODULES} == {}
