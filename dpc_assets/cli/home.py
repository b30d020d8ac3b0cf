"""The project's Dagster home and the surroundings that every command sets before Dagster or dbt is imported."""

import logging
import os
import shutil
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from dagster import DagsterInstance

PROJECT = Path(__file__).resolve().parents[2]

_QUIET = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DAGSTER_DISABLE_TELEMETRY": "1"}


def prepare(environment: MutableMapping[str, str] = os.environ) -> Path:
    """Makes DAGSTER_HOME (.dagster beside the project unless set) with the project's settings; answers its path."""
    home = Path(environment.get("DAGSTER_HOME") or PROJECT / ".dagster").absolute()
    home.mkdir(parents=True, exist_ok=True)
    settings, ours = home / "dagster.yaml", Path(__file__).with_name("dagster.yaml")
    if not settings.exists() or (home.is_relative_to(PROJECT) and settings.read_bytes() != ours.read_bytes()):
        half = settings.with_suffix(f".{os.getpid()}")
        shutil.copyfile(ours, half)
        half.replace(settings)
    environment["DAGSTER_HOME"] = str(home)
    for name, value in _QUIET.items():
        environment.setdefault(name, value)
    return home


def logs(home: Path) -> Path:
    """Where commands write what they do not show."""
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_file(home: Path, command: str) -> Path:
    return logs(home) / f"{command}-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"


@contextmanager
def instance(home: Path) -> Iterator["DagsterInstance"]:
    """The instance of `home`. Its databases are made by one process at a time."""
    from dagster import DagsterInstance

    logging.getLogger("alembic").setLevel(logging.WARNING)
    with FileLock(home / ".making.lock"):
        made = DagsterInstance.get()
        made.get_run_records(limit=1)
        made.get_asset_keys(limit=1)
    with made:
        yield made
