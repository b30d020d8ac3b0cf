"""What others say of our machines: npm asl-validator and PyPI statelint find nothing in any of them.

asl-validator 4.0.0 is taken from the environment variable ASL_VALIDATOR (a path), from PATH, or through npx, which asks
the npm registry once and keeps it. Without Node, or without a registry that answers, that half is skipped and says so.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import golden_graphs
import pytest
from statelint.linter import Linter

VERSION = "4.0.0"
REGISTRY_S = 90

ROOT = Path(__file__).parents[2]
MACHINES = sorted(
    [
        *golden_graphs.GOLDEN.glob("*/machine.json"),
        *golden_graphs.GOLDEN.glob("*/parent.json"),
        *(ROOT / "infra" / "terraform" / "generated").glob("*.asl.json"),
    ]
)


def asl_validator() -> list[str]:
    """The command, or a skip that says what is missing."""
    given = os.environ.get("ASL_VALIDATOR") or shutil.which("asl-validator")
    if given:
        return [given]
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("no Node here: asl-validator was not asked (statelint was)")
    command = [npx, "--yes", f"asl-validator@{VERSION}"]
    try:
        answer = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=REGISTRY_S)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the npm registry did not answer in {REGISTRY_S} s: asl-validator was not asked")
    if answer.returncode != 0:
        pytest.skip(f"npx has no asl-validator@{VERSION}: {answer.stderr.strip().splitlines()[-1:]}")
    return command


def test_asl_validator_finds_nothing() -> None:
    files = [argument for path in MACHINES for argument in ("--json-path", str(path))]
    found = subprocess.run([*asl_validator(), *files], capture_output=True, text=True, timeout=REGISTRY_S)
    assert (found.returncode, found.stdout.count("is valid")) == (0, len(MACHINES)), found.stdout + found.stderr


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_statelint_finds_nothing(path: Path) -> None:
    machine: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert Linter.validate(machine) == []
