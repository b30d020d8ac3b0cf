"""The lake and the warehouse that a command works on: its options, else the environment, else the default."""

import argparse
import os
import re
from pathlib import Path

from dpc_assets.cli.errors import UsageError
from dpc_assets.local.defaults import DEFAULT_LAKE, DEFAULT_WAREHOUSE
from dpc_assets.steps.ports import ObjectStore

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_MONTHS = re.compile(r"([0-9]{4}-[0-9]{2})(?:\.\.([0-9]{4}-[0-9]{2}))?")

_TAKEN = {"raw", "stage", "mart", "ref", "dq", "export", "main", "temp", "system", "memory"}
"""DuckDB names a database after its file: one of these names could not be told from a schema or from DuckDB's own."""


def lake(options: argparse.Namespace) -> str:
    """The lake's address, kept in DPC_LAKE for everything this process starts. A folder is made absolute."""
    address = options.lake or os.environ.get("DPC_LAKE") or DEFAULT_LAKE
    if _SCHEME.match(address):
        if not re.fullmatch(r"s3://[^/]+(/.*)?", address):
            raise UsageError(f"--lake: expected a folder or s3://bucket/prefix, found {address!r}")
    else:
        address = str(Path(address).absolute())
    os.environ["DPC_LAKE"] = address
    return address


def existing_lake(options: argparse.Namespace) -> str:
    """Like `lake`; raises UsageError where a folder is not there."""
    address = lake(options)
    if not address.startswith("s3://") and not Path(address).is_dir():
        raise UsageError(
            f"--lake: there is no folder {address}; make one with `dpc sample --out {address} --month 2025-04` "
            "or `dpc submit DIR --lake LAKE`"
        )
    return address


def warehouse(options: argparse.Namespace) -> Path:
    """The warehouse file, kept in DPC_WAREHOUSE for everything this process starts."""
    path = Path(options.warehouse or os.environ.get("DPC_WAREHOUSE") or DEFAULT_WAREHOUSE).absolute()
    if path.is_dir():
        raise UsageError(f"--warehouse: expected a file, found the folder {path}")
    if path.name.split(".")[0].lower() in _TAKEN:
        raise UsageError(
            f"--warehouse: a file named {path.name} cannot be told from the schema {path.name.split('.')[0]} in it; "
            "choose another name, such as dpc.duckdb"
        )
    os.environ["DPC_WAREHOUSE"] = str(path)
    return path


def existing_warehouse(options: argparse.Namespace) -> Path:
    """Like `warehouse`; raises UsageError where there is no file, or one that is no DuckDB file."""
    path = warehouse(options)
    if not path.exists():
        raise UsageError(f"--warehouse: there is no file {path}; `dpc run --month 2025-04 --warehouse FILE` makes it")
    with path.open("rb") as stream:
        if stream.read(12)[8:12] != b"DUCK":
            raise UsageError(f"--warehouse: {path} is not a DuckDB file")
    return path


def store(address: str) -> ObjectStore:
    """The lake at an address that `lake` has checked."""
    from dpc_assets.steps.store import open_store

    return open_store(address)


def months(text: str) -> tuple[str, ...]:
    """`2025-04` or `2025-04..2025-06` as months, ascending; raises UsageError."""
    found = _MONTHS.fullmatch(text)
    if not found or not all(1 <= int(month[5:]) <= 12 for month in (found[1], found[2] or found[1])):
        raise UsageError(f"--month: expected 2025-04 or 2025-04..2025-06, found {text!r}")
    first, last = found[1], found[2] or found[1]
    if last < first:
        raise UsageError(f"--month: expected the earlier month first, found {text!r}")
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(_number(first), _number(last) + 1))


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
