"""The dbt task as a process: real dbt on DuckDB, answers and artifacts over HTTP."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aws_in_process import Aws, aws

ROOT = Path(__file__).parents[2]
EXECUTION = "arn:aws:states:ap-northeast-1:123456789012:execution:dpc-learning-elt:monday"
KEPT = "/lake/logs/dbt/2025-04/monday/dbt/"


@pytest.fixture
def here() -> Iterator[Aws]:
    with aws() as found:
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a model that is right, one that is wrong, one that takes long, and a test that fails."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: small\nversion: '1.0.0'\nprofile: small\nmodels: {small: {+materialized: table}}\n"
    )
    target = f"type: duckdb\n      path: '{tmp_path / 'small.duckdb'}'"
    (folder / "profiles.yml").write_text(f"small:\n  target: local\n  outputs:\n    local:\n      {target}\n")
    long = "select count(*) as n from range(100000000) a, range(100000) b where a.range * b.range % 7 = 3"
    for name, sql in {
        "right": "select 1 as n",
        "wrong": "select * from {{ env_var('WRONG', 'nowhere') }}",
        "after": "select * from {{ ref('wrong') }}",
        "long": long,
        "tested": "select 2 as n",
    }.items():
        (folder / "models" / f"{name}.sql").write_text(sql)
    tested = "models:\n  - name: tested\n    columns:\n      - name: n\n        data_tests:\n"
    (folder / "models" / "m.yml").write_text(
        tested + "          - accepted_values:\n              arguments: {values: [1]}\n"
    )
    return folder


def environ(here: Aws, project: Path, words: str, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DBT_", "CLAIM_"))}
    return {
        **kept,
        **here.environ,
        "PYTHONPATH": str(ROOT),
        "TASK_TOKEN": "token",
        "EXECUTION": EXECUTION,
        "UNIT": "dbt",
        "WORDS": words,
        "PARTITION": "2025-04",
        "REDRIVE": "0",
        "HEARTBEAT_S": "3",
        "DPC_LAKE": "s3://lake",
        "DPC_DBT_TARGET": "local",
        "DBT_PROJECT_DIR": str(project),
        **more,
    }


def started(given: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "infra" / "image" / "run_dbt.py")]
    return subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(given: dict[str, str]) -> tuple[int, str]:
    process = started(given)
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def rows(project: Path, sql: str) -> list[Any]:
    with duckdb.connect(str(project.parent / "small.duckdb")) as connection:
        return connection.execute(sql).fetchall()


def test_the_real_project_is_built_and_told(here: Aws, tmp_path: Path) -> None:
    given = environ(here, ROOT / "dbt", "departments dim_department", DPC_DBT_TARGET="duckdb", PARTITION="")
    status, said = run({**given, "DPC_WAREHOUSE": str(tmp_path / "dpc.duckdb")})
    assert status == 0, said
    ((operation, body),) = here.answers()
    assert (operation, body["taskToken"]) == ("SendTaskSuccess", "token")
    told = json.loads(body["output"])
    assert told["step"] == "dbt"
    assert told["counts"]["success"] == 2
    assert told["artifacts"] == "s3://lake/logs/dbt/all/monday/dbt/"
    assert {each.rpartition("/")[2] for each in here.objects} == {"run_results.json", "manifest.json", "dbt.log"}
    assert here.told[0] == ("SendTaskHeartbeat", {"taskToken": "token"})
    with duckdb.connect(str(tmp_path / "dpc.duckdb")) as connection:
        found = connection.execute("SELECT count(*) FROM ref.dim_department").fetchone()
    assert found is not None
    assert found[0] > 10


@pytest.mark.soak
def test_a_failed_model_is_named_and_only_what_is_undone_runs_again(here: Aws, project: Path) -> None:
    status, _ = run(environ(here, project, "right wrong after"))
    ((operation, body),) = here.answers()
    assert (status, operation, body["error"]) == (1, "SendTaskFailure", "DbtFailed")
    assert body["cause"].startswith("model.small.wrong: ")
    assert "nowhere does not exist" in body["cause"]
    assert body["cause"].endswith("\nartifacts: s3:/" + KEPT)
    here.told.clear()
    rows(project, "CREATE TABLE somewhere AS SELECT 3 AS n")
    status, said = run(environ(here, project, "right wrong after", WRONG="somewhere", REDRIVE="1"))
    assert (status, [name for name, _ in here.answers()]) == (0, ["SendTaskSuccess"]), said
    assert json.loads(here.answers()[0][1]["output"])["counts"] == {"success": 2}
    assert rows(project, "SELECT n FROM main.after") == [(3,)]


def test_a_failed_test_is_the_datas_fault(here: Aws, project: Path) -> None:
    status, _ = run(environ(here, project, "tested"))
    ((operation, body),) = here.answers()
    assert (status, operation, body["error"]) == (1, "SendTaskFailure", "DbtTestFailed")
    assert body["cause"].startswith("test.small.accepted_values_tested_n__1.")
    assert "Got 1 result, configured to fail if != 0" in body["cause"]


def working(process: subprocess.Popen[str]) -> None:
    """Returns when dbt has begun with the model."""
    assert process.stdout is not None
    for line in process.stdout:
        if "1 of 1 START sql table model main.long" in line:
            return
    pytest.fail("dbt ended before it began")


@pytest.mark.soak
def test_dbt_is_stopped_when_nobody_waits(here: Aws, project: Path) -> None:
    process = started(environ(here, project, "long"))
    working(process)
    here.beats = 0
    said, _ = process.communicate(timeout=150)
    assert process.returncode == 3, said
    assert here.answers() == []
    assert rows(project, "SELECT table_name FROM information_schema.tables WHERE table_name = 'long'") == []


@pytest.mark.soak
def test_a_stopped_task_says_so(here: Aws, project: Path) -> None:
    process = started(environ(here, project, "long"))
    working(process)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=150)
    ((operation, body),) = here.answers()
    assert (process.returncode, operation, body["error"]) == (1, "SendTaskFailure", "RetryLater"), said
    assert body["cause"] == "the task was stopped from outside (SIGTERM)"


@pytest.mark.soak
def test_artifacts_that_cannot_be_stored_hide_nothing(here: Aws, project: Path) -> None:
    here.refuses = True
    status, said = run(environ(here, project, "right"))
    assert (status, [name for name, _ in here.answers()]) == (0, ["SendTaskSuccess"])
    assert f"artifacts were not stored in s3:/{KEPT}: " in said
    assert json.loads(here.answers()[0][1]["output"])["artifacts"] == ""


def test_an_environment_that_is_wrong_is_told_whole(here: Aws, project: Path) -> None:
    status, said = run(environ(here, project, "a;b", PARTITION="April", DPC_LAKE="lake", UNIT=""))
    ((operation, body),) = here.answers()
    assert (status, operation, body["error"]) == (2, "SendTaskFailure", "NotConfigured")
    assert body["cause"] == said.strip()
    assert said.splitlines() == [
        "UNIT: expected a value, found none",
        "PARTITION: expected a month such as 2025-04 or nothing, found 'April'",
        "WORDS: expected names of models, found 'a;b'",
        "DPC_LAKE: expected s3://bucket, found 'lake'",
        "The state machine and the task definition give these: deploy both again.",
    ]
