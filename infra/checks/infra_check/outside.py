"""Programs that are run: found, called, their words kept. Nothing here reaches a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra_check.outcome import Broken, Unasked

TOOLS = Path(sys.prefix)
"""The environment of the checks: Python's programs in bin/, npm's in node/."""

LIMIT_S = 600


def call(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    given: str | None = None,
    without: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, in this environment with `environ` and less `without`. Raises Broken at the limit."""
    kept = {name: value for name, value in os.environ.items() if name not in without}
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env={**kept, **(environ or {})},
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Broken(f"{' '.join(command[:3])}: still running after {LIMIT_S} s") from error


def python_tool(name: str) -> str:
    """A program of the checks' own environment."""
    found = TOOLS / "bin" / name
    if not found.exists():
        raise Unasked(f"{name} is not installed beside {sys.executable}: run make infra-check, which installs it")
    return str(found)


def node_package(name: str) -> Path:
    """A package that `npm ci` put beside the environment."""
    found = TOOLS / "node" / "node_modules" / name
    if not found.is_dir():
        raise Unasked(f"the npm package {name} is not installed in {TOOLS / 'node'}: Node or npm was not found by make")
    return found


def node() -> str:
    found = shutil.which("node")
    if found is None:
        raise Unasked("node was not found: install Node 18 or newer")
    return found


def parsed(done: subprocess.CompletedProcess[str], what: str) -> Any:
    """Its standard output as JSON. Raises Broken with what it said where that is none."""
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise Broken(f"{what} ended with status {done.returncode} and no JSON: {said}") from error
