"""The same COPY and UNLOAD over S3; and a warehouse file that another program has open."""

import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from warehouse_place import Place, packed

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps.copy_raw import COPY_OPTIONS
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import RetryLater
from dpc_assets.steps.export import UNLOAD_OPTIONS
from dpc_assets.steps.store import S3Store


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    with mock_aws():
        client = boto3.client("s3", region_name="ap-northeast-1")
        client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
        yield S3Store("lake", "dpc", client)


def test_copy_and_unload_over_s3(place: Place, bucket: S3Store) -> None:
    warehouse = DataApiWarehouse(DuckDBDataApi(place.database, bucket))
    warehouse.execute(["CREATE SCHEMA s", "CREATE TABLE s.t (n INTEGER, a VARCHAR(12))"], name="make")
    bucket.write("stage/x/part-0000.tsv.gz", packed([["2", "い"], ["1", ""]]))
    bucket.write("processed/t/old.parquet", b"old")
    assert bucket.uri("stage/x/") == "s3://lake/dpc/stage/x/"
    copied, unloaded = warehouse.execute(
        [
            f"COPY s.t FROM '{bucket.uri('stage/x/')}' {COPY_OPTIONS}",
            f"UNLOAD ('SELECT * FROM s.t ORDER BY n') TO '{bucket.uri('processed/t/')}' {UNLOAD_OPTIONS}",
        ],
        name="both",
    )
    assert (copied, unloaded) == (2, 2)
    assert [found.key for found in bucket.list("processed/")] == ["processed/t/000.parquet"]
    assert bucket.read("processed/t/000.parquet")[:4] == b"PAR1"


def test_a_file_that_another_program_has_open_is_for_later(place: Place) -> None:
    place.ports.warehouse.execute(["CREATE TABLE t (n INTEGER)"], name="make")
    opened = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"
    with subprocess.Popen(
        [sys.executable, "-c", opened, str(place.database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(RetryLater, match=r"^dpc\.duckdb is in use by another program: close it, or wait"):
            place.rows("SELECT n FROM t")
        other.communicate("done\n")
    assert place.rows("SELECT n FROM t") == []
