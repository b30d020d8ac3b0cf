"""Runs months through the real steps and the compiled models, and compares two warehouses."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
from generated_lakes import MONTHS

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.local.compiled import build
from dpc_assets.steps import copy_raw, migrate, normalize, record_loads, validate_manifest
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import open_store

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
KEY = b"property: a key that is no secret"
SCHEMAS = ("raw", "stage", "ref", "mart")
GRAINS = {
    "mart.fact_stay": "facility_code, patient_data_id, admission_date, same_day_no",
    "mart.facility_monthly": "facility_code, yyyymm",
    "mart.dpc_monthly": "facility_code, yyyymm, dpc_code",
    "mart.cost_monthly": "facility_code, yyyymm, data_category",
    "mart.submission_board": "facility_code, yyyymm, file_type",
}


_ticks = count()


def ticking() -> datetime:
    """A clock that never says the same time twice."""
    return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(seconds=next(_ticks))


class Silent:
    """A notifier whom nobody hears."""

    def send(self, subject: str, body: str, attributes: Any) -> None:
        pass


@dataclass(frozen=True)
class Platform:
    """A lake and a warehouse file."""

    lake: Path
    file: Path

    @property
    def ports(self) -> Ports:
        store = open_store(str(self.lake))
        api = DataApiWarehouse(DuckDBDataApi(self.file, store))
        return Ports(store, api, ticking, Silent(), lambda: KEY)

    def load(self, months: Sequence[str]) -> None:
        """What a run does before dbt: month by month in the order given, then raw.loads over all months."""
        ports = self.ports
        migrate.run(Run("property", tuple(months)), ports)
        for month in months:
            one = Run("property", (month,))
            validate_manifest.run(one, ports)
            normalize.run(one, ports)
            copy_raw.run(one, ports)
        record_loads.run(Run("property", tuple(months)), ports)

    def run(self, months: Sequence[str]) -> None:
        """One run over these months, as Dagster does it: each month's stage, then everything above in full."""
        self.load(months)
        build(self.file, list(months))

    def from_scratch(self) -> None:
        """Every month of the lake, once, into a new file."""
        self.load(MONTHS)
        build(self.file)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(duckdb.connect(str(self.file), read_only=True)) as connection:
            return connection.execute(sql).fetchall()


def tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every table of the four schemas, provenance included."""
    listed = ", ".join(f"'{schema}'" for schema in SCHEMAS)
    found: dict[str, list[tuple[str, str]]] = {}
    for schema, table, column, kind in connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        f"where table_catalog = '{database}' and table_schema in ({listed}) order by 1, 2, ordinal_position"
    ).fetchall():
        found.setdefault(f"{schema}.{table}", []).append((column, kind))
    return found


def differences(one: Path, other: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows that only one of two warehouses has, by table; duplicates count. {} where they are identical."""
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        left, right = tables(connection, "one"), tables(connection, "other")
        assert left == right
        assert {table.split(".")[0] for table in left} == set(SCHEMAS)
        found = {}
        for table in left:
            gone = connection.execute(f"from one.{table} except all from other.{table}").fetchall()
            come = connection.execute(f"from other.{table} except all from one.{table}").fetchall()
            if gone or come:
                found[table] = [("only one", *row) for row in gone[:5]] + [("only other", *row) for row in come[:5]]
        return found


def assert_grains(platform: Platform) -> None:
    """What dbt's tests of severity error claim: a grain is unique and never NULL, whatever was delivered."""
    for table, columns in GRAINS.items():
        repeated = platform.fetch(f"select {columns} from {table} group by {columns} having count(*) > 1")
        empty = platform.fetch(
            f"select {columns} from {table} where " + " or ".join(f"{column} is null" for column in columns.split(", "))
        )
        assert (table, repeated, empty) == (table, [], [])
