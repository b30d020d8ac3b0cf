"""`dpc aws` as a person runs it, and the executions of the recorded AWS."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from recorded_states import STATES

from dpc_assets.cli.main import main

ELT = f"{STATES}:stateMachine:dpc-learning-elt"
PARENT = f"{STATES}:stateMachine:dpc-learning-schedule"
REFUSED = f"{STATES}:execution:dpc-learning-elt:2025-05-a"
DAILY = f"{STATES}:execution:dpc-learning-schedule:daily-1"


@dataclass(frozen=True)
class Said:
    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Runs `dpc aws ...` in this process, with nothing of this machine's AWS settings."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        home = {"DAGSTER_HOME": str(folder / "dagster"), "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "Asia/Tokyo"}
        for name, value in {**home, "AWS_EC2_METADATA_DISABLED": "true"}.items():
            patch.setenv(name, value)
        time.tzset()
        self.patch = patch
        self._capsys = capsys

    def using(self, settings: dict[str, str]) -> Shell:
        for name, value in settings.items():
            self.patch.setenv(name, value)
        return self

    def __call__(self, *arguments: str) -> Said:
        status = main(["aws", *arguments])
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "defect of dpc" not in captured.err
        return Said(status, captured.out, captured.err)
