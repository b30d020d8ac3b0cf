"""`dpc aws query` and `dpc aws report`: boto3 against moto (S3, SNS, SQS) and a served Data API on DuckDB."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from recorded_states import Failed, serving

from dpc_assets.cli.main import main
from dpc_assets.cli.outcome import KPI
from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps.store import FolderStore

LAKE = "dpc-learning-data-dev"
OPERATIONS = {
    "ExecuteStatement": "execute_statement",
    "DescribeStatement": "describe_statement",
    "GetStatementResult": "get_statement_result",
    "CancelStatement": "cancel_statement",
}
TABLES = """
CREATE SCHEMA raw; CREATE SCHEMA mart; CREATE SCHEMA dq;
CREATE TABLE mart.facility_monthly AS SELECT '202504' AS yyyymm, '131000123' AS facility_code, 12 AS discharges,
  CAST(9.5 AS DECIMAL(18, 6)) AS alos_inclusive, CAST(0.25 AS DOUBLE) AS mortality_rate, CAST(NULL AS DOUBLE) AS
  emergency_rate, 0.0::DOUBLE AS ambulance_rate, 0.5::DOUBLE AS surgery_rate, NULL::DOUBLE AS readmit_30d_rate,
  NULL::DOUBLE AS nursing_rate, 123456 AS claim_points;
CREATE TABLE raw.loads AS SELECT '202504' AS submission_yyyymm, '131000123' AS submission_facility, t AS file_type,
  1 AS version, 1 AS newest_version, 'loaded' AS status, 7 AS records, TIMESTAMP '2025-05-08 01:02:03' AS created_at,
  '' AS findings FROM unnest(['Hn', 'FF1']) AS each(t);
CREATE TABLE dq.results_checks AS SELECT * FROM (VALUES
  ('a', '202505', '131000123', 'D07', 'CRITICAL', 'fail', 3, '誤り', 'wrong', NULL, TIMESTAMP '2025-06-01 00:00:00'),
  ('a', '202504', '131000123', 'D07', 'CRITICAL', 'fail', 3, '誤り', 'wrong', NULL, TIMESTAMP '2025-06-01 00:00:00'),
  ('b', '202504', '131000123', 'D07', 'CRITICAL', 'pass', 0, '誤り', 'wrong', NULL, TIMESTAMP '2025-06-02 00:00:00')
) AS found(run_id, yyyymm, facility_code, rule_id, severity, status, failed_rows, message_ja, message_en, waived_by,
  checked_at);
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "served.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    return path


@pytest.fixture
def aws(tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("AWS_", "DPC_"))]:
        monkeypatch.delenv(name)
    settings = {
        "AWS_REGION": "ap-northeast-1",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "DAGSTER_HOME": str(tmp_path / "dagster"),
        "LANG": "C.UTF-8",
    }
    client = DuckDBDataApi(warehouse, FolderStore(tmp_path / "lake"))

    def answer(target: str, given: dict[str, Any]) -> Mapping[str, Any]:
        service, _, operation = target.partition(".")
        assert service == "RedshiftData"
        assert given.get("WorkgroupName", "dpc-learning-dev") == "dpc-learning-dev"
        try:
            found: Mapping[str, Any] = getattr(client, OPERATIONS[operation])(**given)
            return found
        except ClientError as error:
            raise Failed(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error

    with serving(answer) as address, mock_aws():
        for name, value in {**settings, "AWS_ENDPOINT_URL_REDSHIFT_DATA": address}.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture
def lake(aws: None) -> str:
    """A bucket as an export leaves it."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=LAKE, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    for key, body in {
        "processed/fact_stay/month=2025-04/000.parquet": b"12345",
        "processed/fact_stay/month=2025-06/000.parquet": b"123",
        "processed/fact_stay/month=2025-06/001.parquet": b"12",
        "processed/cost_monthly/month=2025-04/000.parquet": b"1",
        "processed/_success/month=2025-04": b"",
        "processed/metadata/data_dictionary.json": b"{}",
        "logs/dbt/2025-04/first/dbt/run_results.json": b"{}",
        "logs/dbt/2025-04/first/dbt/manifest.json": b"{}",
    }.items():
        s3.put_object(Bucket=LAKE, Key=key, Body=body)
    return f"s3://{LAKE}"


@pytest.fixture
def queue(aws: None) -> str:
    """A queue that heard two messages of a topic."""
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    url: str = sqs.create_queue(QueueName="messages")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="dpc-learning-notifications-dev")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for subject in ("DPC 2025-04: DONE", "DPC 2025-05: HELD"):
        sns.publish(TopicArn=topic, Subject=subject, Message=f"run {subject}\nfindings: 0")
    return "messages"


def test_a_query_as_json_csv_and_table(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "SELECT facility_code, discharges, alos_inclusive, emergency_rate FROM mart.facility_monthly"
    assert main(["aws", "query", sql, "--workgroup", "dpc-learning-dev", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"facility_code": "131000123", "discharges": 12, "alos_inclusive": "9.500000", "emergency_rate": None}
    ]
    assert main(["aws", "query", sql, "--workgroup", "dpc-learning-dev", "--csv"]) == 0
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [
        ["facility_code", "discharges", "alos_inclusive", "emergency_rate"],
        ["131000123", "12", "9.500000", ""],
    ]
    assert main(["aws", "query", sql, "--workgroup", "dpc-learning-dev"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()][3] == ["131000123", "12", "9.500000"]


def test_all_pages_of_a_result_are_printed(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Two rows, doubled eleven times, are four pages."""
    twice = "raw.loads AS t0" + "".join(f" CROSS JOIN raw.loads AS t{number}" for number in range(1, 12))
    sql = f"SELECT t0.file_type FROM {twice} ORDER BY 1"
    assert main(["aws", "query", sql, "--workgroup", "dpc-learning-dev", "--csv"]) == 0
    assert capsys.readouterr().out.splitlines() == ["file_type", *["FF1"] * 2048, *["Hn"] * 2048]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM raw.loads", "only reading is allowed"),
        ("SELECT 1 INTO mart.copy", "only reading is allowed"),
        ("CREATE TABLE x AS SELECT 1", "only reading is allowed"),
        ("UNLOAD ('select 1') TO 's3://bucket/x' IAM_ROLE default", "only reading is allowed"),
        ("CALL something()", "only reading is allowed"),
        ("SELECT 1; DROP TABLE raw.loads", "expected one statement, found 2"),
        ("", "expected one statement, found 0"),
        ("SELECT '", "Error tokenizing"),
    ],
)
def test_a_query_only_reads(
    sql: str, said: str, aws: None, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = warehouse.read_bytes()
    assert main(["aws", "query", sql, "--workgroup", "dpc-learning-dev"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.startswith("dpc: query: ")
    assert warehouse.read_bytes() == before


def test_what_the_warehouse_refuses_is_its_own_sentence(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["aws", "query", "SELECT nothing FROM mart.nowhere", "--workgroup", "dpc-learning-dev"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nowhere" in captured.err
    assert "Traceback" not in captured.err


def test_a_workgroup_is_needed(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["aws", "query", "SELECT 1"]) == 2
    assert "--workgroup: name the workgroup (or set DPC_WORKGROUP)" in capsys.readouterr().err
    assert main(["aws", "report", "--workgroup", "dpc-learning-dev", "--lake", "folder"]) == 2
    assert "--lake: expected s3://bucket" in capsys.readouterr().err


def test_the_report_for_a_program(lake: str, queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["aws", "report", "--lake", lake, "--workgroup", "dpc-learning-dev", "--queue", queue, "--json"]
    assert main(call) == 0
    found = json.loads(capsys.readouterr().out)
    assert tuple(found["kpi"][0]) == KPI
    assert (found["kpi"][0]["discharges"], found["kpi"][0]["mortality_rate"]) == (12, 0.25)
    assert [(each["file_type"], each["status"], each["received_at"]) for each in found["board"]] == [
        ("FF1", "loaded", "2025-05-08 01:02:03"),
        ("Hn", "loaded", "2025-05-08 01:02:03"),
    ]
    assert found["held"] == {"2025-05": ["131000123 D07 x3: 誤り / wrong"]}
    assert list(found["exported"]) == ["2025-04"]
    assert found["datasets"] == [
        {"dataset": "cost_monthly", "months": ["2025-04"], "files": 1, "bytes": 1},
        {"dataset": "fact_stay", "months": ["2025-04", "2025-06"], "files": 3, "bytes": 10},
    ]
    assert found["dbt"] == "logs/dbt/2025-04/first/dbt/"
    assert {each["subject"] for each in found["messages"]} == {"DPC 2025-04: DONE", "DPC 2025-05: HELD"}
    assert main(call) == 0
    assert len(json.loads(capsys.readouterr().out)["messages"]) == 2, "reading leaves the messages in the queue"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Figures per discharge month and hospital", "Submission board", "Held      2025-05 131000123 D07 x3"]),
        ("ja", ["退院月・施設別の指標", "提出状況", "保留      2025-05 131000123 D07 x3", "出力済み  2025-04"]),
    ],
)
def test_the_report_for_a_person(
    lang: str, said: list[str], lake: str, queue: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["aws", "report", "--lake", lake, "--workgroup", "dpc-learning-dev", "--lang", lang]) == 0
    text = capsys.readouterr().out
    for each in [*said, "25.0%", f"dbt       {lake}/logs/dbt/2025-04/first/dbt/", "2025-04..2025-06 (2)"]:
        assert each in text
    assert "findings: 0" not in text, "no queue was named"
    call = ["aws", "report", "--lake", lake, "--workgroup", "dpc-learning-dev", "--queue", queue]
    assert main(call) == 0
    assert "  findings: 0" in capsys.readouterr().out
