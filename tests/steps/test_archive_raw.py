"""What leaves raw/ for archive/: when, in what order, what stays and why; in a folder and in S3 alike."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from dpc_assets.sample import generate
from dpc_assets.steps import archive_raw, find_work, normalize, validate_manifest, verdict
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import ObjectInfo, Ports
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import FolderStore, S3Store

Store = FolderStore | S3Store

FIRST = Submission("2025-04", "131000123", 1)
SECOND = Submission("2025-04", "131000123", 2)
OTHER = Submission("2025-04", "271000456", 1)
DUE = datetime(2026, 6, 18, 1, 0, tzinfo=UTC)
"""13 months after the sample's first version of April, 10:00 on 2025-05-18 in Japan."""
LATER = DUE + timedelta(days=61)
SECOND_LONG = timedelta(seconds=1)
KEPT = ("stage/", "logs/")


class Asleep:
    """A warehouse and a channel that nothing may wake."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was called")


def ports(store: Store, now: datetime = DUE) -> Ports:
    asleep = Asleep()
    return Ports(store, asleep, lambda: now, asleep, lambda: b"k" * 32)


def judge(store: Store, month: str = "2025-04") -> None:
    run = Run("run-1", (month,))
    validate_manifest.run(run, ports(store))
    normalize.run(run, ports(store))


def archive(store: Store, now: datetime = DUE) -> Result:
    return archive_raw.run(Run("daily-1", ()), ports(store, now))


def content(store: Store, *prefixes: str) -> dict[str, bytes]:
    return {each.key: store.read(each.key) for prefix in prefixes for each in store.list(prefix)}


def moved(before: dict[str, bytes]) -> dict[str, bytes]:
    return {key.replace("raw/", "archive/", 1): data for key, data in before.items()}


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """April of one hospital, delivered and not yet judged."""
    if request.param == "folder":
        made: Store = FolderStore(tmp_path / "lake")
        generate(made, "2025-04", facilities=1, stays=2, seed=3)
        yield made
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        made = S3Store("lake", "team/dpc", client)
        generate(made, "2025-04", facilities=1, stays=2, seed=3)
        yield made


def copied(store: Store, source: Submission, target: Submission, **said: Any) -> None:
    """The same files as another version, or of another hospital, with a manifest that says so; `said` replaces."""
    for each in list(store.list(source.raw)):
        name = each.key.removeprefix(source.raw).replace(source.facility, target.facility)
        data = store.read(each.key).replace(source.facility.encode(), target.facility.encode())
        if name == "_manifest.json":
            manifest = json.loads(data) | {"version": target.version, **said}
            for file in manifest["files"]:
                written = store.read(target.raw + file["name"])
                file["sha256"] = hashlib.sha256(written).hexdigest()
            data = json.dumps(manifest).encode()
        store.write(target.raw + name, data)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2025-05-18T01:00:00+00:00", "2026-06-18T10:00:00+09:00"),
        ("2025-01-31T08:00:00+09:00", "2026-02-28T08:00:00+09:00"),
        ("2027-01-31T08:00:00+09:00", "2028-02-29T08:00:00+09:00"),
        ("2025-11-30T23:59:59+09:00", "2026-12-30T23:59:59+09:00"),
        ("2025-12-31T16:00:00+00:00", "2027-02-01T01:00:00+09:00"),
    ],
)
def test_thirteen_months_are_counted_in_the_calendar_of_japan(received: str, due: str) -> None:
    assert archive_raw.due_at(datetime.fromisoformat(received)).isoformat() == due


def test_a_month_leaves_raw_whole_when_it_is_due_and_not_a_second_before(store: Store) -> None:
    judge(store)
    raw, kept = content(store, "raw/"), content(store, *KEPT)

    assert dict(archive(store, DUE - SECOND_LONG).counts) == {
        "months": 0,
        "versions": 0,
        "files": 0,
        "bytes": 0,
        "left": 0,
    }
    assert content(store, "raw/", "archive/") == raw

    result = archive(store)

    assert dict(result.counts) == {
        "months": 1,
        "versions": 1,
        "files": 8,
        "bytes": sum(map(len, raw.values())),
        "left": 0,
    }
    assert result.notes == ()
    assert content(store, "raw/", "archive/") == moved(raw)
    assert content(store, *KEPT) == kept
    assert archive(store).counts["files"] == 0
    assert content(store, "raw/", "archive/") == moved(raw)


def test_the_last_version_of_any_hospital_decides_for_the_whole_month(store: Store) -> None:
    copied(store, FIRST, OTHER, facility_code=OTHER.facility, created_at="2025-07-02T09:00:00+09:00")
    judge(store)
    raw = content(store, "raw/")
    last = datetime(2026, 8, 2, 0, 0, tzinfo=UTC)
    assert archive(store, last - SECOND_LONG).counts["months"] == 0
    assert content(store, "raw/", "archive/") == raw
    assert archive(store, last).counts["versions"] == 2
    assert content(store, "raw/", "archive/") == moved(raw)


def test_every_version_leaves_rejected_ones_too(store: Store) -> None:
    copied(store, FIRST, SECOND)
    store.write(SECOND.raw + "memo.txt", b"not of the survey")
    judge(store)
    raw = content(store, "raw/")
    assert archive(store).counts["versions"] == 2
    assert content(store, "raw/", "archive/") == moved(raw)
    assert not list(store.list(SECOND.stage))


@pytest.mark.parametrize("manifest", [None, b"no JSON", b'{"created_at": "yesterday"}'], ids=["none", "bad", "date"])
def test_a_version_without_a_readable_manifest_was_received_when_it_was_written(
    tmp_path: Path, manifest: bytes | None
) -> None:
    store = FolderStore(tmp_path)
    store.write(FIRST.raw + "FF1_131000123_2504.txt", b"x")
    store.write(FIRST.raw + "EFn_131000123_2504.txt", b"x")
    if manifest is not None:
        store.write(FIRST.manifest, manifest)
    for number, each in enumerate(store.list("raw/")):
        written = (DUE - timedelta(days=396 - number)).timestamp()  # 2025-05-18 and the days after it
        os.utime(tmp_path / each.key, (written, written))
    judge(store)
    newest = len(list(store.list("raw/"))) - 1
    last = DUE + timedelta(days=newest)
    raw = content(store, "raw/")
    assert archive(store, last - SECOND_LONG).counts["months"] == 0
    assert archive(store, last).counts["files"] == newest + 1
    assert content(store, "raw/", "archive/") == moved(raw)


def kana(by: str) -> bytes:
    key = ("131000123", "0000000001", "20250401", "00000000", "202504", "ヤマダハナコ", "2", "19500101")
    return by.join((*key, "  123456", "記号", "番号", "01")).encode("cp932") + b"\r\n"


def test_a_k_source_file_is_left_where_it_lies_and_nowhere_else(store: Store) -> None:
    """By its name, by its first line, and by a line further down that was met when it was judged."""
    late = SECOND.raw + "Hn_131000123_2504.txt"
    copied(store, FIRST, SECOND)
    whole = store.read(late)
    store.write(late, whole + kana("\t"))
    manifest = json.loads(store.read(SECOND.manifest))
    (entry,) = (each for each in manifest["files"] if each["type"] == "Hn")
    entry["bytes"] = len(whole + kana("\t"))
    store.write(SECOND.manifest, json.dumps(manifest).encode())
    by_name, by_content = FIRST.raw + "Kn_131000123_2504.csv", FIRST.raw + "memo.txt"
    store.write(by_name, b"anything")
    store.write(by_content, kana(","))
    judge(store)
    refused = {found.file for each in (FIRST, SECOND) for found in (verdict.read(store, each) or ()).problems}  # type: ignore[union-attr]
    assert refused >= {"Kn_131000123_2504.csv", "memo.txt", "Hn_131000123_2504.txt"}
    raw = content(store, "raw/")

    result = archive(store)

    assert {each.key for each in store.list("raw/")} == {by_name, by_content, late}
    stays = {by_name, by_content, late}
    assert content(store, "archive/") == moved({key: data for key, data in raw.items() if key not in stays})
    assert (result.counts["left"], result.counts["left_source"], result.counts["files"]) == (3, 3, 15)
    assert sorted(result.notes) == [
        f"{key}: left in raw/: a K source file, which is never copied anywhere; delete it" for key in sorted(stays)
    ]
    again = archive(store)
    assert (again.counts["files"], again.counts["left_source"]) == (0, 3)
    judge(store)
    assert {each.key for each in store.list("raw/")} == stays
    assert len(content(store, "archive/")) == 15


def test_what_has_no_verdict_or_lost_its_parts_or_is_in_no_version_stays_with_its_reason(store: Store) -> None:
    for month in ("2025-05", "2025-06"):
        generate(store, month, facilities=1, stays=2, seed=3)
    judge(store)
    judge(store, "2025-05")
    part = next(each.key for each in store.list("stage/yyyymm=2025-05/"))
    store.delete(part)
    stray = "raw/yyyymm=2025-04/131000123/readme.txt"
    store.write(stray, b"?")
    store.write("raw/readme.txt", b"of no month")
    raw = content(store, "raw/")

    result = archive(store, LATER)

    assert dict(result.counts) == {
        "months": 3,
        "versions": 1,
        "files": 8,
        "bytes": sum(len(data) for key, data in raw.items() if key.startswith(FIRST.raw)),
        "left": 17,
        "left_outside": 1,
        "left_unstaged": 8,
        "left_unjudged": 8,
    }
    assert result.notes == (
        f"{stray}: left in raw/: in no version's folder; delete it, or submit it",
        "raw/yyyymm=2025-05/131000123/v1/: left in raw/: passed, but parts of it are gone from stage/; run its month",
        "raw/yyyymm=2025-06/131000123/v1/: left in raw/: no verdict of the version as it lies there; run its month",
    )
    judge(store, "2025-05")
    judge(store, "2025-06")
    assert dict(archive(store, LATER).counts)["files"] == 16
    assert {each.key for each in store.list("raw/")} == {stray, "raw/readme.txt"}


class Heard:
    """A store whose changes are noted; after `least` of them it refuses."""

    def __init__(self, store: Store, least: int = 1 << 30) -> None:
        self._store = store
        self._least = least
        self.changes: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _note(self, what: str, key: str) -> None:
        if len(self.changes) == self._least:
            raise RetryLater(f"{key}: the lake refuses")
        self.changes.append((what, key))

    def copy(self, source: ObjectInfo, target: str) -> None:
        self._note("copy", source.key)
        self._store.copy(source, target)

    def delete(self, key: str) -> None:
        self._note("delete", key)
        self._store.delete(key)

    def write(self, key: str, data: bytes) -> None:
        raise AssertionError(f"{key}: nothing is written")


def test_everything_is_copied_before_anything_is_deleted_and_the_manifest_comes_last(store: Store) -> None:
    judge(store)
    heard: Any = Heard(store)
    archive(heard)
    assert [what for what, _ in heard.changes] == ["copy"] * 8 + ["delete"] * 8
    assert [key for _, key in heard.changes[:8]] == [key for _, key in heard.changes[8:]]
    assert heard.changes[7] == ("copy", FIRST.manifest)


@pytest.mark.parametrize("manifest", [True, False], ids=["with a manifest", "without one"])
def test_wherever_it_is_interrupted_nothing_is_lost_nothing_is_new_and_the_next_run_ends_it(
    tmp_path: Path, manifest: bool
) -> None:
    for least in range(16 if manifest else 14):
        store = FolderStore(tmp_path / str(least))
        generate(store, "2025-04", facilities=1, stays=2, seed=3)
        if not manifest:
            store.delete(FIRST.manifest)
        judge(store)
        raw, kept, keys = content(store, "raw/"), content(store, *KEPT), find_work.keys_by_month(store)
        now = datetime.now(UTC) + timedelta(days=500)
        broken: Any = Heard(store, least)

        with pytest.raises(RetryLater, match="the lake refuses"):
            archive(broken, now)

        lies = content(store, "raw/", "archive/")
        for key, data in raw.items():
            assert data in (lies.get(key), lies.get(key.replace("raw/", "archive/", 1))), (least, key)
        assert find_work.keys_by_month(store) == keys, least
        judge(store)
        assert content(store, *KEPT) == kept, least
        archive(store, now)
        assert content(store, "raw/", "archive/") == moved(raw), least
        assert find_work.keys_by_month(store) == keys, least


class Damaging(FolderStore):
    """A lake whose copies below one folder are not what was copied."""

    def copy(self, source: ObjectInfo, target: str) -> None:
        super().copy(source, target)
        if target.startswith(FIRST.archive) and "Dn_" in target:
            self.write(target, self.read(target)[:-1])


def test_a_copy_that_differs_costs_nothing_and_does_not_stop_the_others(tmp_path: Path) -> None:
    damaging, whole = Damaging(tmp_path), FolderStore(tmp_path)
    generate(whole, "2025-04", facilities=1, stays=2, seed=3)
    copied(whole, FIRST, OTHER, facility_code=OTHER.facility)
    judge(whole)
    raw = content(whole, "raw/")
    with pytest.raises(RetryLater, match=r"Dn_131000123_2504\.txt: expected a copy with SHA-256 [0-9a-f]{64}, found "):
        archive(damaging)
    assert content(whole, "raw/") == {key: data for key, data in raw.items() if key.startswith(FIRST.raw)}
    assert content(whole, OTHER.archive) == moved({k: d for k, d in raw.items() if k.startswith(OTHER.raw)})
    archive(whole)
    assert content(whole, "raw/", "archive/") == moved(raw)


class TooLarge(FolderStore):
    """A lake that cannot copy the largest file."""

    def copy(self, source: ObjectInfo, target: str) -> None:
        if "EFn_" in source.key:
            raise InputError(f"{source.key}: expected at most 5 bytes")
        super().copy(source, target)


def test_what_cannot_be_copied_keeps_its_version_whole(tmp_path: Path) -> None:
    store = TooLarge(tmp_path)
    generate(store, "2025-04", facilities=1, stays=2, seed=3)
    sizes = {each.key: each.size for each in store.list("raw/")}
    assert "EFn_" in max(sizes, key=lambda key: sizes[key])
    judge(store)
    raw = content(store, "raw/")
    result = archive(store)
    assert (result.counts["files"], result.counts["left_refused"]) == (0, 8)
    assert result.notes == (
        f"{FIRST.raw}: left in raw/: cannot be copied: {FIRST.raw}EFn_131000123_2504.txt: expected at most 5 bytes",
    )
    assert content(store, "raw/", "archive/") == raw


def put(key: str, data: bytes) -> Callable[[Store], None]:
    return lambda store: store.write(key, data)


@pytest.mark.parametrize(
    "change",
    [put(FIRST.raw + "FF4_131000123_2504.txt", b"other"), put(FIRST.raw + "new.txt", b"new")],
    ids=["another content", "a file that came late"],
)
def test_what_an_archived_version_gets_later_is_neither_lost_nor_mixed_in(
    store: Store, change: Callable[[Store], None]
) -> None:
    judge(store)
    raw = content(store, "raw/")
    archive(store)
    whole, keys = content(store, "archive/"), find_work.keys_by_month(store)
    same = "FF1_131000123_2504.txt"
    store.write(FIRST.raw + same, raw[FIRST.raw + same])
    change(store)
    late = content(store, "raw/")
    judge(store)
    assert find_work.keys_by_month(store) == keys

    result = archive(store)

    (left,) = late.keys() - {FIRST.raw + same}
    assert content(store, "raw/") == {left: late[left]}
    assert content(store, "archive/") == whole
    assert (result.counts["files"], result.counts["left_other"]) == (1, 1)
    assert result.notes == (
        f"{left}: left in raw/: archive/ has another object in its place, or got its version without it; "
        "submit it as the next version",
    )


def test_a_file_that_changed_after_an_interrupted_try_is_copied_anew(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    generate(store, "2025-04", facilities=1, stays=2, seed=3)
    judge(store)
    broken: Any = Heard(store, 5)
    with pytest.raises(RetryLater):
        archive(broken)
    for each in list(store.list("archive/")):
        store.write(each.key.replace("archive/", "raw/", 1), b"changed")
    judge(store)
    raw = content(store, "raw/")
    archive(store)
    assert content(store, "raw/", "archive/") == moved(raw)


def test_a_month_that_cannot_be_looked_at_does_not_stop_the_others(tmp_path: Path) -> None:
    class Refusing(FolderStore):
        def open(self, key: str) -> Any:
            if key.startswith("raw/yyyymm=2025-04/"):
                raise RetryLater(f"{key}: refused")
            return super().open(key)

    store = Refusing(tmp_path)
    for month in ("2025-04", "2025-05"):
        generate(store, month, facilities=1, stays=2, seed=3)
    judge(FolderStore(tmp_path), "2025-05")
    with pytest.raises(RetryLater, match=r"2025-04/131000123/v1/_manifest\.json: refused"):
        archive(store, LATER)
    assert [each.key for each in store.list("raw/yyyymm=2025-05/")] == []
    assert len(list(store.list("raw/yyyymm=2025-04/"))) == 8
