"""`dpc run --dry-run`: the same run on copies. The lake is read through an overlay, the warehouse file is copied."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dpc_assets.cli.read import CONFIG
from dpc_assets.local import lock

GRAIN = ("facility_code", "patient_data_id", "admission_date", "same_day_no")

Stay = tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """Stays of mart.fact_stay by their grain; `changed` have another value in a column, named behind the grain."""

    added: tuple[Stay, ...]
    removed: tuple[Stay, ...]
    changed: tuple[tuple[Stay, tuple[str, ...]], ...]


def copy_warehouse(warehouse: Path, folder: Path, tell: Callable[[str], None]) -> Path:
    """A copy of the file (with its write-ahead log), or the path of a new one where there is none."""
    copy = folder / warehouse.name
    if warehouse.exists():
        with lock.read(warehouse, tell):
            for suffix in ("", ".wal"):
                source = warehouse.with_name(warehouse.name + suffix)
                if source.exists():
                    shutil.copyfile(source, copy.with_name(copy.name + suffix))
    return copy


def changes(before: Path, after: Path, tell: Callable[[str], None]) -> Changes:
    """What differs in mart.fact_stay between two warehouse files."""
    with lock.read(before, tell), duckdb.connect(config=CONFIG) as connection:
        columns = {}
        for name, path in (("before", before), ("after", after)):
            if path.exists():
                connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
                columns[name] = _columns(connection, name)
        old, new = columns.get("before", ()), columns.get("after", ())
        shared = [column for column in new if column in old and column not in GRAIN]
        return Changes(
            added=_only(connection, "after", "before" if old else None) if new else (),
            removed=_only(connection, "before", "after" if new else None) if old else (),
            changed=_changed(connection, shared) if old and new else (),
        )


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> tuple[str, ...]:
    found = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'mart' "
        "AND table_name = 'fact_stay' ORDER BY column_index",
        [database],
    ).fetchall()
    return tuple(str(row[0]) for row in found)


def _only(connection: duckdb.DuckDBPyConnection, here: str, there: str | None) -> tuple[Stay, ...]:
    grain = ", ".join(f"CAST({column} AS VARCHAR)" for column in GRAIN)
    query = f"SELECT {grain} FROM {here}.mart.fact_stay"
    if there:
        query += f" EXCEPT SELECT {grain} FROM {there}.mart.fact_stay"
    return tuple(tuple(str(value) for value in row) for row in connection.execute(f"{query} ORDER BY ALL").fetchall())


def _changed(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> tuple[tuple[Stay, tuple[str, ...]], ...]:
    grain = ", ".join(f"CAST(a.{column} AS VARCHAR)" for column in GRAIN)
    same = " AND ".join(f"a.{column} IS NOT DISTINCT FROM b.{column}" for column in GRAIN)
    differing = ", ".join(f"CASE WHEN a.{column} IS DISTINCT FROM b.{column} THEN '{column}' END" for column in columns)
    if not columns:
        return ()
    query = (
        f"SELECT * FROM (SELECT {grain}, list_filter([{differing}], lambda name: name IS NOT NULL) AS differing "
        f"FROM after.mart.fact_stay AS a JOIN before.mart.fact_stay AS b ON {same}) "
        "WHERE len(differing) > 0 ORDER BY ALL"
    )
    return tuple(
        (tuple(str(value) for value in row[: len(GRAIN)]), tuple(row[len(GRAIN)]))
        for row in connection.execute(query).fetchall()
    )
