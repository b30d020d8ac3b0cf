"""The hand-written submissions through every real step and one real `dbt build`: exactly the rows computed on paper."""

import csv
import gzip
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ten_stays_lake import DATA, FACILITY, MONTHS, OTHER, deliver, expect_facilities, rows

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.local.compiled import build
from dpc_assets.steps import (
    check_quality,
    copy_raw,
    export,
    migrate,
    normalize,
    record_loads,
    validate_manifest,
    verdict,
)
from dpc_assets.steps.data_api import DataApiWarehouse, sql_text
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import open_store

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
KEY = b"ten stays: a key that is no secret"
MARTS = ("fact_stay", "facility_monthly", "dpc_monthly", "cost_monthly", "submission_board")


class _Silent:
    def send(self, subject: str, body: str, attributes: Any) -> None:
        """Nobody listens to a test."""


@dataclass(frozen=True)
class Finished:
    """A lake and its warehouse file after the run."""

    ports: Ports
    lake: Path
    warehouse: Path

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(duckdb.connect(str(self.warehouse), read_only=True)) as connection:
            return connection.execute(sql).fetchall()


def points_statement() -> str:
    """The hand-written points table as one INSERT."""
    lines = []
    for each in rows("points.csv"):
        numbers = ", ".join(each[name] for name in ("days_1", "days_2", "days_3", "points_1", "points_2", "points_3"))
        dates = f"DATE '{each['valid_from']}', DATE '{each['valid_to']}'"
        lines.append(f"({sql_text(each['dpc_code'])}, {sql_text(each['name_ja'])}, {numbers}, {dates}, 'ten stays')")
    columns = "dpc_code, name_ja, days_1, days_2, days_3, points_1, points_2, points_3, valid_from, valid_to, source"
    return f"INSERT INTO ref.dpc_points_import ({columns}) VALUES {', '.join(lines)}"


def dbt_build(warehouse: Path, scratch: Path) -> None:
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--project-dir", str(PROJECT), "--profiles-dir"]
    command += [str(PROJECT), "--target", "duckdb", "--target-path", str(scratch), "--log-path", str(scratch)]
    done = subprocess.run(
        command, env=os.environ | {"DPC_WAREHOUSE": str(warehouse)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp("ten_stays")
    lake, warehouse = folder / "lake", folder / "dpc.duckdb"
    expect_facilities(lake)
    deliver(lake)
    store = open_store(str(lake))
    api = DataApiWarehouse(DuckDBDataApi(warehouse, store))
    ports = Ports(store, api, lambda: datetime(2026, 1, 5, tzinfo=UTC), _Silent(), lambda: KEY)
    everything = Run("ten-stays", MONTHS)
    for month in MONTHS:
        one = Run("ten-stays", (month,))
        validate_manifest.run(one, ports)
        normalize.run(one, ports)
    migrate.run(everything, ports)
    for month in MONTHS:
        copy_raw.run(Run("ten-stays", (month,)), ports)
    record_loads.run(everything, ports)
    api.execute([points_statement()], name="points of the ten stays")
    dbt_build(warehouse, folder / "dbt")
    check_quality.run(everything, ports)
    export.run(everything, ports)
    yield Finished(ports, lake, warehouse)


def expected(mart: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of `expected/<mart>.csv`."""
    with (DATA / "expected" / f"{mart}.csv").open(encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream)
    return header, lines


def cell(text: str, found: Any, column: str) -> Any:
    """The expected text as a value of the type that was found, so that equal cells compare equal."""
    if text == "":
        return "" if column == "findings" else None
    match found:
        case bool():
            return {"true": True, "false": False}[text]
        case datetime():
            return datetime.fromisoformat(text)
        case date():
            return date.fromisoformat(text)
        case int() | Decimal():
            return Fraction(text)
        case float():
            return float(Fraction(text))
        case _:
            return text


def compared(mart: str, found: list[tuple[Any, ...]]) -> None:
    """Every cell of every row, in the order of the table's grain; a missing or extra row shows by itself."""
    columns, wanted = expected(mart)
    ordered = sorted(found, key=lambda line: [str(value) for value in line[: grain(mart)]])
    wanted = sorted(wanted, key=lambda line: line[: grain(mart)])
    assert [[str(v) for v in line[: grain(mart)]] for line in ordered] == [line[: grain(mart)] for line in wanted]
    for line, texts in zip(ordered, wanted, strict=True):
        for column, value, text in zip(columns, line, texts, strict=True):
            assert value == cell(text, value, column), f"{mart} {texts[: grain(mart)]} {column}: paper says {text!r}"


def grain(mart: str) -> int:
    return {"fact_stay": 4, "facility_monthly": 2}.get(mart, 3)


@pytest.mark.parametrize("mart", MARTS)
def test_mart_is_what_paper_says(finished: Finished, mart: str) -> None:
    compared(mart, finished.fetch(f"select {', '.join(expected(mart)[0])} from mart.{mart}"))


@pytest.mark.parametrize("mart", MARTS)
def test_what_is_exported_is_what_paper_says(finished: Finished, mart: str) -> None:
    files = finished.lake / "processed" / mart / "**" / "*.parquet"
    columns = ", ".join(expected(mart)[0])
    compared(mart, finished.fetch(f"select {columns} from read_parquet('{files}', hive_partitioning = false)"))
    for month in MONTHS:
        assert (finished.lake / "processed" / "_success" / f"month={month}").exists()


def test_the_official_example(finished: Finished) -> None:
    """June 6185, July 24188 + 66 = 24254 (spec p214-215)."""
    claims = finished.fetch(
        "select inclusive_points, adjustment_points, claim_points from mart.fact_stay "
        "where patient_data_id = '0000001007'"
    )
    assert claims == [(6185 + 24188, 66, 6185 + 24254)]


def test_nothing_in_it_is_critical(finished: Finished) -> None:
    critical = finished.fetch(
        "select rule_id, yyyymm, facility_code, sample_keys from dq.results_checks "
        "where severity = 'CRITICAL' and status = 'fail'"
    )
    assert critical == []


def test_the_refused_version_stays_out(finished: Finished) -> None:
    store = finished.ports.store
    third = verdict.current(store, Submission("2025-06", FACILITY, 3))
    used = verdict.in_use(store, "2025-06", FACILITY)
    assert third is not None and used is not None
    assert (third.verdict, used.version) == ("rejected", 2)
    assert [(each.rule, each.line, each.expected, each.found) for each in third.problems] == [
        ("F02", 2, "31 columns", "30 columns")
    ]
    versions = finished.fetch(
        "select distinct submission_version from raw.efn where submission_yyyymm = '202506' union all "
        "select distinct submission_version from raw.ff1 where submission_yyyymm = '202506'"
    )
    assert versions == [(2,), (2,)]
    assert finished.fetch("select count(*) from raw.efg where submission_yyyymm = '202506'") == [(0,)]
    assert finished.fetch("select count(*) from raw.ff1 where submission_facility = '139990033'") == [(0,)]
    assert verdict.in_use(store, "2025-07", OTHER) is None


def test_the_common_id_is_kept_only_as_a_keyed_digest(finished: Finished) -> None:
    columns = [
        name
        for (name,) in finished.fetch(
            "select column_name from information_schema.columns where table_schema = 'raw' and table_name = 'kn'"
        )
    ]
    assert not [name for name in columns if "insur" in name]
    found = finished.fetch("select distinct primary_common_id from raw.kn where patient_data_id = '0000001001'")
    assert found == [(hmac.digest(KEY, ("a3" * 32).encode(), hashlib.sha256).hex(),)]
    for path in (finished.lake / "stage").rglob("Kn_*/*"):
        assert "記号" not in gzip.decompress(path.read_bytes()).decode("utf-8")


def test_raw_holds_the_text_as_delivered(finished: Finished) -> None:
    """Leading blanks of the insurer's number, quotation marks, full-width and cp932-only characters."""
    found = finished.fetch(
        "select insurer_number, detail_name, quantity, detail_flags, line_no from raw.efn "
        "where submission_yyyymm = '202505' and patient_data_id = '0000001001' and data_category = '21' "
        "order by line_no"
    )
    assert found == [
        ("  138057", "アムロジピン錠５ｍｇ「髙橋」①", "0000000.000", "", 18),
        ("", "アムロジピン錠５ｍｇ「髙橋」①", "0000001.000", "000000000000", 19),
        ("", "クロピドグレル錠７５ｍｇ～", "0000001.000", "000000000000", 20),
    ]
    assert json.dumps(found, ensure_ascii=False).encode("cp932")


def test_versions_that_arrive_one_after_the_other_end_at_the_same_rows(tmp_path: Path) -> None:
    """July before May; June's v1, which is taken back, then v2, then the refused v3: each with a run of its month."""
    lake, warehouse = tmp_path / "lake", tmp_path / "dpc.duckdb"
    expect_facilities(lake)
    store = open_store(str(lake))
    api = DataApiWarehouse(DuckDBDataApi(warehouse, store))
    ports = Ports(store, api, lambda: datetime(2026, 1, 5, tzinfo=UTC), _Silent(), lambda: KEY)
    migrate.run(Run("arrivals", MONTHS), ports)
    api.execute([points_statement()], name="points of the ten stays")
    for month, version in (("2025-07", 1), ("2025-06", 1), ("2025-05", 1), ("2025-06", 2), ("2025-06", 3)):
        deliver(lake, lambda each, month=month, version=version: (each.month, each.version) == (month, version))
        one = Run(f"arrivals-{month}-{version}", (month,))
        for step in (validate_manifest, normalize, copy_raw, record_loads):
            step.run(one, ports)
        build(warehouse, [month])
        with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
            withdrawn = connection.execute(
                "select count(*) from mart.fact_stay where patient_data_id = '0000001099'"
            ).fetchone()
        assert withdrawn == (1 if (month, version) in (("2025-06", 1), ("2025-05", 1)) else 0,)
    for mart in MARTS:
        with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
            found = connection.execute(f"select {', '.join(expected(mart)[0])} from mart.{mart}").fetchall()
        compared(mart, found)
