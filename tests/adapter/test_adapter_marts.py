"""Our project through dbt-redshift's macros and the Data API gives the tables that dbt-duckdb gives."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from served_warehouse import ROOT, dbt, served

from dpc_assets.local.compiled import PROJECT, build

sys.path.insert(0, str(ROOT / "tests" / "dbt"))

from small_lake import contents, small_lake


@pytest.mark.soak
def test_month_after_month(tmp_path: Path) -> None:
    """`tests/dbt/test_months.py` shows that `build` gives what dbt-duckdb gives."""
    expected = small_lake()
    build(expected)
    file = tmp_path / "dpc.duckdb"
    given = small_lake()
    given.execute(f"attach '{file}' as kept; copy from database memory to kept; detach kept")
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema if not exists stage; create schema if not exists mart")
    with served(file) as environ:
        for months in ("202506,202507", "202508", "202506"):
            words = (
                "build",
                "--target",
                "dev",
                "--exclude-resource-type",
                "unit_test",
                "--vars",
                f"months: '{months}'",
            )
            status, said = dbt(environ, PROJECT, tmp_path / "target", *words)
            assert status == 0, said
    with duckdb.connect(str(file), read_only=True) as connection:
        assert contents(connection) == contents(expected)
