"""make infra-check as tests: each check is one, so that what fails is seen by its name. The checks run once."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from checks_environment import PACKAGE, PYTHON, ROOT, needs_tools
from filelock import FileLock
from infra_check import catalogue
from infra_check.outcome import FAILED, SKIPPED
from infra_check.place import Place

NAMES = [each.name for each in catalogue.checks(Place(ROOT, Path(tempfile.gettempdir())))]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Any]:
    """Outcomes by name, from one run that the workers of a session share."""
    shared = tmp_path_factory.getbasetemp()
    file = (shared if worker_id == "master" else shared.parent) / "infra-check.json"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            command = [str(PYTHON), "-W", "ignore", "-m", "infra_check", "--json"]
            done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False)
            assert done.stdout.startswith("{"), done.stderr
            file.write_text(done.stdout, encoding="utf-8")
    return {each["name"]: each for each in json.loads(file.read_text("utf-8"))["checks"]}


@needs_tools
@pytest.mark.parametrize("name", NAMES)
def test_infra_check(report: dict[str, Any], name: str) -> None:
    found = report[name]
    if found["status"] == SKIPPED:
        pytest.skip(f"{name}: {found['reason']}")
    assert found["status"] != FAILED, "\n".join(found["problems"])
