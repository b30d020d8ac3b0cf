"""The standalone server as boto3 sees it, in both environments; its end leaves the file whole."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "infra" / "local" / "data_api_server.py"
OF_THE_SERVER = ROOT / ".venv-aws" / "bin" / "python"
NEW = {"Database": "dpc", "WorkgroupName": "dpc-learning"}


def pythons() -> Iterator[Any]:
    yield pytest.param(sys.executable, id="project")
    absent = pytest.mark.skipif(not OF_THE_SERVER.exists(), reason=".venv-aws is not made: make aws-local makes it")
    yield pytest.param(str(OF_THE_SERVER), id="server", marks=absent)


@pytest.fixture(params=pythons())
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, "subprocess.Popen[str]"]]:
    """A client of the server, and its process."""
    command = [request.param, str(SERVER), "--warehouse", str(tmp_path / "dpc.duckdb"), "--port", "0"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        client = boto3.client(
            "redshift-data",
            endpoint_url=process.stdout.readline().strip(),
            region_name="ap-northeast-1",
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",
        )
        yield client, process
        process.terminate()
        assert process.wait(20) == 0


def test_as_boto3_sees_it(server: tuple[Any, "subprocess.Popen[str]"], tmp_path: Path) -> None:
    client, process = server
    started = client.execute_statement(Sql="SELECT 1 AS n", **NEW, SessionKeepAliveSeconds=60, WaitTimeSeconds=30)
    assert (started["Status"], started["HasResultSet"]) == ("FINISHED", True)
    assert abs(started["CreatedAt"] - datetime.now(UTC)) < timedelta(seconds=60)
    state = client.describe_statement(Id=started["Id"])
    assert (state["DbUser"], state["ResultRows"]) == ("IAMR:role-dbt-runner", 1)
    assert state["SessionId"] == started["SessionId"]
    assert client.get_statement_result(Id=started["Id"])["Records"] == [[{"longValue": 1}]]
    with pytest.raises(ClientError) as refused:
        client.list_schemas(**NEW)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_statement(Id="00000000-0000-0000-0000-000000000000")

    session = {"SessionId": started["SessionId"]}
    client.execute_statement(Sql="CREATE TABLE kept (n INTEGER)", **NEW, WaitTimeSeconds=30)
    for sql in ("BEGIN", "INSERT INTO kept VALUES (1)"):
        client.execute_statement(Sql=sql, **session, WaitTimeSeconds=30)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    with duckdb.connect(str(tmp_path / "dpc.duckdb"), read_only=True) as file:
        assert file.execute("SELECT COUNT(*) FROM public.kept").fetchall() == [(0,)]


def test_many_clients_at_once(server: tuple[Any, "subprocess.Popen[str]"]) -> None:
    client, _ = server
    client.execute_statement(Sql="CREATE TABLE t (n INTEGER)", **NEW, WaitTimeSeconds=30)
    together = threading.Barrier(8)

    def insert(number: int) -> str:
        together.wait(20)
        started = client.execute_statement(Sql=f"INSERT INTO t VALUES ({number})", **NEW)
        return str(client.describe_statement(Id=started["Id"], WaitTimeSeconds=30)["Status"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(insert, range(8))) == ["FINISHED"] * 8
    counted = client.execute_statement(Sql="SELECT COUNT(*), SUM(n) FROM t", **NEW, WaitTimeSeconds=30)
    assert client.get_statement_result(Id=counted["Id"])["Records"] == [[{"longValue": 8}, {"stringValue": "28"}]]


def test_a_server_that_was_killed_starts_again(tmp_path: Path) -> None:
    command = [sys.executable, str(SERVER), "--warehouse", str(tmp_path / "dpc.duckdb"), "--port", "0"]

    def ask(*sqls: str) -> list[Any]:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            client = boto3.client(
                "redshift-data",
                endpoint_url=process.stdout.readline().strip(),
                region_name="ap-northeast-1",
                aws_access_key_id="made-up",
                aws_secret_access_key="made-up",
            )
            found = []
            for sql in sqls:
                started = client.execute_statement(Sql=sql, WaitTimeSeconds=30, **NEW)
                state = client.describe_statement(Id=started["Id"])
                found.append(state.get("Error") or state["ResultRows"])
            process.kill()
        return found

    assert ask(
        "CREATE TABLE t DISTSTYLE ALL AS (SELECT 1 AS a)",
        "CREATE VIEW v AS (SELECT a FROM t)",
        "CREATE USER someone PASSWORD DISABLE",
        "GRANT SELECT ON public.t TO someone",
        "ALTER TABLE public.t RENAME TO u",
    ) == [1, -1, -1, -1, -1]
    assert ask("SELECT * FROM u", "DROP TABLE u", "SELECT * FROM _redshift.grants", "DROP TABLE u CASCADE") == [
        1,
        "ERROR: cannot drop table public.u because other objects depend on it: public.v",
        1,
        -1,
    ]
