"""What the server is told when it starts; no other module reads the environment or the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "000000000000"
"""The account that everything here belongs to; no real account has this number."""


@dataclass(frozen=True)
class Settings:
    """One server.

    folder: where it keeps everything (warehouse, logs, work of tasks); removed when the server is taken down.
    wait_scale: seconds that really pass in a second of a Wait state or before a retry; limits stay as they are.
    task_python: the Python of the project's own environment, which stands for the image of the dbt task.
    project: the project's root, from which tasks take dbt/, compiler/ and infra/image/.
    """

    port: int
    folder: Path
    task_python: Path
    project: Path
    region: str = "ap-northeast-1"
    wait_scale: float = 1.0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that stands for Redshift; only this server opens it."""
        return self.folder / "dpc.duckdb"
