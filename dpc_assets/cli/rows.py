"""The rows of a query, printed as a table, as CSV or as JSON."""

import argparse
import csv
import itertools
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from dpc_assets.cli import show

_ROWS_SHOWN = 1000
_ANY_WIDTH = 100_000


def print_rows(options: argparse.Namespace, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """`options`: csv and json, at most one of them. CSV takes the rows one by one; a table shows the first."""
    if options.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif options.json:
        show.print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        first = list(itertools.islice(rows, _ROWS_SHOWN + 1))
        _print_table(columns, first[:_ROWS_SHOWN])
        if len(first) > _ROWS_SHOWN:
            show.err().print(f"only the first {_ROWS_SHOWN} rows are shown; --csv gives all")


def _print_table(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """No column is ever left out or cut: on a terminal that is too narrow each row stands as a list of its own (psql's
    expanded display), in a file lines are as long as they need."""
    shown = [[_plain(value) for value in row] for row in rows]
    numbers = [i for i in range(len(columns)) if _are_numbers([row[i] for row in rows])]
    made = show.table("", columns, shown, numbers=numbers)
    console = show.out()
    needed = console.measure(made, options=console.options.update(max_width=_ANY_WIDTH)).maximum
    if needed <= console.width:
        console.print(made)
    elif console.is_terminal:
        for number, row in enumerate(shown, 1):
            console.print(show.table(f"{number}", ("", ""), list(zip(columns, row, strict=True)), header=False))
    else:
        show.out(needed).print(made)


def _are_numbers(values: Sequence[Any]) -> bool:
    given = [value for value in values if value is not None]
    return bool(given) and all(isinstance(value, int | float | Decimal) for value in given)


def _plain(value: object) -> str:
    return "" if value is None else str(value)
