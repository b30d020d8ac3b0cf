"""What a container remembers of its earlier attempts."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from compiler.runtime.attempts import key, load, remaining, store, stored, succeeded

ARN = "arn:aws:states:ap-northeast-1:123456789012:execution:shop-elt:2025-04-run"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield client


def test_an_attempt_goes_on_where_the_one_before_stopped(s3: Any) -> None:
    name = key("logs/dbt", ARN, "dbt")
    words = ("stage", "fact", "board")
    assert remaining(words, load(s3, "lake", name)) == words
    assert store(s3, "lake", name, ["stage"]) == {"stage"}
    assert remaining(words, load(s3, "lake", name)) == ("fact", "board")
    assert store(s3, "lake", name, ["fact", "board"]) == {"stage", "fact", "board"}
    assert remaining(words, load(s3, "lake", name)) == ()


def test_a_bucket_that_cannot_be_read_is_not_an_empty_memory(s3: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        load(s3, "other", "x")


def test_the_key_tells_executions_and_units_apart() -> None:
    assert key("logs/dbt/", ARN, "dbt") == "logs/dbt/shop-elt/2025-04-run/dbt-de371ade.json"
    assert key("", ARN, "mart/fact_stay") == "shop-elt/2025-04-run/mart_fact_stay-9eb3bc56.json"
    assert key("p", "local/run", "a") == "p/local_run/a-ca978112.json"
    assert key("p", ARN, "a/b") != key("p", ARN, "a_b")
    assert key("p", ARN + "2", "a") != key("p", ARN, "a")


@pytest.mark.parametrize("body", [None, b"", b"{", b"[]", b'{"succeeded": "fact"}', b'{"done": []}', b"\xff"])
def test_what_cannot_be_read_is_run_again(body: bytes | None) -> None:
    assert succeeded(body) == frozenset()


@given(st.lists(st.text()), st.sets(st.text()))
def test_what_is_stored_is_read_and_what_remains_keeps_its_order(words: list[str], done: set[str]) -> None:
    assert succeeded(stored(done)) == done
    assert stored(sorted(done)) == stored(sorted(done, reverse=True))
    left = remaining(words, done)
    assert list(left) == [word for word in words if word not in done]
