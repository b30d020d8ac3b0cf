"""An archived version counts as delivered: its verdict stands, its parts load, nothing of it is read or judged anew."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from deliveries import FACILITY, KEY, MONTH, NOW, OTHER, delivery, efn, kana_row, official, ports, text

from dpc_assets.steps import archive_raw, facilities, find_work, loads, normalize, validate_manifest, verdict
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import FolderStore
from dpc_assets.submit import submit

RUN = Run("run-1", (MONTH,))
FIRST, SECOND = Submission(MONTH, FACILITY, 1), Submission(MONTH, FACILITY, 2)
DUE = datetime(2026, 6, 10, 0, 0, tzinfo=UTC)
"""13 months after the deliveries' manifests."""


class DeepArchive(FolderStore):
    """A lake whose archive/ cannot be read, as S3 answers for Glacier Deep Archive."""

    def open(self, key: str) -> BinaryIO:
        if key.startswith("archive/"):
            raise RetryLater(f"{key}: S3 refused (InvalidObjectState); check access and run again")
        return super().open(key)

    def read(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()


def judge(world: Ports) -> tuple[Result, Result]:
    return validate_manifest.run(RUN, world), normalize.run(RUN, world)


def archived(lake: Path, id_key: bytes = KEY) -> Ports:
    """What lies in raw/ is judged and archived; from then on it cannot be read."""
    world = ports(lake, id_key)
    judge(world)
    archive_raw.run(RUN, replace(world, clock=lambda: DUE))
    return replace(world, store=DeepArchive(lake))


def stored(lake: Path) -> dict[str, bytes]:
    store = FolderStore(lake)
    return {each.key: store.read(each.key) for prefix in ("stage/", "logs/") for each in store.list(prefix)}


def test_it_is_delivered_judged_and_in_use_as_before(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    before, before_again = judge(ports(tmp_path))
    kept, rows = stored(tmp_path), loads.loads(FolderStore(tmp_path), MONTH, FACILITY, _in_use(tmp_path))

    world = archived(tmp_path)

    assert list(world.store.list("raw/")) == []
    assert verdict.submissions(world.store, MONTH) == [FIRST]
    assert facilities.expected(world.store, MONTH) == {FACILITY}
    used = verdict.in_use(world.store, MONTH, FACILITY)
    assert used is not None and used.version == 1
    assert loads.loads(world.store, MONTH, FACILITY, used) == rows
    checked, staged = judge(world)
    assert dict(checked.counts) == {"versions": 1, "known": 1, "rejected": 0, "strays": 0}
    assert (staged.counts["judged"], staged.counts["in_use"]) == (0, 1)
    assert staged.versions == before_again.versions and before.counts["versions"] == 1
    assert normalize.pending(RUN, world) == []
    assert stored(tmp_path) == kept


def _in_use(lake: Path) -> Any:
    return verdict.in_use(FolderStore(lake), MONTH, FACILITY)


def test_a_rejected_one_is_still_rejected_with_its_findings(tmp_path: Path) -> None:
    delivery(EFn=text(efn(OTHER))).put(tmp_path)
    judge(ports(tmp_path))
    rows = loads.loads(FolderStore(tmp_path), MONTH, FACILITY, None)
    assert {each.status for each in rows} == {"rejected"}
    world = archived(tmp_path)
    assert loads.loads(world.store, MONTH, FACILITY, None) == rows
    assert judge(world)[1].counts["refused"] == 1


@pytest.mark.parametrize("manifest", [True, False], ids=["with a manifest", "without one"])
def test_it_is_nothing_new(tmp_path: Path, manifest: bool) -> None:
    delivery().put(tmp_path)
    if not manifest:
        (tmp_path / FIRST.manifest).unlink()
        for each in (tmp_path / FIRST.raw).iterdir():
            os.utime(each, (NOW.timestamp(), NOW.timestamp()))
    world = ports(tmp_path)
    judge(world)
    assert find_work.record(world.store, MONTH, "run-1", NOW) == 1
    recorded = world.store.read("logs/runs/2025-04/done.json")
    archive_raw.run(RUN, replace(world, clock=lambda: datetime(2026, 7, 1, tzinfo=UTC)))
    assert list(world.store.list("raw/")) == []
    world = replace(world, store=DeepArchive(tmp_path))

    assert find_work.run(RUN, world, {}) == []
    assert find_work.run(RUN, world, {"from": MONTH, "to": MONTH}) == [{"partition": MONTH}]
    judge(world)
    assert find_work.record(world.store, MONTH, "run-1", NOW) == 1
    assert world.store.read("logs/runs/2025-04/done.json") == recorded


def test_it_is_new_while_no_execution_has_taken_it_in(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    world = archived(tmp_path)
    assert find_work.run(RUN, world, {}) == [{"partition": MONTH}]


def test_one_refused_for_lack_of_a_key_stays_refused_when_there_is_one(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    world = archived(tmp_path, id_key=b"")
    checked, staged = judge(replace(world, id_key=lambda: KEY))
    assert (checked.counts["known"], staged.counts["judged"], staged.counts["refused"]) == (1, 0, 1)


def test_the_next_version_is_counted_after_it_judged_and_put_in_use(tmp_path: Path) -> None:
    delivery().put(tmp_path / "lake")
    world = archived(tmp_path / "lake")
    find_work.record(world.store, MONTH, "run-1", NOW)
    source = tmp_path / "in"
    source.mkdir()
    for name, data in delivery().files.items():
        (source / name).write_bytes(data)

    report = submit(source, world.store, lambda: DUE)

    assert report.submission == SECOND
    assert find_work.run(RUN, world, {}) == [{"partition": MONTH}]
    checked, staged = judge(world)
    assert (checked.counts["versions"], checked.counts["known"], staged.counts["judged"]) == (2, 1, 1)
    used = verdict.in_use(world.store, MONTH, FACILITY)
    assert used is not None and used.version == 2
    (newest,) = {each.newest_version for each in loads.loads(world.store, MONTH, FACILITY, used)}
    assert newest == 2
    moved = archive_raw.run(RUN, replace(world, clock=lambda: datetime(2027, 7, 9, tzinfo=UTC)))
    assert moved.counts["months"] == 0  # 13 months from the second version, not from the first
    moved = archive_raw.run(RUN, replace(world, clock=lambda: datetime(2027, 7, 10, tzinfo=UTC)))
    assert (moved.counts["files"], list(world.store.list("raw/"))) == (8, [])
    assert verdict.in_use(world.store, MONTH, FACILITY) == used


def test_a_refused_next_version_leaves_it_in_use(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    world = archived(tmp_path)
    delivery(version=2, EFn=text(efn(OTHER))).put(tmp_path)
    judge(world)
    used = verdict.in_use(world.store, MONTH, FACILITY)
    assert used is not None and used.version == 1
    assert {each.findings for each in loads.loads(world.store, MONTH, FACILITY, used)} == {"v2 rejected: F05 x1"}


@pytest.mark.parametrize("lost", ["logs/validation/", "stage/"])
def test_what_it_counts_by_is_gone(tmp_path: Path, lost: str) -> None:
    """It is not judged by what is left of it: the person is told, and nothing else is lost."""
    delivery().put(tmp_path)
    delivery(OTHER).put(tmp_path)
    world = archived(tmp_path)
    gone = next(each.key for each in world.store.list(lost) if FACILITY in each.key)
    world.store.delete(gone)
    kept = stored(tmp_path)
    with pytest.raises(InputError) as refused:
        judge(world)
    assert str(refused.value) == (
        "2025-04/131000123/v1: archived, and its verdict (logs/validation/202504/131000123/v1.json) or its parts below "
        "stage/yyyymm=2025-04/131000123/v1/ are gone; bring those objects back, or submit the files again as the next "
        "version"
    )
    assert stored(tmp_path) == kept
    assert normalize.pending(RUN, world) == [{"versions": ["2025-04/131000123/v1"]}]
    with pytest.raises(InputError, match="archived, and its verdict"):
        normalize.one(RUN, world, {"versions": ["2025-04/131000123/v1"]})
    assert stored(tmp_path) == kept


def test_what_is_put_into_its_old_folder_is_told_and_changes_nothing(tmp_path: Path) -> None:
    delivery().put(tmp_path)
    world = archived(tmp_path)
    kept = stored(tmp_path)
    delivery(EFn=text(efn(OTHER))).put(tmp_path)
    checked, staged = judge(world)
    assert (checked.counts["known"], checked.counts["strays"], staged.counts["judged"]) == (1, 8, 0)
    assert (
        f"{FIRST.raw}{official('EFn')}: of an archived version, ignored; what is new is submitted as the next version"
        in (checked.notes)
    )
    assert stored(tmp_path) == kept


def test_a_k_source_file_left_behind_is_no_reason_to_judge_again(tmp_path: Path) -> None:
    given = delivery()
    given.put(tmp_path)
    source = tmp_path / FIRST.raw / "Kn_131000123_2504.csv"
    source.write_bytes(text(kana_row(FACILITY)))
    world = archived(tmp_path)
    assert [each.key for each in world.store.list("raw/")] == [FIRST.raw + source.name]
    kept = stored(tmp_path)
    find_work.record(world.store, MONTH, "run-1", NOW)
    checked, _ = judge(world)
    assert (checked.counts["known"], checked.counts["strays"]) == (1, 1)
    assert find_work.run(RUN, world, {}) == []
    source.unlink()
    assert find_work.run(RUN, world, {}) == []
    judge(world)
    assert {key: data for key, data in stored(tmp_path).items() if "runs" not in key} == kept
    document = json.loads(kept[FIRST.verdict])
    assert (document["verdict"], document["problem_counts"]) == (
        "rejected",
        {source.name: {"K00": 1}},
    )
