"""Quality results and exported files, too, do not depend on the order of runs and arrivals."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from generated_lakes import FACILITIES, MONTHS, Version, deliver_rows, histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse_runs import GRAINS, Platform

from dpc_assets.steps import check_quality, export
from dpc_assets.steps.errors import DataHeld
from dpc_assets.steps.rules import catalog
from dpc_assets.steps.run import Run

QUIET = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
NEWEST = """
select {columns} from dq.{table} where (yyyymm, run_id) in (
    select yyyymm, arg_max(run_id, checked_at) from dq.results_checks group by yyyymm
)
"""
CHECKS = "yyyymm, facility_code, rule_id, severity, status, failed_rows, threshold, sample_keys, message_ja, message_en"
ROWS = "yyyymm, facility_code, rule_id, row_no, key, file_name, line_no"


def waive_all(lake: Path) -> None:
    """Every CRITICAL rule of every facility and month: the generated forms lack mandatory records."""
    critical = [rule.id for rule in catalog() if rule.severity == "CRITICAL"]
    lines = [
        f"{facility},{month.replace('-', '')},{rule},generated,test,2030-12-31"
        for facility, month, rule in product(FACILITIES, MONTHS, critical)
    ]
    (lake / "ref").mkdir(parents=True)
    text = "\n".join(["facility_code,yyyymm,rule_id,reason,who,until", *lines]) + "\n"
    (lake / "ref" / "waivers.csv").write_text(text, encoding="utf-8")


def finish(platform: Platform, run_id: str, months: Sequence[str]) -> bool:
    """Quality and export as a run does them after the marts; whether nothing was held."""
    check_quality.run(Run(run_id, tuple(sorted(months))), platform.ports)
    try:
        export.run(Run(run_id, tuple(sorted(months))), platform.ports)
    except DataHeld as held:
        assert str(held)
        return False
    return True


def exported(platform: Platform, mart: str) -> list[tuple[Any, ...]]:
    """Every exported row of a mart, in the order of its grain."""
    files = platform.lake / "processed" / mart / "month=*" / "*.parquet"
    if not list(platform.lake.glob(f"processed/{mart}/month=*/*.parquet")):
        return []
    with closing(duckdb.connect()) as connection:
        sql = f"select * from read_parquet('{files}', hive_partitioning = false) order by {GRAINS['mart.' + mart]}"
        return connection.execute(sql).fetchall()


def quality(platform: Platform) -> list[tuple[Any, ...]]:
    """The newest run of each month, without run_id and checked_at."""
    found = []
    for table, columns in (("results_checks", CHECKS), ("results_rows", ROWS)):
        found += platform.fetch(NEWEST.format(columns=columns, table=table) + " order by all")
    return found


def check(history: tuple[Version, ...], cuts: tuple[int, ...], waived: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        grown = Platform(Path(folder, "lake"), Path(folder, "grown.duckdb"))
        if waived:
            waive_all(grown.lake)
        start = 0
        for end in sorted({*(cut % (len(history) + 1) for cut in cuts), len(history)}):
            for version in history[start:end]:
                deliver_rows(grown.lake, version)
            months = list(dict.fromkeys(each.month for each in history[start:end]))
            if months:
                grown.run(months)
                free = finish(grown, f"run-{end}", months)
                assert free or not waived
            start = end
        if not history:
            return

        scratch = Platform(Path(folder, "other"), Path(folder, "scratch.duckdb"))
        if waived:
            waive_all(scratch.lake)
        for version in history:
            deliver_rows(scratch.lake, version)
        months = sorted({version.month for version in history})
        scratch.run(months)
        finish(scratch, "scratch", months)
        assert quality(grown) == quality(scratch)
        if waived:
            for table, grain in GRAINS.items():
                rows = scratch.fetch(f"select * from {table} order by {grain}")
                mart = table.removeprefix("mart.")
                assert exported(grown, mart) == rows, mart
                assert exported(scratch, mart) == rows, mart
            assert export.changed_months(grown.ports.warehouse) == ()


@settings(max_examples=1, derandomize=True, **QUIET)
@given(histories(), st.lists(st.integers(1, 20), min_size=1, max_size=2).map(tuple))
def test_quality_and_files_are_those_of_one_run(history: tuple[Version, ...], cuts: tuple[int, ...]) -> None:
    check(history, cuts, waived=True)


@pytest.mark.soak
@settings(max_examples=14, **QUIET)
@given(histories(MONTHS), st.lists(st.integers(0, 40), max_size=3).map(tuple), st.booleans())
def test_quality_and_files_of_many_lakes(history: tuple[Version, ...], cuts: tuple[int, ...], waived: bool) -> None:
    check(history, cuts, waived)
