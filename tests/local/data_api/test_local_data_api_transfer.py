"""COPY and UNLOAD against the folder of a laptop and against S3, and how they fail."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from aws_local.data_api import lakes
from aws_local.data_api.service import DataApi
from aws_local.data_api.warehouse import Warehouse
from local_data_api_place import Api, Clock
from moto import mock_aws

from dpc_assets.steps.copy_raw import COPY_OPTIONS
from dpc_assets.steps.export import UNLOAD_OPTIONS
from dpc_assets.steps.store import FolderStore

REGION = "ap-northeast-1"


def part(*lines: str) -> bytes:
    return gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0)


@pytest.fixture
def tables(api: Api) -> Api:
    api.do("CREATE SCHEMA raw", "CREATE TABLE raw.t (n INTEGER, a VARCHAR(6))")
    return api


def test_copy_loads_every_part_and_counts_the_rows(tables: Api) -> None:
    tables.store.write("stage/x/part-0000.tsv.gz", part("1\tあ", "2\t"))
    tables.store.write("stage/x/part-0001.tsv.gz", part("3\t\\N"))
    state = tables.execute(f"/* load */ COPY raw.t FROM 's3://local-lake/stage/x/' {COPY_OPTIONS}")
    assert (state["Status"], state["ResultRows"], state["HasResultSet"]) == ("FINISHED", 3, False)
    assert tables.rows("SELECT n, a FROM raw.t ORDER BY n") == [(1, "あ"), (2, ""), (3, "\\N")]


def test_a_copy_that_fails_names_object_line_and_column(tables: Api) -> None:
    tables.store.write("stage/x/part-0000.tsv.gz", part("1\tx", "2\t漢字漢"))
    failed = tables.batch("DELETE FROM raw.t", f"COPY raw.t FROM 's3://local-lake/stage/x/' {COPY_OPTIONS}")
    told = "ERROR: COPY raw.t FROM stage/x/part-0000.tsv.gz: line 2 column 2 (a): expected at most 6 bytes, found 9"
    assert (failed["Status"], failed["Error"], failed["SubStatements"][1]["Error"]) == ("FAILED", told, told)
    assert tables.rows("SELECT COUNT(*) FROM raw.t") == [(0,)]


def test_a_prefix_without_objects(tables: Api) -> None:
    told = tables.error(f"COPY raw.t FROM 's3://local-lake/stage/none/' {COPY_OPTIONS}")
    assert told == "ERROR: COPY raw.t: the prefix s3://local-lake/stage/none/ holds no object"


def test_unload_writes_one_parquet_object(tables: Api) -> None:
    tables.do("INSERT INTO raw.t VALUES (2, 'い'), (1, NULL)")
    sql = f"UNLOAD ('SELECT n, a FROM raw.t ORDER BY n') TO 's3://local-lake/processed/t/' {UNLOAD_OPTIONS}"
    state = tables.execute(sql)
    assert (state["Status"], state["ResultRows"]) == ("FINISHED", 2)
    assert [found.key for found in tables.store.list("processed/")] == ["processed/t/000.parquet"]
    path = tables.store.display("processed/t/000.parquet")
    assert duckdb.sql(f"SELECT * FROM '{path}'").fetchall() == [(1, None), (2, "い")]


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Api, Any]]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    role = {"AWS_ACCESS_KEY_ID": "AKIACOPYROLE", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_SESSION_TOKEN": ""}
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        for bucket in ("one", "two"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        lake = lakes.buckets(f"https://s3.{REGION}.amazonaws.com", REGION, role)
        warehouse = Warehouse(tmp_path / "dpc.duckdb", lake)
        api = DataApi(warehouse, caller=lambda: "", user_of=lambda _: "IAMR:role-lambda-dpc")
        place = Api(api, FolderStore(tmp_path / "none"), Clock())
        place.do("CREATE SCHEMA raw", "CREATE TABLE raw.t (n INTEGER, a VARCHAR(6))")
        yield place, client
        api.close()


def test_the_bucket_is_the_statements_own(s3: tuple[Api, Any]) -> None:
    api, client = s3
    client.put_object(Bucket="one", Key="stage/x/part-0000.tsv.gz", Body=part("2\tい", "1\t"))
    api.do(
        f"COPY raw.t FROM 's3://one/stage/x/' {COPY_OPTIONS}",
        f"UNLOAD ('SELECT n, a FROM raw.t ORDER BY n') TO 's3://two/processed/t/' {UNLOAD_OPTIONS}",
    )
    body = client.get_object(Bucket="two", Key="processed/t/000.parquet")["Body"].read()
    assert body[:4] == b"PAR1"
    assert io.BytesIO(body).getbuffer().nbytes > 100
    assert client.list_objects_v2(Bucket="one")["KeyCount"] == 1


def test_s3_that_refuses_fails_the_statement(s3: tuple[Api, Any]) -> None:
    api, _ = s3
    told = api.error(f"COPY raw.t FROM 's3://absent/stage/x/' {COPY_OPTIONS}")
    assert told == "ERROR: s3://absent/stage/x/: not found in S3; check the lake's address and the key"
