"""The laptop's key for the patients' common id: made once, outside lake and project, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dpc_assets.steps.errors import InputError

_BYTES = 32


def id_key(environment: Mapping[str, str]) -> bytes:
    """DPC_ID_KEY of the environment, else the content of `key_file`, which is made where it is absent."""
    given = environment.get("DPC_ID_KEY", "")
    return given.encode() if given else _kept(key_file(environment))


def key_file(environment: Mapping[str, str]) -> Path:
    """`$XDG_CONFIG_HOME/dpc/id_key`, by default `~/.config/dpc/id_key`."""
    base = environment.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "dpc" / "id_key"


def _kept(path: Path) -> bytes:
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise InputError(
            f"{path}: the key of the patients' common id cannot be kept there ({error.strerror}); set DPC_ID_KEY"
        ) from error
    if not key:
        raise InputError(f"{path}: expected a key, found an empty file; delete the file or set DPC_ID_KEY")
    return key


def _make(path: Path) -> None:
    """Two processes that come at once agree on one key: the second finds the first one's link."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(_BYTES))
    try:
        with suppress(FileExistsError):
            os.link(half, path)
    finally:
        half.unlink(missing_ok=True)
