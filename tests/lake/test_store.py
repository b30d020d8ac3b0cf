"""One suite over both kinds of lake: a folder, and S3 as moto serves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from dpc_assets.local.overlay import OverlayStore
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.ports import ObjectInfo, ObjectStore
from dpc_assets.steps.store import FolderStore, S3Store, open_store


@pytest.fixture(params=["folder", "s3", "s3 below a prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "lake")
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        client.put_object(Bucket="lake", Key="raw-of-another/x", Body=b"x")
        yield S3Store("lake", "team/dpc" if "prefix" in request.param else "", client)


def keys(store: ObjectStore, prefix: str) -> list[str]:
    return [found.key for found in store.list(prefix)]


def test_what_is_written_is_read(store: ObjectStore) -> None:
    store.write("ref/facilities.csv", b"abc")

    assert store.read("ref/facilities.csv") == b"abc"
    with store.open("ref/facilities.csv") as stream:
        assert (stream.read(2), stream.read(5), stream.read(1)) == (b"ab", b"c", b"")
    assert list(store.list("ref/")) == [ObjectInfo("ref/facilities.csv", 3)]
    assert (store.exists("ref/facilities.csv"), store.exists("ref/other.csv"), store.exists("ref")) == (
        True,
        False,
        False,
    )


def test_writing_again_replaces(store: ObjectStore) -> None:
    store.write("a", b"long before")
    store.write("a", b"now")

    assert store.read("a") == b"now"


def test_keys_come_in_code_point_order(store: ObjectStore) -> None:
    for key in ("p/a/b", "p/a-b", "p/a.b", "p/a0", "p/B", "p/ア", "p/～", "p/𠮷", "p/a/A", "q"):
        store.write(key, b"")

    found = keys(store, "p/")

    assert found == ["p/B", "p/a-b", "p/a.b", "p/a/A", "p/a/b", "p/a0", "p/ア", "p/～", "p/𠮷"]
    assert keys(store, "p/a") == ["p/a-b", "p/a.b", "p/a/A", "p/a/b", "p/a0"]
    assert keys(store, "p/a/") == ["p/a/A", "p/a/b"]
    assert keys(store, "nothing/here") == []
    assert "q" in keys(store, "")


def test_a_writer_that_fails_leaves_what_was(store: ObjectStore) -> None:
    store.write("a/b", b"before")

    with pytest.raises(ZeroDivisionError), store.writer("a/b") as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), store.writer("a/c") as stream:
        stream.write(b"half")
        raise ZeroDivisionError

    assert store.read("a/b") == b"before"
    assert keys(store, "a/") == ["a/b"]


def test_what_is_being_written_is_not_listed(store: ObjectStore) -> None:
    with store.writer("a/b") as stream:
        stream.write(b"half")
        stream.flush()
        assert [key for key in keys(store, "") if not key.startswith("raw-of-another/")] == []
        stream.write(b" and whole")

    assert store.read("a/b") == b"half and whole"


def test_deleting_what_is_not_there_is_no_error(store: ObjectStore) -> None:
    store.write("a", b"")
    store.delete("a")
    store.delete("a")
    store.delete("b/c")

    assert not store.exists("a")


@pytest.mark.parametrize("call", ["open", "read"])
def test_a_missing_key_is_for_the_caller_to_mend(store: ObjectStore, call: str) -> None:
    with pytest.raises(InputError, match=r"raw/none\.txt: not found in"):
        getattr(store, call)("raw/none.txt")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a\0b"])
def test_a_key_stays_inside_the_lake(store: ObjectStore, key: str) -> None:
    with pytest.raises(InputError, match="expected a relative key"):
        store.read(key)
    with pytest.raises(InputError, match="expected a relative key"):
        store.write(key, b"")


def test_markers_of_empty_folders_are_no_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        client.put_object(Bucket="lake", Key="dpc/raw/", Body=b"")
        client.put_object(Bucket="lake", Key="dpc/raw/a", Body=b"1")

        assert list(S3Store("lake", "/dpc/", client).list("raw/")) == [ObjectInfo("raw/a", 1)]


def test_more_keys_than_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        store = S3Store("lake", "", client)
        for number in range(21):
            store.write(f"a/{number:04d}", b"")

        assert len(keys(store, "a/")) == 21


class RefusingClient:
    """An S3 client whose every call fails with the given error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def fail(**_: Any) -> Any:
            raise self._error

        return fail


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")


@pytest.mark.parametrize(
    "error",
    [
        refusal("AccessDenied"),
        refusal("403"),
        refusal("SlowDown"),
        refusal("ExpiredToken"),
        EndpointConnectionError(endpoint_url="https://s3"),
    ],
    ids=str,
)
def test_refusal_and_throttling_of_s3_mean_retry(error: Exception) -> None:
    store = S3Store("lake", "", RefusingClient(error))

    for call in (store.read, store.open, store.exists, store.delete, lambda key: store.write(key, b"")):
        with pytest.raises(RetryLater, match="s3://lake/a: S3 "):
            call("a")


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket", "404"])
def test_missing_in_s3_is_for_the_caller_to_mend(code: str) -> None:
    with pytest.raises(InputError, match="s3://lake/p/a: not found in S3"):
        S3Store("lake", "p", RefusingClient(refusal(code))).read("a")


class BrokenBody:
    def read(self, size: int) -> bytes:
        raise refusal("RequestTimeout")

    def close(self) -> None:
        pass


class BreakingClient:
    def get_object(self, **_: Any) -> dict[str, Any]:
        return {"Body": BrokenBody()}


def test_a_download_that_breaks_off_means_retry() -> None:
    with S3Store("lake", "", BreakingClient()).open("a") as stream, pytest.raises(RetryLater, match="RequestTimeout"):
        stream.read(10)


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "ref").write_bytes(b"")
    store = FolderStore(tmp_path)

    with pytest.raises(InputError, match=r"ref/a\.csv: not found in the lake"):
        store.read("ref/a.csv")
    with pytest.raises(RetryLater, match=r"ref/a\.csv: the lake's folder refused"):
        store.write("ref/a.csv", b"")
    assert keys(store, "") == ["ref"]


def test_addresses() -> None:
    folder = open_store("data/lake")
    assert folder.uri("ref/a.csv") == "s3://local-lake/ref/a.csv"
    assert folder.display("ref/a.csv") == str(Path("data/lake/ref/a.csv").absolute())
    assert open_store("s3://bucket").uri("a/b") == "s3://bucket/a/b"
    assert open_store("s3://bucket/p/q/").display("a/b") == "s3://bucket/p/q/a/b"
    for address in ("", "s3://", "s3:///p", "gs://bucket"):
        with pytest.raises(InputError, match="expected a folder or s3://bucket/prefix"):
            open_store(address)


def test_a_copy_is_the_same_content_and_its_digest_is_known(store: ObjectStore) -> None:
    store.write("raw/a", b"content")
    (source,) = store.list("raw/")
    store.copy(source, "archive/b/a")
    store.write("raw/a", b"changed since")

    assert store.read("archive/b/a") == b"content"
    assert store.sha256("archive/b/a") == "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    store.copy(next(iter(store.list("raw/"))), "archive/b/a")
    assert store.read("archive/b/a") == b"changed since"


@pytest.mark.parametrize("call", [lambda store: store.sha256("raw/x"), lambda store: store.copy(MISSING, "archive/x")])
def test_what_is_missing_is_neither_copied_nor_digested(store: ObjectStore, call: Any) -> None:
    with pytest.raises(InputError, match="raw/x: not found in"):
        call(store)
    assert keys(store, "archive/") == []


MISSING = ObjectInfo("raw/x", 1)


def test_the_listing_says_when_an_object_was_written(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    store.write("a", b"")
    (found,) = (each for each in store.list("") if each.key == "a")
    assert found.modified is not None
    assert before <= found.modified <= datetime.now(UTC) + timedelta(seconds=2)


class Answering:
    """An S3 client of one answer to HeadObject."""

    def __init__(self, answer: dict[str, str]) -> None:
        self._answer = answer

    def head_object(self, **given: str) -> dict[str, str]:
        assert given == {"Bucket": "lake", "Key": "a", "ChecksumMode": "ENABLED"}
        return self._answer


@pytest.mark.parametrize(
    "answer",
    [
        {"ChecksumCRC64NVME": "AAAAAAAAAAA=", "ChecksumType": "FULL_OBJECT"},
        {"ChecksumSHA256": "dXd3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3c=-2"},
        {"ChecksumSHA256": "dXd3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3c=", "ChecksumType": "COMPOSITE"},
    ],
    ids=["another digest", "of parts", "of parts, by its type"],
)
def test_what_s3_keeps_of_other_uploads_is_no_digest_of_the_content(answer: dict[str, str]) -> None:
    assert S3Store("lake", "", Answering(answer)).sha256("a") is None


def test_s3_copies_no_more_than_it_does_in_one_call() -> None:
    store = S3Store("lake", "", RefusingClient(AssertionError("S3 was called")))
    with pytest.raises(InputError, match=r"s3://lake/raw/a: expected at most 5,368,709,120 bytes.*found 5,368,709,121"):
        store.copy(ObjectInfo("raw/a", 5_368_709_121), "archive/a")


def test_a_dry_run_copies_beside_the_lake(tmp_path: Path) -> None:
    base = FolderStore(tmp_path / "lake")
    base.write("raw/a", b"content")
    over = OverlayStore(base, tmp_path / "over")
    over.copy(next(iter(over.list("raw/"))), "archive/a")
    over.delete("raw/a")
    assert (over.sha256("archive/a"), keys(over, "")) == (base.sha256("raw/a"), ["archive/a"])
    assert keys(base, "") == ["raw/a"]
