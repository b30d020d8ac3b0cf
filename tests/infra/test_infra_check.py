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
LONG = [name for name in NAMES if name.startswith("test:") or name == "refused"]
"""terraform test of each module, and a plan for each group of wrong values."""

Report = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Report:
    """Outcomes by name of what is quickly checked."""
    return _report(tmp_path_factory, worker_id, "quick", [name for name in NAMES if name not in LONG])


@pytest.fixture(scope="session")
def long_report(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Report:
    return _report(tmp_path_factory, worker_id, "long", LONG)


@needs_tools
@pytest.mark.parametrize("name", [name for name in NAMES if name not in LONG])
def test_infra_check(report: Report, name: str) -> None:
    _holds(report[name])


@needs_tools
@pytest.mark.soak
@pytest.mark.parametrize("name", LONG)
def test_infra_check_at_length(long_report: Report, name: str) -> None:
    _holds(long_report[name])


def _report(folders: pytest.TempPathFactory, worker: str, word: str, names: list[str]) -> Report:
    """From one run that the workers of a session share."""
    shared = folders.getbasetemp()
    file = (shared if worker == "master" else shared.parent) / f"infra-check-{word}.json"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            command = [str(PYTHON), "-W", "ignore", "-m", "infra_check", "--json", *names]
            done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False)
            assert done.stdout.startswith("{"), done.stderr
            file.write_text(done.stdout, encoding="utf-8")
    return {each["name"]: each for each in json.loads(file.read_text("utf-8"))["checks"]}


def _holds(found: dict[str, Any]) -> None:
    if found["status"] == SKIPPED:
        pytest.skip(f"{found['name']}: {found['reason']}")
    assert found["status"] != FAILED, "\n".join(found["problems"])
