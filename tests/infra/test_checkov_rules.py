"""Our own rules of checkov: each catches its broken example and lets the sound one pass."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from checks_environment import PACKAGE, PYTHON, needs_tools

BROKEN = PACKAGE / "broken"
RULES = sorted(
    found
    for path in (PACKAGE / "rules").iterdir()
    if path.suffix in (".py", ".yaml")
    for found in re.findall(r"CKV2?_DPC_\d+", path.read_text("utf-8"))
)
BLOCK = re.compile(r'^(?:resource|data) "(\w+)" "(broken|sound)"', re.MULTILINE)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """checkov's results over the examples, by the function that infra-check uses."""
    program = (
        "import json, sys; from pathlib import Path; from infra_check import hcl; "
        "print(json.dumps(hcl.report(Path(sys.argv[1]), Path(sys.argv[2]))))"
    )
    done = subprocess.run(
        [str(PYTHON), "-c", program, str(BROKEN), str(PACKAGE / "rules")],
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout)["results"])


def of_rule(report: dict[str, Any], kind: str, rule: str) -> set[str]:
    mine = [each for each in report[kind] if each["check_id"] == rule and Path(each["file_path"]).stem == rule]
    return {str(each["resource"]) for each in mine}


def test_every_rule_has_an_example() -> None:
    assert sorted(path.stem for path in BROKEN.glob("*.tf")) == RULES


@needs_tools
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_catches_what_is_broken_and_nothing_else(report: dict[str, Any], rule: str) -> None:
    blocks = BLOCK.findall((BROKEN / f"{rule}.tf").read_text("utf-8"))
    broken = {f"{kind}.broken" for kind, name in blocks if name == "broken"}
    sound = {f"{kind}.sound" for kind, name in blocks if name == "sound"}
    assert broken and of_rule(report, "failed_checks", rule) == broken
    assert of_rule(report, "passed_checks", rule) <= sound
    assert not sound or of_rule(report, "passed_checks", rule)
    assert report["parsing_errors"] == []
