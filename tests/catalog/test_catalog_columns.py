"""The columns of the catalog: what is committed is what the marts are today, and what the exported Parquet holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from dpc_assets.local import catalog
from dpc_assets.local.mart_columns import ROOT
from dpc_assets.local.transfer import Unload, parse
from dpc_assets.local.unload import unload
from dpc_assets.steps import lake
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.export import DATASETS, UNLOAD_OPTIONS
from dpc_assets.steps.store import FolderStore

COMMITTED = ROOT / "infra" / "terraform" / "modules" / "catalog" / "datasets.json"
MONTH = "2025-04"

# docs.aws.amazon.com/athena/latest/ug/parquet-serde.html, data-types.html: what each of Glue's types is read from.
PARQUET = {
    "bigint": ("INT64", "INT_64"),
    "boolean": ("BOOLEAN", None),
    "date": ("INT32", "DATE"),
    "double": ("DOUBLE", None),
    "int": ("INT32", "INT_32"),
    "string": ("BYTE_ARRAY", "UTF8"),
    "timestamp": ("INT64", "TIMESTAMP_MICROS"),
}


@pytest.fixture(scope="module")
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(catalog.empty_marts()) as connection:
        yield connection


@pytest.fixture
def committed() -> dict:
    return json.loads(COMMITTED.read_text(encoding="utf-8"))


def parquet_columns(path: Path) -> list[tuple[str, tuple[str, str | None]]]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT name, type, converted_type FROM parquet_schema(?) WHERE num_children IS NULL", [str(path)]
        ).fetchall()
    return [(name, (kind, converted)) for name, kind, converted in rows]


def test_what_is_committed_is_what_would_be_made() -> None:
    made = catalog.text()
    assert COMMITTED.read_bytes() == made.encode(), f"run: python -m dpc_assets.local.catalog {COMMITTED}"


def test_every_exported_dataset_and_no_other(committed: dict) -> None:
    assert list(committed["datasets"]) == list(DATASETS)


@pytest.mark.parametrize("dataset", DATASETS)
def test_glue_reads_what_the_export_writes(
    dataset: str, committed: dict, marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    folder = lake.dataset_folder(dataset, MONTH)
    asked = parse(f"UNLOAD ('SELECT * FROM mart.{dataset}') TO '{store.uri(folder)}' {UNLOAD_OPTIONS}")
    assert isinstance(asked, Unload)
    unload(marts, asked, store)
    (path,) = (tmp_path / folder).glob("*.parquet")
    columns = committed["datasets"][dataset]["columns"]
    assert parquet_columns(path) == [(each["name"], PARQUET[each["type"]]) for each in columns]


def test_the_grain_is_among_the_columns(committed: dict) -> None:
    for dataset, grain in DATASETS.items():
        assert set(grain) < {each["name"] for each in committed["datasets"][dataset]["columns"]}


def test_no_column_is_called_like_the_partition(committed: dict) -> None:
    for each in committed["datasets"].values():
        assert "month" not in {column["name"] for column in each["columns"]}


def test_a_type_that_the_engines_may_size_differently_is_refused(marts: duckdb.DuckDBPyConnection) -> None:
    with closing(marts.cursor()) as connection:
        connection.execute("BEGIN")
        connection.execute("CREATE OR REPLACE TABLE mart.cost_monthly AS SELECT SUM(1) AS lines, 1.5 AS drug_points")
        with pytest.raises(InputError) as refused:
            catalog.datasets(connection)
        connection.execute("ROLLBACK")
    told = str(refused.value).splitlines()
    assert len(told) == 2
    assert told[0].startswith("mart.cost_monthly.lines: expected") and "found HUGEINT" in told[0]
    assert told[1].startswith("mart.cost_monthly.drug_points: expected") and "found DECIMAL(2,1)" in told[1]


def test_a_column_without_words_is_refused(marts: duckdb.DuckDBPyConnection) -> None:
    with closing(marts.cursor()) as connection:
        connection.execute("BEGIN")
        connection.execute("ALTER TABLE mart.dpc_monthly ADD COLUMN unheard_of BIGINT")
        with pytest.raises(InputError, match=r"dpc_monthly\.unheard_of: expected a description in both"):
            catalog.datasets(connection)
        connection.execute("ROLLBACK")
