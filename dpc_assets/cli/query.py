"""`dpc query`: read-only SQL over the warehouse."""

import argparse
import csv
import sys
from pathlib import Path

import duckdb

from dpc_assets.cli import places, show
from dpc_assets.cli.errors import RunError, UsageError
from dpc_assets.cli.read import CONFIG
from dpc_assets.local import lock

_WRONG = (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException, duckdb.PermissionException)
_ROWS_SHOWN = 1000


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
            return _print(options, columns, result)
        except _WRONG as error:
            raise UsageError(f"query: {_first(error)}") from error
        except duckdb.InvalidInputException as error:
            raise UsageError(f"query: only reading is allowed: {_first(error)}") from error
        except duckdb.Error as error:
            raise RunError(f"query: {_first(error)}") from error


def _print(options: argparse.Namespace, columns: list[str], result: duckdb.DuckDBPyConnection) -> int:
    if options.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        while rows := result.fetchmany(_ROWS_SHOWN):
            writer.writerows(rows)
    elif options.json:
        show.print_json([dict(zip(columns, row, strict=True)) for row in result.fetchall()])
    else:
        rows = result.fetchmany(_ROWS_SHOWN + 1)
        numbers = [i for i in range(len(columns)) if rows and isinstance(rows[0][i], int | float)]
        show.out().print(
            show.table("", columns, [[_plain(value) for value in row] for row in rows[:_ROWS_SHOWN]], numbers=numbers)
        )
        if len(rows) > _ROWS_SHOWN:
            show.err().print(f"only the first {_ROWS_SHOWN} rows are shown; --csv gives all")
    return 0


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _first(error: duckdb.Error) -> str:
    """The engine's message without the lines that point into the statement."""
    return " ".join(line.strip() for line in str(error).split("\n\n")[0].splitlines() if line.strip())
