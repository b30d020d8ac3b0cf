"""The environment of infra-check as the tests see it: where it is, and why it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-infra" / "bin" / "python"
PACKAGE = ROOT / "infra" / "checks"

needs_tools = pytest.mark.skipif(
    not PYTHON.exists(), reason="the environment of infra-check is not there: make infra-check makes it (.venv-infra)"
)
needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="terraform was not found on PATH: what it checks is not checked here"
)
