"""The dbt project as data: where it is, and its manifest, prepared ahead (never while definitions load)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock

from dpc_assets.resources import PROJECT

DBT_FOLDER = PROJECT / "dbt"
TARGET = DBT_FOLDER / "target"
MANIFEST = TARGET / "manifest.json"

_SOURCES = ("models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml")


class DbtProjectError(Exception):
    """The dbt project cannot be parsed, or its manifest has not been prepared. The text says what to do."""


def ensure_dbt_manifest() -> Path:
    """Runs `dbt parse` where the manifest is missing or older than the project; answers its path.

    Safe beside other processes that do the same. Raises DbtProjectError with dbt's own words.
    """
    TARGET.mkdir(parents=True, exist_ok=True)
    if _fresh():
        return MANIFEST
    with FileLock(TARGET / ".manifest.lock"):
        if not _fresh():
            _parse()
    return MANIFEST


def read_manifest() -> dict[str, Any]:
    """The prepared manifest; raises DbtProjectError where there is none."""
    try:
        manifest: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DbtProjectError(
            "dbt/target/manifest.json is missing. Prepare it once: `dpc prepare` (`make dev` and `dpc run` do)."
        ) from error
    return manifest


def dbt_executable() -> str:
    """The dbt beside this Python, so that an activated environment is not needed."""
    beside = Path(sys.executable).with_name("dbt")
    return str(beside) if beside.exists() else "dbt"


def _fresh() -> bool:
    if not MANIFEST.exists():
        return False
    made = MANIFEST.stat().st_mtime
    return all(path.stat().st_mtime <= made for path in _files())


def _files() -> list[Path]:
    """Every file and folder that dbt reads; a folder's time changes when something in it goes or comes."""
    found: list[Path] = []
    for name in _SOURCES:
        path = DBT_FOLDER / name
        if path.exists():
            found += [path, *(path.rglob("*") if path.is_dir() else ())]
    return found


def _parse() -> None:
    command = [dbt_executable(), "--no-use-colors", "--quiet", "parse", "--target", "duckdb"]
    places = {"DBT_PROJECT_DIR": DBT_FOLDER, "DBT_PROFILES_DIR": DBT_FOLDER, "DBT_TARGET_PATH": TARGET}
    done = subprocess.run(
        command,
        cwd=DBT_FOLDER,
        env={
            **os.environ,
            **{name: str(path) for name, path in places.items()},
            "DBT_LOG_PATH": str(TARGET),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DbtProjectError(f"dbt cannot parse the project in dbt/:\n{(done.stdout + done.stderr).strip()}")
    MANIFEST.touch()  # a project file saved while dbt was reading stays older than the manifest only if it was read
