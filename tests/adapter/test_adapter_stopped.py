"""The dbt task is stopped while a statement runs in the warehouse: the statement is cancelled, nothing of it stays."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from served_warehouse import ROOT, served

sys.path.insert(0, str(ROOT / "tests" / "image"))

from aws_in_process import aws

BEGUN = "1 of 1 START sql table model mart.long"
GRACE_S = 45


def project(folder: Path) -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: small\nversion: '1.0.0'\nprofile: small\n")
    (folder / "profiles.yml").write_text(
        "small:\n  target: dev\n  outputs:\n    dev: {type: redshift_data, workgroup: dpc-learning-dev, database: dpc,"
        " region: ap-northeast-1, schema: mart}\n"
    )
    long = "select count(*) as n from mart.many a, mart.many b, mart.many c where a.n * b.n + c.n = 7"
    (folder / "models" / "long.sql").write_text("{{ config(materialized='table') }} " + long)
    return folder


@pytest.mark.soak
def test_a_stopped_task_cancels_what_runs(tmp_path: Path) -> None:
    file, folder = tmp_path / "dpc.duckdb", project(tmp_path / "project")
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema mart; create table mart.many as select range as n from range(100000)")
    with served(file) as environ, aws() as here:
        task = {
            "PYTHONPATH": str(ROOT),
            "TASK_TOKEN": "token",
            "EXECUTION": "arn:aws:states:ap-northeast-1:123456789012:execution:dpc-learning-elt:monday",
            "UNIT": "dbt",
            "WORDS": "long",
            "HEARTBEAT_S": "60",
            "DPC_LAKE": "s3://lake",
            "DPC_DBT_TARGET": "dev",
            "DBT_PROJECT_DIR": str(folder),
        }
        command = [sys.executable, str(ROOT / "infra" / "image" / "run_dbt.py")]
        with subprocess.Popen(
            command,
            env={**environ, **here.environ, **task},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = ""
            while BEGUN not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            time.sleep(3)  # the statement's Id is known, or not: both are cancelled
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            more, _ = process.communicate(timeout=90)
            took = time.monotonic() - asked
        ((operation, body),) = here.answers()
        assert (process.returncode, operation, body["error"]) == (1, "SendTaskFailure", "RetryLater"), said + more
        assert body["cause"] == "the task was stopped from outside (SIGTERM)"
        log = here.objects["/lake/logs/dbt/all/monday/dbt/dbt.log"].decode()
        assert "was cancelled" in log
        assert took < GRACE_S
    with duckdb.connect(str(file)) as connection:
        left = "select table_name from information_schema.tables where table_schema = 'mart'"
        assert connection.execute(left).fetchall() == [("many",)]
