"""`dpc` in a process of its own, in a surrounding of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Surrounding:
    """A lake, a warehouse and a Dagster home below one folder."""

    folder: Path

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def warehouse(self) -> Path:
        return self.folder / "dpc.duckdb"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DAGSTER_HOME": str(self.home),
            "DPC_LAKE": str(self.lake),
            "DPC_WAREHOUSE": str(self.warehouse),
            "DPC_ID_KEY": "a key of the tests",
            "LANG": "C.UTF-8",
            "PYTHONWARNINGS": "",
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "dpc_assets.cli.main", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def call(self, *arguments: str, status: int = 0) -> tuple[str, str]:
        """(stdout, stderr) of a command that must end with `status`."""
        process = self.start(*arguments)
        out, err = process.communicate()
        assert process.returncode == status, f"{arguments}: {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return out, err

    def json(self, *arguments: str, status: int = 0) -> Any:
        return json.loads(self.call(*arguments, "--json", status=status)[0])
