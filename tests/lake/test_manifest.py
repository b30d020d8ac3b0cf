"""The plain checks of `dpc-manifest/1` refuse exactly what the published schema refuses."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from deliveries import delivery
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dpc_assets.steps import manifest

SCHEMA = json.loads((files("dpc_assets.steps") / "manifest.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
RIGHT = delivery().manifest()

texts = st.text(max_size=12) | st.sampled_from(
    (
        "dpc-manifest/1",
        "131000123",
        "131000123\n",
        "１３１０００１２３",
        "202504",
        "202513",
        "2025-04",
        "2025-05-10T09:00:00Z",
        "2025-05-10t23:59:59.123456789z",
        "2025-05-10T09:00:00+09:00",
        "2025-05-10T09:00:00+24:00",
        "2025-05-10 09:00:00Z",
        "2025-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2025-04-31T00:00:00Z",
        "2025-05-10T24:00:00Z",
        "2025-05-10T23:59:60Z",
        "2025-05-10T09:00:00",
        "FF1",
        "ff1",
        "a" * 64,
        "A" * 64,
        "a" * 64 + "\n",
        "g" * 64,
        "EFn_131000123_2504.txt",
        "a/b",
        "a\\b",
        "a\x1fb",
        "a" * 256,
        "\ud800",
    )
)
numbers = (
    st.integers(-2, 3)
    | st.floats()
    | st.sampled_from((2**53 - 1, 2**53, 2**53 + 1, float(2**53), 1.0, 1.5, 10**400, 999_999_999, 1_000_000_000))
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
PATHS = [(key,) for key in RIGHT] + [("files", 0)] + [("files", 0, key) for key in RIGHT["files"][0]] + [("notes",)]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    document = json.loads(json.dumps(RIGHT))
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return document


def agree(value: Any) -> None:
    assert (manifest.breaches(value) == ()) == VALIDATOR.is_valid(value)


@settings(max_examples=400)
@given(st.sampled_from(PATHS), values)
@example(("version",), True)
@example(("files", 0, "bytes"), False)
@example(("version",), 1.0)
@example(("version",), float("inf"))
@example(("files", 0, "records"), float("nan"))
@example(("notes",), ["a", "b"])
@example(("notes",), None)
@example(("files",), [])
def test_one_changed_value(path: tuple[Any, ...], value: Any) -> None:
    agree(changed(path, value))


@settings(max_examples=200)
@given(values)
@example(RIGHT)
def test_any_value(value: Any) -> None:
    agree(value)


@given(st.sampled_from(PATHS[:-1]))
def test_a_missing_key(path: tuple[Any, ...]) -> None:
    document = changed(path, None)
    at = document
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    agree(document)
    assert manifest.breaches(document) == () or not VALIDATOR.is_valid(document)


@settings(max_examples=300)
@given(st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode()))
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b"[" * 100_000)
@example(b"1" * 5_000)
@example(b'{"version": ' + b"9" * 5_000 + b"}")
@example(b'{"version": 1e400}')
@example(b'{"schema": "\\ud800"}')
def test_no_bytes_raise(data: bytes) -> None:
    read, problems = manifest.read(data)
    assert problems
    assert {each.rule for each in problems} <= {"M01", "M02"}
    assert (read is None) >= any(each.rule == "M01" for each in problems)


def test_a_right_manifest_is_read() -> None:
    read, problems = manifest.read(b"\xef\xbb\xbf" + json.dumps(RIGHT | {"notes": "round 2"}).encode())

    assert problems == ()
    assert read is not None
    assert (read.facility_code, read.yyyymm, read.version) == ("131000123", "202504", 1)
    assert read.created_at == "2025-05-10T00:00:00Z"
    assert read.entries[1] == manifest.Entry(
        name="FF4_131000123_2504.txt",
        type="FF4",
        bytes=42,
        records=1,
        sha256="e03f51f827a110bfd1fbc8e4b4e27d851c2acfe729ab1e181f0232341c3c2e53",
    )


@pytest.mark.parametrize(
    ("given_time", "utc"),
    [
        ("2025-05-10T09:00:00+09:00", "2025-05-10T00:00:00Z"),
        ("2025-05-10t00:00:00z", "2025-05-10T00:00:00Z"),
        ("2024-02-29T23:30:00.5-01:00", "2024-03-01T00:30:00.500000Z"),
        ("2025-05-10T00:00:00.123456789Z", "2025-05-10T00:00:00.123456Z"),
        ("2099-12-31T23:59:59-23:59", "2100-01-01T23:58:59Z"),
    ],
)
def test_times_are_normalised_to_utc(given_time: str, utc: str) -> None:
    assert manifest.utc(given_time) == utc


def test_a_manifest_beyond_reason_is_not_read() -> None:
    _, problems = manifest.read(b" " * (1 << 20) + b"{}")

    assert [(each.rule, each.found) for each in problems] == [("M01", "a larger file")]


def test_the_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
