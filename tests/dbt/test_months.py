"""Months in any order, twice or mended later give what one full build gives, in the compiled SQL and through dbt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from raw_warehouse import Lake, form
from small_lake import MONTHS, contents, small_lake

from dpc_assets.local.compiled import PROJECT, build


@pytest.fixture(scope="module")
def full() -> dict:
    connection = small_lake()
    build(connection)
    return contents(connection)


ORDERS = (("202508", "202507", "202506"), ("202507", "202506", "202508"))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_any_order(order, full) -> None:
    connection = small_lake()
    for month in order:
        build(connection, [month])
    assert contents(connection) == full


def test_twice_and_together(full) -> None:
    connection = small_lake()
    build(connection, MONTHS[:2])
    build(connection, [MONTHS[2], MONTHS[0]])
    build(connection, [MONTHS[0]])
    assert contents(connection) == full


def test_a_month_mended_later_changes_its_neighbours() -> None:
    connection = small_lake()
    build(connection)
    stay = "select unplanned_readmitted_within_30d, ffs_equivalent_points from mart.fact_stay where yyyymm = ? and "
    before_june = connection.execute(stay + "patient_data_id = '0000000005'", ["202506"]).fetchone()
    before_august = connection.execute(stay + "patient_data_id = '0000000002'", ["202508"]).fetchone()
    lake = Lake(connection)
    lake.clear("202507")
    lake.add("FF1", "202507", form("0000000007", "20250701", "20250702"))
    build(connection, ["2025-07"])
    after = contents(connection)
    again = small_lake()
    Lake(again).clear("202507")
    fresh = Lake(again)
    fresh._lines = lake._lines  # line numbers are provenance; the marts have none
    fresh.add("FF1", "202507", form("0000000007", "20250701", "20250702"))
    build(again)
    marts = [table for table in after if table.startswith(("mart.", "ref."))]
    assert {t: after[t] for t in marts} == {t: contents(again)[t] for t in marts}
    # patient 5, discharged in June, was unplanned by July's child record; patient 2 of August has July's acts
    june = connection.execute(stay + "patient_data_id = '0000000005'", ["202506"]).fetchone()
    august = connection.execute(stay + "patient_data_id = '0000000002'", ["202508"]).fetchone()
    assert (before_june, before_august) == ((True, None), (False, 200))
    assert (june, august) == ((False, None), (False, 100))


def test_a_month_that_is_empty_now_is_emptied() -> None:
    connection = small_lake()
    build(connection)
    Lake(connection).clear("202507")
    build(connection, ["202507"])
    without = small_lake(("202506", "202508"))
    build(without)
    keys = "select facility_code, patient_data_id, admission_date, claim_points from mart.fact_stay order by all"
    assert connection.execute(keys).fetchall() == without.execute(keys).fetchall()
    left = connection.execute("select count(*) from stage.stg_efn where submission_yyyymm = '202507'").fetchone()
    assert left == (0,)


def _dbt(warehouse: Path, months: str) -> None:
    arguments = ["build", "--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    arguments += ["--target-path", str(warehouse.parent / "target"), "--log-path", str(warehouse.parent / "logs")]
    arguments += ["--vars", f'{{"months": "{months}"}}']
    done = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments],
        env=os.environ | {"DPC_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.soak
def test_dbt_itself_gives_the_same_tables(tmp_path, full) -> None:
    """Months one after the other through dbt: first run, a second month, and a month whose raw rows have gone."""
    file = tmp_path / "dpc.duckdb"
    memory = small_lake()
    memory.execute(f"attach '{file}' as kept; copy from database memory to kept; detach kept")
    _dbt(file, "202508,202507")
    with duckdb.connect(str(file)) as connection:
        connection.execute("insert into raw.ff4 select * replace ('202504' as submission_yyyymm) from raw.ff4")
    _dbt(file, "202504")
    with duckdb.connect(str(file)) as connection:
        added = connection.execute("select count(*) from stage.stg_ff4 where submission_yyyymm = '202504'").fetchone()
        assert added == (3,)
        connection.execute("delete from raw.ff4 where submission_yyyymm = '202504'")
    _dbt(file, "202504,202506")
    with duckdb.connect(str(file), read_only=True) as connection:
        assert contents(connection) == full
