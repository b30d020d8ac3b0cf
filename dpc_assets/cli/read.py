"""Short looks into the warehouse file: rows of one query, read-only, waiting for whoever has the file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dpc_assets.local import lock

CONFIG = {"memory_limit": "1GB", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def rows(
    warehouse: Path, sql: str, parameters: Sequence[Any] = (), *, tell: Callable[[str], None]
) -> list[tuple[Any, ...]]:
    """All rows of one of our own queries; none where the table has not been made yet."""
    with lock.read(warehouse, tell), duckdb.connect(str(warehouse), read_only=True, config=CONFIG) as connection:
        try:
            return connection.execute(sql, list(parameters)).fetchall()
        except duckdb.CatalogException:
            return []
