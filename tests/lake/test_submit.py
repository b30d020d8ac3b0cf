"""`submit`: a folder of official files becomes the next version of its facility and month, or is refused whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from deliveries import FACILITY, MONTH, NOW, OTHER, delivery, efn, ff4, kana_row, official, ports, text

from dpc_assets.steps import manifest, normalize, validate_manifest, verdict
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore
from dpc_assets.submit import SubmissionRefused, plan_submission, submit


def folder(path: Path, **replaced: bytes | None) -> Path:
    path.mkdir()
    for name, data in delivery(**replaced).files.items():
        (path / name).write_bytes(data)
    return path


def test_a_folder_becomes_the_next_version_and_passes(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "lake")
    delivery(version=4).put(tmp_path / "lake")

    report = submit(folder(tmp_path / "in"), store, lambda: NOW)

    assert report.submission == Submission(MONTH, FACILITY, 5)
    assert report.folder == str(tmp_path / "lake/raw/yyyymm=2025-04/131000123/v5/")
    assert report.warnings == ()
    assert json.loads(store.read(report.submission.manifest)) == {
        "schema": "dpc-manifest/1",
        "facility_code": "131000123",
        "yyyymm": "202504",
        "version": 5,
        "created_at": "2025-05-12T03:00:00Z",
        "files": [
            {
                "name": f"{kind}_131000123_2504.txt",
                "type": kind,
                "bytes": len(data),
                "records": records,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for (kind, records), data in zip(
                {"FF1": 1, "FF4": 1, "EFn": 2, "EFg": 1, "Dn": 1, "Hn": 1, "Kn": 1}.items(),
                delivery().files.values(),
                strict=True,
            )
        ],
    }
    world = ports(tmp_path / "lake")
    validate_manifest.run(Run("run-1", (MONTH,)), world)
    normalize.run(Run("run-1", (MONTH,)), world)
    used = verdict.in_use(store, MONTH, FACILITY)
    assert used is not None
    assert used.version == 5


def test_the_first_submission_is_version_one(tmp_path: Path) -> None:
    report = submit(folder(tmp_path / "in", Kn=None), FolderStore(tmp_path / "lake"), lambda: NOW)

    assert report.submission.version == 1
    assert [file.type for file in report.files] == ["FF1", "FF4", "EFn", "EFg", "Dn", "Hn"]


def test_warnings_do_not_stop_a_submission(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", EFn=text(efn(FACILITY, name="①")))

    report = submit(source, FolderStore(tmp_path / "lake"), lambda: NOW)

    assert [(each.rule, each.file, each.line, each.column) for each in report.warnings] == [
        ("W10", "EFn_131000123_2504.txt", 1, 11)
    ]


def test_everything_wrong_is_told_at_once_and_nothing_is_stored(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", FF1=None, EFn=text(efn(FACILITY), "", efn(OTHER)), Hn=None)
    (source / official("FF4", OTHER)).write_bytes(text(ff4(OTHER)))
    (source / "Hn_131000123_2505.txt").write_bytes(b"")
    (source / "memo.txt").write_bytes(b"")
    (source / "old").mkdir()
    (source / "kn_131000123_2504.CSV").write_bytes(text(kana_row(FACILITY)))
    store = FolderStore(tmp_path / "lake")

    with pytest.raises(SubmissionRefused) as refused:
        submit(source, store, lambda: NOW)

    assert [(each.rule, each.file, each.line) for each in refused.value.problems] == [
        ("F02", "EFn_131000123_2504.txt", 2),
        ("F05", "EFn_131000123_2504.txt", 3),
        ("M08", "FF1", None),
        ("F05", "FF4_271000456_2504.txt", None),
        ("F06", "Hn_131000123_2505.txt", None),
        ("K00", "kn_131000123_2504.CSV", None),
        ("F01", "memo.txt", None),
        ("F01", "old", None),
    ]
    told = str(refused.value).splitlines()
    assert told[0] == f"{source}: not submitted"
    assert len(told) == 9
    assert "ヤマダ" not in str(refused.value)
    assert list(store.list("")) == []


def test_the_k_source_is_refused_by_content(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", Kn=text(kana_row(FACILITY, "\t")))

    with pytest.raises(SubmissionRefused) as refused:
        submit(source, FolderStore(tmp_path / "lake"), lambda: NOW)

    assert [(each.rule, each.file, each.line) for each in refused.value.problems] == [
        ("K00", "Kn_131000123_2504.txt", 1)
    ]
    assert "ヤマダ" not in str(refused.value)


def test_a_plan_stores_nothing(tmp_path: Path) -> None:
    plan = plan_submission(folder(tmp_path / "in"))

    assert (plan.facility, plan.month, plan.fatal, len(plan.files)) == (FACILITY, MONTH, False, 7)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert [(each.rule, each.file) for each in plan_submission(tmp_path).problems] == [("M08", "EFn"), ("M08", "FF1")]


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder of official files"):
        plan_submission(tmp_path / "none")


class FullAfterThree(FolderStore):
    """A lake whose disk is full at the fourth write."""

    writes = 0

    def writer(self, key: str):  # type: ignore[no-untyped-def]
        self.writes += 1
        if self.writes > 3:
            raise RetryLater(f"{key}: the lake's disk is full; make room and run again")
        return super().writer(key)


def test_a_broken_submission_leaves_nothing_in_the_lake(tmp_path: Path) -> None:
    store = FullAfterThree(tmp_path / "lake")

    with pytest.raises(RetryLater):
        submit(folder(tmp_path / "in"), store, lambda: NOW)

    assert list(store.list("")) == []


def test_the_manifest_follows_the_schema(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "lake")
    report = submit(folder(tmp_path / "in"), store, lambda: NOW)

    assert manifest.read(store.read(report.submission.manifest))[1] == ()
