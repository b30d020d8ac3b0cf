"""`dpc query`: read-only SQL over the warehouse."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from dpc_assets.cli import places
from dpc_assets.cli.errors import RunError, UsageError
from dpc_assets.cli.read import CONFIG
from dpc_assets.cli.rows import print_rows
from dpc_assets.local import lock

_WRONG = (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException, duckdb.PermissionException)
_ROWS_AT_ONCE = 1000


def run(options: argparse.Namespace, home: Path) -> int:
    warehouse = places.existing_warehouse(options)
    closed = CONFIG | {"enable_external_access": "false", "lock_configuration": "true"}
    with (
        lock.read(warehouse, lambda text: print(f"dpc: {text}", file=sys.stderr)),
        duckdb.connect(str(warehouse), read_only=True, config=closed) as connection,
    ):
        try:
            result = connection.execute(options.sql)
            columns = [column[0] for column in result.description or ()]
            print_rows(options, columns, _rows(result))
            return 0
        except _WRONG as error:
            raise UsageError(f"query: {_first(error)}") from error
        except duckdb.InvalidInputException as error:
            raise UsageError(f"query: only reading is allowed: {_first(error)}") from error
        except duckdb.Error as error:
            raise RunError(f"query: {_first(error)}") from error


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(_ROWS_AT_ONCE):
        yield from rows


def _first(error: duckdb.Error) -> str:
    """The engine's message without the lines that point into the statement."""
    return " ".join(line.strip() for line in str(error).split("\n\n")[0].splitlines() if line.strip())
