"""The service inside the AWS on a laptop: who calls it, whose S3 it reads, and that waiting holds nobody up."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from aws_local import identities
from botocore.config import Config

from dpc_assets.steps.copy_raw import COPY_OPTIONS
from dpc_assets.steps.export import UNLOAD_OPTIONS

PYTHON = Path(__file__).resolve().parents[3] / ".venv-aws" / "bin" / "python"
NEW = {"Database": "dpc", "WorkgroupName": "dpc-learning"}
ENDLESS = "SELECT COUNT(*) FROM generate_series(1, 1000000) a(x), generate_series(1, 1000000) b(y) WHERE x * y = 7"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason=".venv-aws is not made: make aws-local makes it")


@dataclass
class Aws:
    """A running server."""

    endpoint: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def client(self, service: str, role: str = "") -> Any:
        made = identities.credentials(f"arn:aws:iam::000000000000:role/{role}") if role else {}
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="ap-northeast-1",
            aws_access_key_id=made.get("AWS_ACCESS_KEY_ID", "person"),
            aws_secret_access_key=made.get("AWS_SECRET_ACCESS_KEY", "person"),
            config=Config(s3={"addressing_style": "path"}, max_pool_connections=50),
        )

    def rows(self, client: Any, sql: str, **more: Any) -> list[Any]:
        started = client.execute_statement(Sql=sql, WaitTimeSeconds=30, **NEW, **more)
        state = client.describe_statement(Id=started["Id"])
        assert state["Status"] == "FINISHED", state["Error"]
        if not state["HasResultSet"]:
            return []
        records = client.get_statement_result(Id=started["Id"])["Records"]
        return [[next(iter(value.values())) for value in record] for record in records]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    folder = tmp_path_factory.mktemp("aws")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    words = [str(PYTHON), str(Path(__file__).with_name("local_data_api_start.py")), str(port), str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*words, sys.executable], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environ)
    aws = Aws(f"http://127.0.0.1:{port}", folder, process)
    try:
        _wait_until_ready(aws)
        yield aws
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def _wait_until_ready(aws: Aws) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        assert aws.process.poll() is None, (aws.folder / "log").read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{aws.endpoint}/_ministack/ready", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize(
    ("role", "user"),
    [("role-dbt-runner", "IAMR:role-dbt-runner"), ("role-lambda-dpc", "IAMR:role-lambda-dpc"), ("", "IAM:person")],
)
def test_who_calls_is_the_database_user(aws: Aws, role: str, user: str) -> None:
    assert aws.rows(aws.client("redshift-data", role), "SELECT current_user") == [[user]]


def test_a_secret_is_the_administrators(aws: Aws) -> None:
    secret = "arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:admin"
    asked = aws.rows(aws.client("redshift-data", "role-lambda-dpc"), "SELECT current_user", SecretArn=secret)
    assert asked == [["dpc_owner"]]


def test_a_token_belongs_to_its_caller(aws: Aws) -> None:
    request = {"Sql": "SELECT 1", "ClientToken": "one", **NEW}
    ids = {
        aws.client("redshift-data", role).execute_statement(**request)["Id"]
        for role in ("role-dbt-runner", "role-dbt-runner", "role-lambda-dpc")
    }
    assert len(ids) == 2


def test_copy_and_unload_are_the_copy_roles(aws: Aws) -> None:
    s3, api = aws.client("s3"), aws.client("redshift-data", "role-lambda-dpc")
    s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="lake", Key="stage/x/part-0000.tsv.gz", Body=gzip.compress("2\tい\n1\t\n".encode()))
    for sql in (
        "CREATE SCHEMA lake_test",
        "CREATE TABLE lake_test.t (n INTEGER, a VARCHAR(6))",
        f"COPY lake_test.t FROM 's3://lake/stage/x/' {COPY_OPTIONS}",
        f"UNLOAD ('SELECT n, a FROM lake_test.t ORDER BY n') TO 's3://lake/processed/t/' {UNLOAD_OPTIONS}",
    ):
        aws.rows(api, sql)
    (aws.folder / "t.parquet").write_bytes(s3.get_object(Bucket="lake", Key="processed/t/000.parquet")["Body"].read())
    assert duckdb.sql(f"SELECT n, a FROM '{aws.folder / 't.parquet'}'").fetchall() == [(1, ""), (2, "い")]
    lines = map(json.loads, (aws.folder / "calls.jsonl").read_text("utf-8").splitlines())
    copied = {
        (line["caller"].rpartition("/")[2], line["operation"])
        for line in lines
        if line["service"] == "s3" and line["caller"] != "person"
    }
    assert copied == {("role-redshift-copy", operation) for operation in ("ListObjectsV2", "GetObject", "PutObject")}


def test_waiting_holds_nobody_up(aws: Aws) -> None:
    api = aws.client("redshift-data", "role-dbt-runner")
    started = api.execute_statement(Sql=ENDLESS, **NEW)
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(api.describe_statement, Id=started["Id"], WaitTimeSeconds=30) for _ in range(16)]
        time.sleep(1)
        before = time.monotonic()
        assert aws.rows(api, "SELECT 1") == [[1]]
        assert time.monotonic() - before < 10
        api.cancel_statement(Id=started["Id"])
        assert {each.result()["Status"] for each in waiting} == {"ABORTED"}


def test_the_file_belongs_to_the_server(aws: Aws) -> None:
    with pytest.raises(duckdb.IOException, match="lock"):
        duckdb.connect(str(aws.folder / "dpc.duckdb"), read_only=True)
