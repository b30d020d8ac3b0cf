"""Fills a warehouse with hospitals made of rows and builds the stage models that the rules read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
from dq_submission import Row

from dpc_assets.formats.ddl import raw_columns
from dpc_assets.formats.registry import FILE_TYPES, file_name
from dpc_assets.local import compiled
from dpc_assets.steps.run import dashed

MONTHS = ("2025-04", "2025-05")


def _numbered(facility: str, rows: Sequence[Row]) -> list[tuple[str, dict[str, str]]]:
    """(type, raw row) of one hospital, with the provenance columns; lines are numbered from 1 per file."""
    lines: dict[tuple[str, str], int] = {}
    found = []
    for row in rows:
        file_type, month = row["type"], row["month"]
        lines[file_type, month] = lines.get((file_type, month), 0) + 1
        provenance = {
            "submission_yyyymm": month,
            "submission_facility": facility,
            "submission_version": "1",
            "file_name": file_name(file_type, facility, dashed(month)),
            "line_no": str(lines[file_type, month]),
            "facility_code": facility,
        }
        found.append((file_type, row | provenance))
    return found


def fill(database: Path, hospitals: Mapping[str, Sequence[Row]], folder: Path) -> None:
    """Loads the hospitals (9 digits -> rows) into raw and raw.loads of a migrated warehouse and builds stage."""
    by_type: dict[str, list[dict[str, str]]] = {file_type: [] for file_type in FILE_TYPES}
    delivered = set()
    for facility, rows in hospitals.items():
        for file_type, row in _numbered(facility, rows):
            by_type[file_type].append(row)
            delivered.add((row["submission_yyyymm"], facility, file_type))
    months = {(month, facility) for month, facility, _ in delivered}
    with closing(duckdb.connect(str(database))) as connection:
        for file_type, rows in by_type.items():
            if not rows:
                continue
            columns = [name for name, _ in raw_columns(file_type)]
            path = folder / f"{file_type}.csv"
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerows([row.get(name, "") for name in columns] for row in rows)
            connection.execute(
                f"insert into raw.{file_type.lower()} select * from read_csv('{path}', header = false, "
                f"all_varchar = true, nullstr = 'no such text', names = {columns})"
            )
        connection.executemany(
            "insert into raw.loads (submission_yyyymm, submission_facility, file_type, version, status, findings, "
            "findings_count) "
            "values (?, ?, ?, ?, ?, '', 0)",
            [
                (month, facility, file_type, 1, "loaded" if (month, facility, file_type) in delivered else "missing")
                for month, facility in sorted(months)
                for file_type in FILE_TYPES
            ],
        )
    compiled.build(database)
