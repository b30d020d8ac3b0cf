"""The compiled state machines, judged by others: asl-validator where Node has it, else statelint."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from infra_check import outside
from infra_check.outcome import Unasked
from infra_check.place import Place

CHECK = "asl-validator"
VERSION = "4.0.0"


def problems(place: Place) -> Iterator[str]:
    files = sorted(place.source.glob("generated/*.asl.json"))
    if not files:
        yield "infra/terraform/generated: expected *.asl.json, found none; run dpc-compile build"
        return
    command, why_not = _validator(place.project)
    if command is None:
        place.note(CHECK, f"statelint instead: {why_not}")
        yield from _statelint(files)
        return
    for path in files:
        done = outside.call([*command, "--json-path", str(path)], folder=place.project)
        if done.returncode or "is valid" not in done.stdout:
            yield f"{path.relative_to(place.project)}: {(done.stdout + done.stderr).strip()}"


def _validator(folder: Path) -> tuple[list[str] | None, str]:
    """The command of asl-validator: ASL_VALIDATOR, PATH, our own npm packages, npx; or None and why."""
    given = os.environ.get("ASL_VALIDATOR") or shutil.which("asl-validator")
    if given:
        return [given], ""
    own = outside.TOOLS / "node" / "node_modules" / ".bin" / "asl-validator"
    if own.exists() and shutil.which("node"):
        return [str(own)], ""
    npx = shutil.which("npx")
    if npx is None:
        return None, "no Node here"
    command = [npx, "--yes", f"asl-validator@{VERSION}"]
    done = outside.call([*command, "--version"], folder=folder)
    return (command, "") if done.returncode == 0 else (None, f"npx has no asl-validator@{VERSION}")


def _statelint(files: list[Path]) -> Iterator[str]:
    try:
        from statelint.linter import Linter
    except ImportError as error:
        raise Unasked("neither asl-validator nor statelint is installed: run make infra-check") from error
    for path in files:
        for found in Linter.validate(json.loads(path.read_text(encoding="utf-8"))):
            yield f"{path.name}: {found}"
