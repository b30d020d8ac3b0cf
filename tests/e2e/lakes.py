"""What invented hospitals delivered: lakes as objects by key, and what a laptop makes of one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import deployed
import duckdb
from dpc_process import Surrounding

from dpc_assets.sample import generate
from dpc_assets.steps.store import FolderStore

MONTH = "2025-04"


@cache
def lake(months: int, facilities: int, fault: str | None = None, stays: int = 12) -> Mapping[str, bytes]:
    """Deliveries of `months` from 2025-04 on; the first month of the first hospital has the fault."""
    with TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        generate(store, MONTH, months=months, facilities=facilities, stays=stays, seed=3, fault=fault)
        return {each.key: store.read(each.key) for each in store.list("")}


def on_a_laptop(objects: Mapping[str, bytes], months: str, folder: Path, *, status: int = 0) -> dict[str, Any]:
    """The state that `dpc run` leaves, as `Deployed.state` tells it."""
    place = Surrounding(folder)
    store = FolderStore(place.lake)
    for key, body in objects.items():
        store.write(key, body)
    place.call("run", "--month", months, status=status)
    keys = sorted(each.key for each in store.list("processed/_success/"))
    with closing(duckdb.connect(str(place.warehouse), read_only=True)) as connection:
        found = deployed.tables(lambda sql: connection.execute(sql).fetchall())
    return {
        "tables": found,
        "parquet": deployed.parquet({each.key: store.read(each.key) for each in store.list("processed/")}),
        "success": [key.rpartition("=")[2] for key in keys],
    }
