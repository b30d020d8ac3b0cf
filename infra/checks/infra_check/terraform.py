"""Terraform on the copy, one process at a time: a provider takes about 0.6 GB."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra_check import outside
from infra_check.outcome import Broken, Unasked
from infra_check.place import Place

PLUGINS = "DPC_TF_PLUGINS"
DEFAULT_PLUGINS = Path("/opt/tf-plugins")
NOBODY = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "ap-northeast-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
}
"""Made-up credentials: a call that reached AWS would be refused, and none is made."""

CHANGES = ("TF_CLI_CONFIG_FILE", "TF_CLI_ARGS", "TF_LOG", "TF_WORKSPACE", "AWS_PROFILE", "AWS_SESSION_TOKEN")
"""Variables of a person's shell that would change what terraform does."""


def program() -> str:
    """The program terraform. Raises Unasked where there is none."""
    found = shutil.which("terraform")
    if found is None:
        raise Unasked("terraform was not found on PATH: install Terraform 1.10 or newer")
    return found


def plugins() -> list[str]:
    """Arguments of init: from the folder that DPC_TF_PLUGINS names, else the ordinary registry."""
    given = os.environ.get(PLUGINS, "")
    folder = Path(given) if given else DEFAULT_PLUGINS
    if given and not folder.is_dir():
        raise Unasked(f"{PLUGINS}: expected a folder that holds registry.terraform.io/, found none at {folder}")
    return [f"-plugin-dir={folder}"] if folder.is_dir() else []


def run(place: Place, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`terraform arguments` in `folder`, a folder of the scratch."""
    if not folder.is_relative_to(place.scratch):
        raise Broken(f"terraform may only write below {place.scratch}, not in {folder}")
    environ = {
        "TF_DATA_DIR": str(_data(place, folder)),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        **NOBODY,
    }
    with _alone():
        return outside.call([program(), *arguments], folder=folder, environ=environ, without=CHANGES)


def initialised(place: Place, folder: Path, backend: str = "-backend=false") -> Path:
    """`folder` after init without its backend, or with the one that stands there (`-reconfigure`)."""

    def make() -> Path:
        done = run(place, folder, "init", backend, "-no-color", *plugins())
        if done.returncode:
            raise Broken(f"terraform init: {(done.stderr or done.stdout).strip()}")
        return folder

    found: Path = place.once(f"init {backend} {folder}", make)
    return found


def told(found: Mapping[str, Any]) -> str:
    """One of Terraform's diagnostics on one line: file:line, what it says, and its explanation."""
    place = found.get("range") or {}
    where = f"{place['filename']}:{place['start']['line']}: " if place else ""
    return f"{where}{found['summary']}: {' '.join(str(found.get('detail', '')).split())}"


def lines(text: str) -> Iterator[dict[str, Any]]:
    """The messages of a command with -json."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _data(place: Place, folder: Path) -> Path:
    return place.scratch / "data" / "-".join(folder.relative_to(place.scratch).parts)


@contextmanager
def _alone() -> Iterator[None]:
    """Holds the lock of this machine's user, so that two test processes do not load two providers."""
    name = Path(tempfile.gettempdir()) / f"dpc-infra-check-{os.getuid()}.lock"
    with name.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
