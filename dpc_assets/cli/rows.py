"""The rows of a query, printed as a table, as CSV or as JSON."""

import argparse
import csv
import itertools
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from dpc_assets.cli import show

_ROWS_SHOWN = 1000


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
        numbers = [i for i in range(len(columns)) if first and isinstance(first[0][i], int | float)]
        shown = [[_plain(value) for value in row] for row in first[:_ROWS_SHOWN]]
        show.out().print(show.table("", columns, shown, numbers=numbers))
        if len(first) > _ROWS_SHOWN:
            show.err().print(f"only the first {_ROWS_SHOWN} rows are shown; --csv gives all")


def _plain(value: object) -> str:
    return "" if value is None else str(value)
