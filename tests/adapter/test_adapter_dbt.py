"""The real dbt, with dbt-redshift's macros, on the local Data API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
import yaml
from served_warehouse import dbt, served
from small_dbt_project import HOSTILE, SEED_ROWS, project

OURS = Path(__file__).parents[2] / "dbt"


def made(folder: Path) -> Path:
    """A warehouse with the schema that migrations make."""
    file = folder / "dpc.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema mart")
    return file


def statuses(folder: Path) -> dict[str, str]:
    results = json.loads((folder / "run_results.json").read_text("utf-8"))["results"]
    return {each["unique_id"].partition(".")[2]: each["status"] for each in results}


def asked(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def create_reader(environ: Mapping[str, str]) -> None:
    """A user that may be granted something, by the Data API as the migrations create theirs."""
    address = environ["AWS_ENDPOINT_URL_REDSHIFT_DATA"]
    client = boto3.session.Session("testing", "testing", region_name="ap-northeast-1").client(
        "redshift-data", endpoint_url=address
    )
    sql = "create user reader password disable"
    done = client.execute_statement(Sql=sql, Database="dpc", WorkgroupName="dpc-learning-dev", WaitTimeSeconds=10)
    assert done["Status"] == "FINISHED"


@pytest.mark.soak
@pytest.mark.parametrize("lazy_begin", [True, False], ids=["lazy", "plain"])
def test_a_project_is_built_twice_and_what_fails_is_rolled_back(tmp_path: Path, lazy_begin: bool) -> None:
    file, folder = made(tmp_path), project(tmp_path / "project", lazy_begin=lazy_begin)
    target = tmp_path / "target"
    with served(file) as environ:
        create_reader(environ)
        status, said = dbt(environ, folder, target, "build")
        assert status == 0, said
        first = statuses(target)
        assert set(first.values()) == {"success", "pass"}
        assert len(first) == 10
        status, said = dbt(environ, folder, target, "build", "--vars", "{month: '202505'}")
        assert (status, statuses(target)) == (0, first), said
        # the delete of May's row succeeds, the insert of its new one fails
        wrong = "{month: '202505', counted: 'null'}"
        status, said = dbt(environ, folder, target, "build", "--select", "monthly", "--vars", wrong)
        assert (status, statuses(target)["small.monthly"]) == (1, "error"), said
        assert "NOT NULL" in said.upper()
        status, said = dbt(environ, folder, target, "docs", "generate")
        assert status == 0, said
    catalog = json.loads((target / "catalog.json").read_text("utf-8"))["nodes"]
    assert catalog["model.small.monthly"]["metadata"]["comment"] == "One row a month: it's 100% so"
    columns = catalog["model.small.sorted"]["columns"]
    assert list(columns) == ["id", "amount", "money", "day"]
    assert (columns["money"]["type"], columns["day"]["type"]) == ("numeric(18,2)", "date")
    assert asked(file, "select id, name from mart.delivered where id < 3 order by id") == [(1, HOSTILE), (2, None)]
    assert asked(file, "select count(*), count(distinct id) from mart.delivered") == [(SEED_ROWS, SEED_ROWS)]
    assert asked(file, "select month, n from mart.monthly order by 1") == [("202504", SEED_ROWS), ("202505", SEED_ROWS)]
    money = Decimal(30 + sum(range(3, SEED_ROWS + 1)))
    assert asked(file, "select month, money from mart.merged order by 1") == [("202504", money), ("202505", money)]
    assert asked(file, "select count(*) from mart.kept where dbt_valid_to is null") == [(SEED_ROWS,)]
    relations = "select table_name from information_schema.tables where table_schema = 'mart' order by 1"
    expected = ["bound", "delivered", "kept", "merged", "monthly", "sorted", "unbound"]
    assert asked(file, relations) == [(name,) for name in expected]


def test_debug_connects_and_show_fetches_what_is_shown(tmp_path: Path) -> None:
    file, folder = made(tmp_path), project(tmp_path / "project", lazy_begin=True)
    with served(file) as environ:
        status, said = dbt(environ, folder, tmp_path / "target", "debug")
        assert status == 0, said
        assert "Connection test: [OK connection ok]" in said
        query = "select 1 as n union all select 2 order by 1"
        status, said = dbt(environ, folder, tmp_path / "target", "show", "--inline", query, "--limit", "1")
    assert status == 0, said
    assert "| 1 |" in said
    assert "| 2 |" not in said


def test_the_environments_are_one_profile() -> None:
    outputs = yaml.safe_load((OURS / "profiles.yml").read_text("utf-8"))["dpc"]["outputs"]
    assert outputs["dev"] == outputs["prod"] == outputs["redshift"]
    assert set(outputs["dev"]) == {"type", "workgroup", "database", "region", "schema", "threads"}
